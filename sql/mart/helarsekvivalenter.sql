-- mart.helarsekvivalenter: hur många hela år som årets deltagare levde på var och en av Finsams tre grupper.
-- Korn: en rad per område, år, era, grupp, värde och kön. Nyckel: allt utom antalen och summan.
-- Definition: deltagandena i mart.deltagare med personuppgifter. Varje persons dagar i kalenderåret, före, under och
-- efter insatsen, gånger omfattningen (derived.spell): dagar av halv ersättning blir hälften så många hela (SCB).
-- Ersättning utan omfattning är hel. Där registret räknar dagar utan att datera dem (fem i veckan) väger perioden så
-- stor del av sina dagar. Det som gäller samtidigt i en grupp läggs ihop, till högst en hel dag per dag.
-- dagpromille_summa: tusendelar av dagar; delat med 365 000 är det helårsekvivalenter, som hos SCB. En persons dagar
-- delas lika på personens deltaganden det året (resten på det första), så att landet räknar var dag en gång.
-- ja: någon dag det året; nej: ingen, och registren täcker alla årets dagar (derived.forsorjningstackning); annars
-- okänt. Kommuner som inte rapporterat och sjuklön prövas inte. Ett ja säger alltså minst så många dagar.
-- Områden: riket och förbund. Tät: noll där ingen är.
with

deltagande as (select * from derived.deltagande),
spell as (select * from derived.spell),
tackning as (select * from derived.forsorjningstackning),
redovisningsar as (select * from derived.redovisningsperiod where kvartal_kod = 'hela_aret'),
komponentkod as (select * from codes.komponent where finsam3_kod is not null),
gruppkod as (select * from codes.hierarkigrupp where hierarki_kod = 'finsam3'),
varde as (select * from codes.varde),
redovisad_kon as (select * from codes.redovisad_kon),
manad as (select * from calendar.manad),

deltagare as (
    select
        redovisningsar.ar,
        deltagande.deltagande_id,
        deltagande.person_id,
        deltagande.forbund_id,
        deltagande.era_kod,
        deltagande.kon_kod,
        count(*) over (partition by deltagande.person_id, redovisningsar.ar) as personens_antal,
        row_number() over (
            partition by deltagande.person_id, redovisningsar.ar order by deltagande.deltagande_id
        ) as personens_nr
    from deltagande
    inner join redovisningsar
        on deltagande.era_kod = redovisningsar.era_kod
        and deltagande.start_datum < redovisningsar.till_datum
        and (deltagande.slut_datum is null or deltagande.slut_datum >= redovisningsar.fran_datum)
    where deltagande.person_id is not null
),

person_ar as (
    select
        deltagare.person_id,
        deltagare.ar,
        manad.manad_datum as forsta_datum,
        cast(manad.manad_datum + interval '1' year as date) as nasta_ar_datum
    from deltagare
    inner join manad on deltagare.ar = manad.ar and manad.manad_nr = 1
    where deltagare.personens_nr = 1
),

forsta_start as (
    select person_id, min(start_datum) as start_datum
    from deltagande
    where person_id is not null
    group by person_id
),

tackt_ar as (
    select person_ar.person_id, person_ar.ar
    from person_ar
    inner join forsta_start on person_ar.person_id = forsta_start.person_id
    inner join tackning
        on (tackning.start_senast_datum is null or forsta_start.start_datum <= tackning.start_senast_datum)
        and tackning.fran_datum < person_ar.nasta_ar_datum
        and person_ar.forsta_datum < tackning.till_datum
    group by person_ar.person_id, person_ar.ar, person_ar.forsta_datum, person_ar.nasta_ar_datum
    having sum(
        least(tackning.till_datum, person_ar.nasta_ar_datum) - greatest(tackning.fran_datum, person_ar.forsta_datum)
    ) = person_ar.nasta_ar_datum - person_ar.forsta_datum
),

period as (
    select
        spell.person_id,
        komponentkod.finsam3_kod as forsorjning_kod,
        spell.fran_datum,
        coalesce(spell.till_datum, cast(spell.uttags_datum + interval '1' day as date)) as till_datum,
        coalesce(spell.omfattning_promille, 1000) as omfattning_promille,
        spell.dagar_antal
    from spell
    inner join komponentkod on spell.komponent_kod = komponentkod.kod
    where spell.omfattning_promille is null or spell.omfattning_promille > 0
),

vagd_period as (
    select
        person_id,
        forsorjning_kod,
        fran_datum,
        till_datum,
        case
            when dagar_antal is null then omfattning_promille
            else cast(
                round(
                    cast(omfattning_promille * least(7 * dagar_antal, 5 * (till_datum - fran_datum)) as double)
                        / (5 * (till_datum - fran_datum))
                ) as bigint
            )
        end as dag_promille
    from period
    where fran_datum < till_datum
),

