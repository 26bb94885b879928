-- derived.sjukfall: sammanhängande tid med sjukpenning eller rehabiliteringspenning.
-- Korn: en rad per person, sjukfall och uttag. Nyckel: (person_id, sjukfall_nr).
-- Definition: en period som börjar mindre än fem dagar efter det senaste slutet hittills hör till samma sjukfall
-- (socialförsäkringsbalken 27 kap. 32 §); fem dagar eller mer mellan dem börjar ett nytt. Båda förmånerna räknas ihop.
-- till_datum är tomt där en öppen period ingår. Den öppna perioden räknas till och med uttagsdatum, i alla dagantal.
-- brutto_dagar_antal: dagar som någon period täcker, varje dag en gång; uppehåll räknas inte.
-- netto_dagar_promille: varje periods dagar gånger dess omfattning, i tusendelar; perioder som överlappar läggs ihop.
-- sjuklon_dagar_antal: så många dagar före fran_datum som arbetsgivaren kan ha betalt sjuklön (codes.sjukloneperiod den
-- dagen). För en anställd började sjukdomen då, men de dagarna finns inte hos Försäkringskassan och läggs inte till.
with

spell as (
    select * from derived.spell where komponent_kod in ('sjukpenning', 'rehabiliteringspenning')
),

sjukloneperiod as (select * from codes.sjukloneperiod),

period as (
    select
        person_id,
        uttags_datum,
        komponent_kod,
        spell_nr,
        fran_datum,
        till_datum,
        greatest(
            fran_datum,
            coalesce(till_datum, cast(uttags_datum + interval '1' day as date))
        ) as raknad_till_datum,
        omfattning_promille
    from spell
),

period_i_ordning as (
    select
        *,
        max(raknad_till_datum) over (
            partition by person_id, uttags_datum
            order by fran_datum, komponent_kod, spell_nr
            rows between unbounded preceding and 1 preceding
        ) as nadd_till_datum
    from period
),

numrerad_period as (
    select
        *,
        sum(case when fran_datum - nadd_till_datum < 5 then 0 else 1 end) over (
            partition by person_id, uttags_datum
            order by fran_datum, komponent_kod, spell_nr
            rows between unbounded preceding and current row
        ) as fall_nr
    from period_i_ordning
),

fall as (
    select
        person_id,
        uttags_datum,
        fall_nr,
        min(fran_datum) as fran_datum,
        case when count(*) = count(till_datum) then max(till_datum) end as till_datum,
        sum(
            greatest(raknad_till_datum - greatest(fran_datum, coalesce(nadd_till_datum, fran_datum)), 0)
        ) as brutto_dagar_antal,
        sum(cast(raknad_till_datum - fran_datum as bigint) * omfattning_promille) as netto_dagar_promille
    from numrerad_period
    group by person_id, uttags_datum, fall_nr
)

select
    fall.person_id,
    cast(
        row_number() over (
            partition by fall.person_id
            order by fall.fran_datum, fall.uttags_datum
        ) as integer
    ) as sjukfall_nr,
    fall.fran_datum,
    fall.till_datum,
    cast(fall.brutto_dagar_antal as integer) as brutto_dagar_antal,
    cast(fall.netto_dagar_promille as bigint) as netto_dagar_promille,
    sjukloneperiod.dagar_antal as sjuklon_dagar_antal,
    fall.uttags_datum
from fall
inner join sjukloneperiod
    on (sjukloneperiod.giltig_fran_datum is null or sjukloneperiod.giltig_fran_datum <= fall.fran_datum)
    and (sjukloneperiod.giltig_till_datum is null or fall.fran_datum <= sjukloneperiod.giltig_till_datum)
order by fall.person_id, sjukfall_nr
