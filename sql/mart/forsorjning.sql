-- mart.forsorjning: vad de observerade av de avslutade deltagandena levde på vid varje mätpunkt, enligt registren.
-- Korn: en rad per område, slutår, kvartal, era, mätpunkt, indelning, försörjning, värde och kön. Nyckel: allt utom
-- antalen.
-- Definition: deltagandena i mart.tackning med status observerad, i samma områden, år, kvartal och eror; en
-- försörjnings värden summerar till dem. Också första SUS följs upp i registren; dit de inte når är svaret okänt.
-- Bara mätpunkter med publiceras_kod J. Finsams tre grupper (derived.hierarki, finsam3) för alla områden, för riket
-- också per kvartal; varje komponent i codes.forsorjning bara för riket och hela året. Tät som mart.tackning.
-- personer_antal: olika personer; en person kan stå under flera värden genom flera deltaganden.
with

avslutat as (select * from derived.avslutat),
status as (select * from derived.status where observationsstatus_kod = 'observerad'),
hierarki as (select * from derived.hierarki where hierarki_kod = 'finsam3'),
komponent as (select * from derived.komponent),
kvartal as (select * from codes.kvartal),
matpunktkod as (select * from codes.matpunkt where publiceras_kod = 'J'),
forsorjningskod as (select * from codes.forsorjning),
varde as (select * from codes.varde),
redovisad_kon as (select * from codes.redovisad_kon),

observerad_status as (
    select status.deltagande_id, status.matpunkt_kod
    from status
    inner join matpunktkod on status.matpunkt_kod = matpunktkod.kod
),

varde_per_deltagande as (
    select
        hierarki.deltagande_id,
        hierarki.matpunkt_kod,
        'finsam3' as indelning_kod,
        hierarki.grupp_kod as forsorjning_kod,
        hierarki.varde_kod
    from hierarki
    inner join observerad_status
        on hierarki.deltagande_id = observerad_status.deltagande_id
        and hierarki.matpunkt_kod = observerad_status.matpunkt_kod
    union all
    select
        komponent.deltagande_id,
        komponent.matpunkt_kod,
        'komponent' as indelning_kod,
        komponent.komponent_kod as forsorjning_kod,
        komponent.varde_kod
    from komponent
    inner join observerad_status
        on komponent.deltagande_id = observerad_status.deltagande_id
        and komponent.matpunkt_kod = observerad_status.matpunkt_kod
    inner join forsorjningskod
        on komponent.komponent_kod = forsorjningskod.kod
        and forsorjningskod.indelning_kod = 'komponent'
),

redovisat_kon as (
    select kod as kon_kod, kod as redovisad_kod from redovisad_kon where kod <> 'totalt'
    union all
    select kod as kon_kod, 'totalt' as redovisad_kod from redovisad_kon where kod <> 'totalt'
),

-- en rad per person i varje cell: det är snabbare än att räkna olika personer
person_i_cell as (
    select
        avslutat.niva_kod,
        avslutat.omrade_kod,
        avslutat.slut_ar,
        avslutat.kvartal_kod,
        avslutat.era_kod,
        varde_per_deltagande.matpunkt_kod,
        varde_per_deltagande.indelning_kod,
        varde_per_deltagande.forsorjning_kod,
        varde_per_deltagande.varde_kod,
        redovisat_kon.redovisad_kod as kon_kod,
        avslutat.person_id,
        count(*) as deltaganden_antal
    from avslutat
    inner join varde_per_deltagande
        on avslutat.deltagande_id = varde_per_deltagande.deltagande_id
        and (
            varde_per_deltagande.indelning_kod = 'finsam3'
            or (avslutat.niva_kod = 'riket' and avslutat.kvartal_kod = 'hela_aret')
        )
    inner join redovisat_kon on avslutat.kon_kod = redovisat_kon.kon_kod
    group by
        avslutat.niva_kod,
        avslutat.omrade_kod,
        avslutat.slut_ar,
        avslutat.kvartal_kod,
        avslutat.era_kod,
        varde_per_deltagande.matpunkt_kod,
        varde_per_deltagande.indelning_kod,
        varde_per_deltagande.forsorjning_kod,
        varde_per_deltagande.varde_kod,
        redovisat_kon.redovisad_kod,
        avslutat.person_id
),

antal as (
    select
        niva_kod,
        omrade_kod,
        slut_ar,
        kvartal_kod,
        era_kod,
        matpunkt_kod,
        indelning_kod,
        forsorjning_kod,
        varde_kod,
        kon_kod,
        sum(deltaganden_antal) as deltaganden_antal,
        count(*) as personer_antal
    from person_i_cell
    group by
        niva_kod,
        omrade_kod,
        slut_ar,
        kvartal_kod,
        era_kod,
        matpunkt_kod,
        indelning_kod,
        forsorjning_kod,
        varde_kod,
        kon_kod
),

omrade_ar as (
    select niva_kod, omrade_kod, slut_ar, era_kod
    from avslutat
    group by niva_kod, omrade_kod, slut_ar, era_kod
),

cell as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.slut_ar,
        kvartal.kod as kvartal_kod,
        omrade_ar.era_kod,
        matpunktkod.kod as matpunkt_kod,
        forsorjningskod.indelning_kod,
        forsorjningskod.kod as forsorjning_kod,
        varde.kod as varde_kod,
        redovisad_kon.kod as kon_kod
    from omrade_ar
    inner join kvartal on omrade_ar.niva_kod = 'riket' or kvartal.kod = 'hela_aret'
    inner join forsorjningskod
        on forsorjningskod.indelning_kod = 'finsam3'
        or (omrade_ar.niva_kod = 'riket' and kvartal.kod = 'hela_aret')
    cross join matpunktkod
    cross join varde
    cross join redovisad_kon
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.kvartal_kod,
    cell.era_kod,
    cell.matpunkt_kod,
    cell.indelning_kod,
    cell.forsorjning_kod,
    cell.varde_kod,
    cell.kon_kod,
    cast(coalesce(antal.deltaganden_antal, 0) as bigint) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal
from cell
left join antal
    on cell.niva_kod = antal.niva_kod
    and cell.omrade_kod = antal.omrade_kod
    and cell.slut_ar = antal.slut_ar
    and cell.kvartal_kod = antal.kvartal_kod
    and cell.era_kod = antal.era_kod
    and cell.matpunkt_kod = antal.matpunkt_kod
    and cell.indelning_kod = antal.indelning_kod
    and cell.forsorjning_kod = antal.forsorjning_kod
    and cell.varde_kod = antal.varde_kod
    and cell.kon_kod = antal.kon_kod
order by
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.kvartal_kod,
    cell.era_kod,
    cell.matpunkt_kod,
    cell.indelning_kod,
    cell.forsorjning_kod,
    cell.varde_kod,
    cell.kon_kod
