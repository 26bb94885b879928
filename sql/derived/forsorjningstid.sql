-- derived.forsorjningstid: sammanhängande tider i offentlig försörjning.
-- Korn: en rad per person och tid. Nyckel: (person_id, fran_datum). Tiderna överlappar och möter inte varandra.
-- Definition: perioderna i derived.spell för komponenter med offentlig_kod J, alla källor; perioder som överlappar
-- eller avlöser varandra är en tid, också mellan register.
-- Vecko- och månadsperioder täcker alla sina dagar. En period med omfattning 0 (vilande) ger ingen tid.
-- En öppen period räknas till och med sitt uttagsdatum: längre vet ingen, och inget slut hittas på.
with

spell as (select * from derived.spell),
komponentkod as (select * from codes.komponent where offentlig_kod = 'J'),

offentlig_spell as (
    select
        spell.person_id,
        spell.fran_datum,
        max(coalesce(spell.till_datum, cast(spell.uttags_datum + interval '1' day as date))) as till_datum
    from spell
    inner join komponentkod on spell.komponent_kod = komponentkod.kod
    where (spell.omfattning_promille is null or spell.omfattning_promille > 0)
        and spell.fran_datum < coalesce(spell.till_datum, cast(spell.uttags_datum + interval '1' day as date))
    group by spell.person_id, spell.fran_datum
),

spell_efter_forra as (
    select
        *,
        max(till_datum) over (
            partition by person_id
            order by fran_datum
            rows between unbounded preceding and 1 preceding
        ) as forra_till_datum
    from offentlig_spell
),

spell_i_ordning as (
    select
        *,
        sum(case when fran_datum <= forra_till_datum then 0 else 1 end) over (
            partition by person_id
            order by fran_datum
            rows between unbounded preceding and current row
        ) as tid_nr
    from spell_efter_forra
)

select
    person_id,
    min(fran_datum) as fran_datum,
    max(till_datum) as till_datum
from spell_i_ordning
group by person_id, tid_nr
order by person_id, fran_datum
