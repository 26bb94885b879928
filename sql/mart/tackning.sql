-- mart.tackning: hur många avslutade deltaganden som kunde följas upp vid varje mätpunkt, och varför inte de övriga.
-- Korn: en rad per område, slutår, mätpunkt, observationsstatus och kön. Nyckel: allt utom antalen.
-- Definition: deltaganden i nya SUS med slutdatum i ett år som SUS leverans rymmer; mätpunkter med publiceras_kod J.
-- Områden: riket, och förbund efter insatsen. Ett år finns för ett område om något deltagande slutade där det året,
-- och då finns varje kombination: noll där ingen är.
-- personer_antal: olika personer; ett deltagande utan identitet är en person.
with

deltagande as (select * from derived.deltagande where era_kod = 'nya_sus'),
status as (select * from derived.status),
leverans as (select * from core.leverans),
matpunktkod as (select * from codes.matpunkt where publiceras_kod = 'J'),
observationsstatus as (select * from codes.observationsstatus),
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

avslutat_i_omrade as (
    select deltagande_id, person_id, kon_kod, slut_ar, 'riket' as niva_kod, 'riket' as omrade_kod from avslutat
    union all
    select deltagande_id, person_id, kon_kod, slut_ar, 'forbund' as niva_kod, forbund_id as omrade_kod from avslutat
),

antal as (
    select
        avslutat_i_omrade.niva_kod,
        avslutat_i_omrade.omrade_kod,
        avslutat_i_omrade.slut_ar,
        status.matpunkt_kod,
        status.observationsstatus_kod,
        avslutat_i_omrade.kon_kod,
        count(*) as deltaganden_antal,
        count(distinct avslutat_i_omrade.person_id)
            + count(*) filter (where avslutat_i_omrade.person_id is null) as personer_antal
    from avslutat_i_omrade
    inner join status on avslutat_i_omrade.deltagande_id = status.deltagande_id
    inner join matpunktkod on status.matpunkt_kod = matpunktkod.kod
    group by grouping sets (
        (niva_kod, omrade_kod, slut_ar, matpunkt_kod, observationsstatus_kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, matpunkt_kod, observationsstatus_kod),
        (niva_kod, omrade_kod, slut_ar, matpunkt_kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, matpunkt_kod)
    )
),

omrade_ar as (
    select niva_kod, omrade_kod, slut_ar from avslutat_i_omrade group by niva_kod, omrade_kod, slut_ar
),

cell as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.slut_ar,
        matpunktkod.kod as matpunkt_kod,
        observationsstatus.kod as observationsstatus_kod,
        redovisad_kon.kod as kon_kod
    from omrade_ar
    cross join matpunktkod
    cross join observationsstatus
    cross join redovisad_kon
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.matpunkt_kod,
    cell.observationsstatus_kod,
    cell.kon_kod,
    coalesce(antal.deltaganden_antal, 0) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal
from cell
left join antal
    on cell.niva_kod = antal.niva_kod
    and cell.omrade_kod = antal.omrade_kod
    and cell.slut_ar = antal.slut_ar
    and cell.matpunkt_kod = antal.matpunkt_kod
    and cell.observationsstatus_kod = coalesce(antal.observationsstatus_kod, 'totalt')
    and cell.kon_kod = coalesce(antal.kon_kod, 'totalt')
order by
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.matpunkt_kod,
    cell.observationsstatus_kod,
    cell.kon_kod
