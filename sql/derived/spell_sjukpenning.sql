-- derived.spell_sjukpenning: betalda perioder med sjukpenning och rehabiliteringspenning.
-- Korn: en rad per levererad period. Nyckel: (person_id, komponent_kod, spell_nr).
-- Definition: Försäkringskassans utbetalda perioder; levererat slut till och med blir halvöppet, ett öppet slut
-- förblir öppet. Omfattningen är levererad procent i promille.
-- Perioder som överlappar står kvar bredvid varandra: omfattningarna läggs ihop först där de läses.
-- Arbetsgivarens sjuklön syns inte här: en anställds första dagar som sjuk finns inte hos Försäkringskassan.
-- Perioden hör till den som hade numret på periodens första dag.
with

fk_sjukpenning as (select * from core.fk_sjukpenning),
person as (select * from derived.person),

period as (
    select
        person.person_id,
        case fk_sjukpenning.forman_kod
            when 'SP' then 'sjukpenning'
            when 'RP' then 'rehabiliteringspenning'
        end as komponent_kod,
        fk_sjukpenning.fran_datum,
        cast(fk_sjukpenning.till_datum + interval '1' day as date) as till_datum,
        fk_sjukpenning.omfattning_procent * 10 as omfattning_promille,
        fk_sjukpenning.uttags_datum,
        fk_sjukpenning.fil_namn,
        fk_sjukpenning.rad_nr
    from fk_sjukpenning
    inner join person
        on fk_sjukpenning.pseudonym = person.pseudonym
        and (person.fran_datum is null or person.fran_datum <= fk_sjukpenning.fran_datum)
        and (person.till_datum is null or fk_sjukpenning.fran_datum < person.till_datum)
)

select
    person_id,
    komponent_kod,
    cast(
        row_number() over (
            partition by person_id, komponent_kod
            order by fran_datum, till_datum nulls last, omfattning_promille, uttags_datum, fil_namn, rad_nr
        ) as integer
    ) as spell_nr,
    fran_datum,
    till_datum,
    omfattning_promille,
    cast(null as integer) as dagar_antal,
    'dag' as kornighet_kod,
    'fk_sjukpenning' as kalla,
    uttags_datum
from period
order by person_id, komponent_kod, spell_nr
