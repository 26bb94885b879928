-- derived.spell_arbete: months with pay from work.
-- Grain: one row per person and month of payment (per extraction). Key: (person_id, komponent_kod, spell_nr).
-- Definition: field 011 over all employers is at least codes.komponent.belopp_minst_antal kronor (SCB: over 99).
-- Field 131 holds taxable benefits and is not work. The same key sent again replaces the row, borttag removes it.
-- The month is the month of payment, which is not always the month worked; AGI has no extent.
with

agi as (select * from core.agi),
person as (select * from derived.person),
komponentkod as (select * from codes.komponent),
manad as (select * from calendar.manad),

uppgift_i_ordning as (
    select
        *,
        row_number() over (
            partition by arbetsgivare_pseudonym, pseudonym, manad, specifikation_nr, uttags_datum
            order by fil_namn desc, rad_nr desc
        ) as senast_nr
    from agi
),

gallande_uppgift as (
    select pseudonym, manad, uttags_datum, ersattning_arbete_antal
    from uppgift_i_ordning
    where senast_nr = 1 and borttag_nr is null
),

lonemanad as (
    select
        person.person_id,
        manad.manad_datum,
        manad.nasta_manad_datum,
        gallande_uppgift.uttags_datum,
        sum(coalesce(gallande_uppgift.ersattning_arbete_antal, 0)) as ersattning_antal
    from gallande_uppgift
    inner join manad on gallande_uppgift.manad = manad.manad_datum
    inner join person
        on gallande_uppgift.pseudonym = person.pseudonym
        and (person.fran_datum is null or person.fran_datum <= manad.manad_datum)
        and (person.till_datum is null or manad.manad_datum < person.till_datum)
    group by person.person_id, manad.manad_datum, manad.nasta_manad_datum, gallande_uppgift.uttags_datum
)

select
    lonemanad.person_id,
    'arbete' as komponent_kod,
    cast(
        row_number() over (
            partition by lonemanad.person_id
            order by lonemanad.manad_datum, lonemanad.uttags_datum
        ) as integer
    ) as spell_nr,
    lonemanad.manad_datum as fran_datum,
    lonemanad.nasta_manad_datum as till_datum,
    cast(null as integer) as omfattning_promille,
    'manad' as kornighet_kod,
    'agi' as kalla,
    lonemanad.uttags_datum
from lonemanad
inner join komponentkod on komponentkod.kod = 'arbete'
where lonemanad.ersattning_antal >= komponentkod.belopp_minst_antal
order by person_id, komponent_kod, spell_nr
