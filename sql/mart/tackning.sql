-- mart.tackning: how many deltaganden that ended could be followed up at each mätpunkt, and why not the others.
-- Grain: one row per area, year of slutdatum, mätpunkt, observation status and sex. Key: all but the counts.
-- Definition: deltaganden with slutdatum in a year of SUS's delivery; dense: zero where no one is.
-- Areas: riket, and förbund by the insats; a year is there for an area if a deltagande ended in it.
-- personer_antal: distinct persons; a deltagande without identity is one person.
with

deltagande as (select * from derived.deltagande),
status as (select * from derived.status),
leverans as (select * from core.leverans),
matpunktkod as (select * from codes.matpunkt),
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
