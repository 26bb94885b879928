-- derived.spell_studiemedel: perioder med studiestöd från CSN.
-- Korn: en rad per person, period, omfattning och uttag. Nyckel: (person_id, komponent_kod, spell_nr).
-- Definition: dagarna som levererade; CSN beviljar veckor, men perioden är daterad. Slut till och med blir halvöppet.
-- Alla stödformer är studiemedel, också studiehjälp, studiestartsstöd och omställningsstudiestöd.
-- Flera stödformer med samma dagar och samma omfattning är en period: bidrag och lån för samma studier läggs inte ihop
-- till dubbel omfattning. Andra dagar eller en annan omfattning är en egen period.
-- Ett återkrav i efterhand ändrar inget: stödet är betalt för de dagarna.
-- Perioden hör till den som hade numret på periodens första dag.
with

csn_studiemedel as (select * from core.csn_studiemedel),
person as (select * from derived.person),

studieperiod as (
    select
        person.person_id,
        csn_studiemedel.fran_datum,
        cast(csn_studiemedel.till_datum + interval '1' day as date) as till_datum,
        csn_studiemedel.omfattning_procent * 10 as omfattning_promille,
        csn_studiemedel.uttags_datum
    from csn_studiemedel
    inner join person
        on csn_studiemedel.pseudonym = person.pseudonym
        and (person.fran_datum is null or person.fran_datum <= csn_studiemedel.fran_datum)
        and (person.till_datum is null or csn_studiemedel.fran_datum < person.till_datum)
    group by
        person.person_id,
        csn_studiemedel.fran_datum,
        csn_studiemedel.till_datum,
        csn_studiemedel.omfattning_procent,
        csn_studiemedel.uttags_datum
)

select
    person_id,
    'studiemedel' as komponent_kod,
    cast(
        row_number() over (
            partition by person_id
            order by fran_datum, till_datum, omfattning_promille, uttags_datum
        ) as integer
    ) as spell_nr,
    fran_datum,
    till_datum,
    omfattning_promille,
    cast(null as integer) as dagar_antal,
    'dag' as kornighet_kod,
    'csn_studiemedel' as kalla,
    uttags_datum
from studieperiod
order by person_id, komponent_kod, spell_nr