-- vad som tillkommer och faller bort på en dag; summan dittills är det som gäller till nästa
forandring as (
    select person_id, forsorjning_kod, fran_datum as grans_datum, dag_promille from vagd_period
    union all
    select person_id, forsorjning_kod, till_datum as grans_datum, -dag_promille as dag_promille from vagd_period
),

dagens_forandring as (
    select person_id, forsorjning_kod, grans_datum, sum(dag_promille) as dag_promille
    from forandring
    group by person_id, forsorjning_kod, grans_datum
),

gallande as (
    select
        person_id,
        forsorjning_kod,
        grans_datum as fran_datum,
        lead(grans_datum) over (partition by person_id, forsorjning_kod order by grans_datum) as till_datum,
        least(
            1000,
            sum(dag_promille) over (
                partition by person_id, forsorjning_kod order by grans_datum
                rows between unbounded preceding and current row
            )
        ) as dag_promille
    from dagens_forandring
),

arets_dagar as (
    select
        person_ar.person_id,
        person_ar.ar,
        gallande.forsorjning_kod,
        sum(
            gallande.dag_promille
                * (
                    least(gallande.till_datum, person_ar.nasta_ar_datum)
                        - greatest(gallande.fran_datum, person_ar.forsta_datum)
                )
        ) as dagpromille_antal
    from person_ar
    inner join gallande
        on person_ar.person_id = gallande.person_id
        and gallande.fran_datum < person_ar.nasta_ar_datum
        and person_ar.forsta_datum < gallande.till_datum
    where gallande.dag_promille > 0
    group by person_ar.person_id, person_ar.ar, gallande.forsorjning_kod
),

delad as (
    select
        deltagare.*,
        gruppkod.grupp_kod as forsorjning_kod,
        tackt_ar.person_id is not null as ar_tackt,
        coalesce(arets_dagar.dagpromille_antal, 0) as dagpromille_antal,
        floor(cast(coalesce(arets_dagar.dagpromille_antal, 0) as double) / deltagare.personens_antal) as lika_del
    from deltagare
    cross join gruppkod
    left join arets_dagar
        on deltagare.person_id = arets_dagar.person_id
        and deltagare.ar = arets_dagar.ar
        and gruppkod.grupp_kod = arets_dagar.forsorjning_kod
    left join tackt_ar
        on deltagare.person_id = tackt_ar.person_id
        and deltagare.ar = tackt_ar.ar
),

varde_per_deltagare as (
    select
        ar,
        person_id,
        forbund_id,
        era_kod,
        forsorjning_kod,
        case when dagpromille_antal > 0 then 'ja' when ar_tackt then 'nej' else 'okand' end as varde_kod,
        kon_kod,
        lika_del
            + case when personens_nr = 1 then dagpromille_antal - personens_antal * lika_del else 0 end
            as dagpromille_antal
    from delad
),

varde_i_omrade as (
    select varde_per_deltagare.*, 'riket' as niva_kod, 'riket' as omrade_kod from varde_per_deltagare
    union all
    select varde_per_deltagare.*, 'forbund' as niva_kod, forbund_id as omrade_kod from varde_per_deltagare
),

antal as (
    select
        niva_kod,
        omrade_kod,
        ar,
        era_kod,
        forsorjning_kod,
        varde_kod,
        kon_kod,
        count(*) as deltaganden_antal,
        count(distinct person_id) as personer_antal,
        sum(dagpromille_antal) as dagpromille_summa
    from varde_i_omrade
    group by grouping sets (
        (niva_kod, omrade_kod, ar, era_kod, forsorjning_kod, varde_kod, kon_kod),
        (niva_kod, omrade_kod, ar, era_kod, forsorjning_kod, varde_kod)
    )
),

omrade_ar as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, ar, era_kod from deltagare group by ar, era_kod
    union all
    select 'forbund' as niva_kod, forbund_id as omrade_kod, ar, era_kod from deltagare group by forbund_id, ar, era_kod
),

cell as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.ar,
        omrade_ar.era_kod,
        gruppkod.grupp_kod as forsorjning_kod,
        varde.kod as varde_kod,
        redovisad_kon.kod as kon_kod
    from omrade_ar
    cross join gruppkod
    cross join varde
    cross join redovisad_kon
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.ar,
    cell.era_kod,
    cell.forsorjning_kod,
    cell.varde_kod,
    cell.kon_kod,
    coalesce(antal.deltaganden_antal, 0) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal,
    cast(coalesce(antal.dagpromille_summa, 0) as bigint) as dagpromille_summa
from cell
left join antal
    on cell.niva_kod = antal.niva_kod
    and cell.omrade_kod = antal.omrade_kod
    and cell.ar = antal.ar
    and cell.era_kod = antal.era_kod
    and cell.forsorjning_kod = antal.forsorjning_kod
    and cell.varde_kod = antal.varde_kod
    and cell.kon_kod = coalesce(antal.kon_kod, 'totalt')
order by
    cell.niva_kod,
    cell.omrade_kod,
    cell.ar,
    cell.era_kod,
    cell.forsorjning_kod,
    cell.varde_kod,
    cell.kon_kod
