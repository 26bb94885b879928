-- mart.forsorjning: vad de observerade av de avslutade deltagandena levde på vid varje mätpunkt, enligt registren.
-- Korn: en rad per område, slutår, mätpunkt, indelning, försörjning, värde och kön. Nyckel: allt utom antalen.
-- Definition: deltagandena i mart.tackning med status observerad; en försörjnings värden summerar till dem.
-- Bara nya SUS, och bara mätpunkter med publiceras_kod J. Finsams tre grupper (derived.hierarki, finsam3) för riket och
-- förbund; varje komponent i codes.forsorjning bara för riket. Tät som mart.tackning: noll där ingen är.
-- personer_antal: olika personer; en person kan stå under flera värden genom flera deltaganden.
with

deltagande as (select * from derived.deltagande where era_kod = 'nya_sus'),
status as (select * from derived.status),
hierarki as (select * from derived.hierarki where hierarki_kod = 'finsam3'),
komponent as (select * from derived.komponent),
leverans as (select * from core.leverans),
matpunktkod as (select * from codes.matpunkt where publiceras_kod = 'J'),
forsorjningskod as (select * from codes.forsorjning),
niva as (select * from codes.niva),
varde as (select * from codes.varde),
redovisad_kon as (select * from codes.redovisad_kon),

sus_period as (
    select
        min(extract(year from period_fran_datum)) as forsta_ar,
        max(extract(year from least(cast(period_till_datum - interval '1' day as date), uttags_datum))) as sista_ar
    from leverans
    where tabell_namn = 'sus_deltagande'
),

avslutat as (
    select
        deltagande.deltagande_id,
        deltagande.person_id,
        deltagande.forbund_id,
        deltagande.kon_kod,
        cast(extract(year from deltagande.slut_datum) as integer) as slut_ar
    from deltagande
    cross join sus_period
    where extract(year from deltagande.slut_datum) >= sus_period.forsta_ar
        and extract(year from deltagande.slut_datum) <= sus_period.sista_ar
),

observerad_status as (
    select status.deltagande_id, status.matpunkt_kod
    from status
    inner join matpunktkod on status.matpunkt_kod = matpunktkod.kod
    where status.observationsstatus_kod = 'observerad'
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

varde_i_omrade as (
    select
        avslutat.person_id,
        avslutat.kon_kod,
        avslutat.slut_ar,
        niva.kod as niva_kod,
        case niva.kod when 'riket' then 'riket' else avslutat.forbund_id end as omrade_kod,
        varde_per_deltagande.matpunkt_kod,
        varde_per_deltagande.indelning_kod,
        varde_per_deltagande.forsorjning_kod,
        varde_per_deltagande.varde_kod
    from avslutat
    inner join varde_per_deltagande on avslutat.deltagande_id = varde_per_deltagande.deltagande_id
    inner join niva on niva.kod = 'riket' or varde_per_deltagande.indelning_kod = 'finsam3'
),

antal as (
    select
        niva_kod,
        omrade_kod,
        slut_ar,
        matpunkt_kod,
        indelning_kod,
        forsorjning_kod,
        varde_kod,
        kon_kod,
        count(*) as deltaganden_antal,
        count(distinct person_id) as personer_antal
    from varde_i_omrade
    group by grouping sets (
        (niva_kod, omrade_kod, slut_ar, matpunkt_kod, indelning_kod, forsorjning_kod, varde_kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, matpunkt_kod, indelning_kod, forsorjning_kod, varde_kod)
    )
),

omrade_ar as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, slut_ar from avslutat group by slut_ar
    union all
    select 'forbund' as niva_kod, forbund_id as omrade_kod, slut_ar from avslutat group by forbund_id, slut_ar
),

cell as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.slut_ar,
        matpunktkod.kod as matpunkt_kod,
        forsorjningskod.indelning_kod,
        forsorjningskod.kod as forsorjning_kod,
        varde.kod as varde_kod,
        redovisad_kon.kod as kon_kod
    from omrade_ar
    inner join forsorjningskod
        on omrade_ar.niva_kod = 'riket' or forsorjningskod.indelning_kod = 'finsam3'
    cross join matpunktkod
    cross join varde
    cross join redovisad_kon
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.matpunkt_kod,
    cell.indelning_kod,
    cell.forsorjning_kod,
    cell.varde_kod,
    cell.kon_kod,
    coalesce(antal.deltaganden_antal, 0) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal
from cell
left join antal
    on cell.niva_kod = antal.niva_kod
    and cell.omrade_kod = antal.omrade_kod
    and cell.slut_ar = antal.slut_ar
    and cell.matpunkt_kod = antal.matpunkt_kod
    and cell.indelning_kod = antal.indelning_kod
    and cell.forsorjning_kod = antal.forsorjning_kod
    and cell.varde_kod = antal.varde_kod
    and cell.kon_kod = coalesce(antal.kon_kod, 'totalt')
order by
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.matpunkt_kod,
    cell.indelning_kod,
    cell.forsorjning_kod,
    cell.varde_kod,
    cell.kon_kod
