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

avslutat as (select * from derived.avslutat where niva_kod = 'riket' and kvartal_kod = 'hela_aret'),
overensstammelse as (
    select * from derived.overensstammelse where matpunkt_kod in ('intag', 'avslut')
),
sus_forsorjning as (select * from derived.sus_forsorjning),
matpunktkod as (select * from codes.matpunkt where kod in ('intag', 'avslut')),
redovisat_varde as (select * from codes.redovisat_varde),
redovisad_kon as (select * from codes.redovisad_kon),

-- bara den som har flera deltaganden ett år kan räknas två gånger; var och en av de andra är en person
flera_deltaganden as (
    select slut_ar, era_kod, person_id
    from avslutat
    where person_id is not null
    group by slut_ar, era_kod, person_id
    having count(*) > 1
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
        flera_deltaganden.person_id,
        count(*) as deltaganden_antal
    from avslutat
    inner join overensstammelse on avslutat.deltagande_id = overensstammelse.deltagande_id
    left join flera_deltaganden
        on avslutat.slut_ar = flera_deltaganden.slut_ar
        and avslutat.era_kod = flera_deltaganden.era_kod
        and avslutat.person_id = flera_deltaganden.person_id
    group by
        avslutat.slut_ar,
        avslutat.era_kod,
        overensstammelse.matpunkt_kod,
        overensstammelse.komponent_kod,
        overensstammelse.sus_kod,
        overensstammelse.register_kod,
        avslutat.kon_kod,
        flera_deltaganden.person_id
),

-- varje kod, som den är och som den ingår i totalen
redovisat as (
    select kod as varde_kod, kod as redovisad_kod from redovisat_varde where kod <> 'totalt'
    union all
    select kod as varde_kod, 'totalt' as redovisad_kod from redovisat_varde where kod <> 'totalt'
),

redovisat_kon as (
    select kod as kon_kod, kod as redovisad_kod from redovisad_kon where kod <> 'totalt'
    union all
    select kod as kon_kod, 'totalt' as redovisad_kod from redovisad_kon where kod <> 'totalt'
),

person_i_cell as (
    select
        uppgift.slut_ar,
        uppgift.era_kod,
        uppgift.matpunkt_kod,
        uppgift.komponent_kod,
        sus_varde.redovisad_kod as sus_kod,
        register_varde.redovisad_kod as register_kod,
        redovisat_kon.redovisad_kod as kon_kod,
        uppgift.person_id,
        sum(uppgift.deltaganden_antal) as deltaganden_antal
    from uppgift
    inner join redovisat as sus_varde on uppgift.sus_kod = sus_varde.varde_kod
    inner join redovisat as register_varde on uppgift.register_kod = register_varde.varde_kod
    inner join redovisat_kon on uppgift.kon_kod = redovisat_kon.kon_kod
    group by
        uppgift.slut_ar,
        uppgift.era_kod,
        uppgift.matpunkt_kod,
        uppgift.komponent_kod,
        sus_varde.redovisad_kod,
        register_varde.redovisad_kod,
        redovisat_kon.redovisad_kod,
        uppgift.person_id
),

antal as (
    select
        slut_ar,
        era_kod,
        matpunkt_kod,
        komponent_kod,
        sus_kod,
        register_kod,
        kon_kod,
        sum(deltaganden_antal) as deltaganden_antal,
        sum(case when person_id is null then deltaganden_antal else 1 end) as personer_antal
    from person_i_cell
    group by slut_ar, era_kod, matpunkt_kod, komponent_kod, sus_kod, register_kod, kon_kod
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
    cast(coalesce(antal.deltaganden_antal, 0) as bigint) as deltaganden_antal,
    cast(coalesce(antal.personer_antal, 0) as bigint) as personer_antal
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
