-- mart.overensstammelse: SUS uppgift om försörjningen ställd mot registrens, och SUS egen bredvid.
-- Korn: en rad per slutår, era, mätpunkt, komponent, värde i SUS, värde i registren och kön. Bara riket.
-- Nyckel: allt utom antalen.
-- Definition: avslutade deltaganden (mart.tackning, totalt) efter derived.overensstammelse: sus_kod är SUS kryss,
-- register_kod registren veckan före intag och veckan efter avslut; okand också där deltagandet inte är observerat då.
-- ja och ja: båda; ja och nej: bara SUS; nej och ja: bara registren; nej och nej: ingen; annars okänt i någotdera.
-- SUS egen redovisning är raderna med register_kod totalt: av alla avslutade, hur många som hade källan kryssad.
-- Mätpunkter: intag och avslut, som båda systemen frågade om. Komponenter: de som erans SUS hade en ruta för.
-- Ett år finns för en era om något deltagande slutade det året, och då finns varje kombination: noll där ingen är.
-- personer_antal: olika personer; ett deltagande utan identitet är en person.
with

deltagande as (select * from derived.deltagande),
overensstammelse as (
    select * from derived.overensstammelse where matpunkt_kod in ('intag', 'avslut')
),
sus_forsorjning as (select * from derived.sus_forsorjning),
leverans as (select * from core.leverans),
matpunktkod as (select * from codes.matpunkt where kod in ('intag', 'avslut')),
redovisat_varde as (select * from codes.redovisat_varde),
redovisad_kon as (select * from codes.redovisad_kon),

sus_period as (
    select
        case tabell_namn when 'sus1_deltagare' then 'sus1' else 'nya_sus' end as era_kod,
        min(extract(year from period_fran_datum)) as forsta_ar,
        max(extract(year from least(cast(period_till_datum - interval '1' day as date), uttags_datum))) as sista_ar
    from leverans
    where tabell_namn in ('sus1_deltagare', 'sus_deltagande')
    group by tabell_namn
),

avslutat as (
    select
        deltagande.deltagande_id,
        deltagande.person_id,
        deltagande.kon_kod,
        deltagande.era_kod,
        cast(extract(year from deltagande.slut_datum) as integer) as slut_ar
    from deltagande
    inner join sus_period
        on deltagande.era_kod = sus_period.era_kod
        and extract(year from deltagande.slut_datum) >= sus_period.forsta_ar
        and extract(year from deltagande.slut_datum) <= sus_period.sista_ar
),

uppgift as (
    select
        avslutat.slut_ar,
        avslutat.era_kod,
        overensstammelse.matpunkt_kod,
        overensstammelse.komponent_kod,
        overensstammelse.sus_kod,
        overensstammelse.register_kod,
        avslutat.kon_kod,
        avslutat.person_id
    from avslutat
    inner join overensstammelse on avslutat.deltagande_id = overensstammelse.deltagande_id
),

antal as (
    select
        slut_ar,
        era_kod,
        matpunkt_kod,
        komponent_kod,
        coalesce(sus_kod, 'totalt') as sus_kod,
        coalesce(register_kod, 'totalt') as register_kod,
        coalesce(kon_kod, 'totalt') as kon_kod,
        count(*) as deltaganden_antal,
        count(distinct person_id) + count(*) filter (where person_id is null) as personer_antal
    from uppgift
    group by grouping sets (
        (slut_ar, era_kod, matpunkt_kod, komponent_kod, sus_kod, register_kod, kon_kod),
        (slut_ar, era_kod, matpunkt_kod, komponent_kod, sus_kod, register_kod),
        (slut_ar, era_kod, matpunkt_kod, komponent_kod, sus_kod, kon_kod),
        (slut_ar, era_kod, matpunkt_kod, komponent_kod, sus_kod),
        (slut_ar, era_kod, matpunkt_kod, komponent_kod, register_kod, kon_kod),
        (slut_ar, era_kod, matpunkt_kod, komponent_kod, register_kod),
        (slut_ar, era_kod, matpunkt_kod, komponent_kod, kon_kod),
        (slut_ar, era_kod, matpunkt_kod, komponent_kod)
    )
),

era_ar as (
    select slut_ar, era_kod from avslutat group by slut_ar, era_kod
),

era_komponent as (
    select era_kod, komponent_kod from sus_forsorjning group by era_kod, komponent_kod
),

cell as (
    select
        era_ar.slut_ar,
        era_ar.era_kod,
        matpunktkod.kod as matpunkt_kod,
        era_komponent.komponent_kod,
        sus_varde.kod as sus_kod,
        register_varde.kod as register_kod,
        redovisad_kon.kod as kon_kod
    from era_ar
    inner join era_komponent on era_ar.era_kod = era_komponent.era_kod
    cross join matpunktkod
    cross join redovisat_varde as sus_varde
    cross join redovisat_varde as register_varde
    cross join redovisad_kon
)

select
    'riket' as niva_kod,
    'riket' as omrade_kod,
    cell.slut_ar,
    cell.era_kod,
    cell.matpunkt_kod,
    cell.komponent_kod,
    cell.sus_kod,
    cell.register_kod,
    cell.kon_kod,
    coalesce(antal.deltaganden_antal, 0) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal
from cell
left join antal
    on cell.slut_ar = antal.slut_ar
    and cell.era_kod = antal.era_kod
    and cell.matpunkt_kod = antal.matpunkt_kod
    and cell.komponent_kod = antal.komponent_kod
    and cell.sus_kod = antal.sus_kod
    and cell.register_kod = antal.register_kod
    and cell.kon_kod = antal.kon_kod
order by
    cell.slut_ar,
    cell.era_kod,
    cell.matpunkt_kod,
    cell.komponent_kod,
    cell.sus_kod,
    cell.register_kod,
    cell.kon_kod
