-- derived.spell_sjukersattning: beslutade perioder med sjukersättning och aktivitetsersättning.
-- Korn: en rad per levererad period. Nyckel: (person_id, komponent_kod, spell_nr).
-- Definition: Försäkringskassans beslut; levererat slut till och med blir halvöppet, ett öppet slut förblir öppet.
-- Omfattningen läses ur codes.fk_grad: gradens kod står inte i storleksordning (02 är hälften, 03 tre fjärdedelar).
-- Vilande ersättning är rätten utan pengarna: perioden finns kvar med omfattningen 0 och är ingen försörjning.
-- Två grader samtidigt är två perioder; omfattningarna läggs ihop först där de läses.
-- Perioden hör till den som hade numret på periodens första dag.
with

fk_sjukersattning as (select * from core.fk_sjukersattning),
person as (select * from derived.person),
fk_grad as (select * from codes.fk_grad),

period as (
    select
        person.person_id,
        case fk_sjukersattning.forman_kod
            when 'SE' then 'sjukersattning'
            when 'AE' then 'aktivitetsersattning'
        end as komponent_kod,
        fk_sjukersattning.fran_datum,
        cast(fk_sjukersattning.till_datum + interval '1' day as date) as till_datum,
        case fk_sjukersattning.vilande_kod when 'J' then 0 else fk_grad.omfattning_promille end
            as omfattning_promille,
        fk_sjukersattning.uttags_datum,
        fk_sjukersattning.fil_namn,
        fk_sjukersattning.rad_nr
    from fk_sjukersattning
    inner join fk_grad on fk_sjukersattning.grad_kod = fk_grad.kod
    inner join person
        on fk_sjukersattning.pseudonym = person.pseudonym
        and (person.fran_datum is null or person.fran_datum <= fk_sjukersattning.fran_datum)
        and (person.till_datum is null or fk_sjukersattning.fran_datum < person.till_datum)
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
    'fk_sjukersattning' as kalla,
    uttags_datum
from period
order by person_id, komponent_kod, spell_nr
