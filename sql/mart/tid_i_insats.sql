-- mart.tid_i_insats: hur länge de avslutade deltagandena varade.
-- Korn: en rad per område, slutår, kvartal, era, tidsmått, tid och kön. Nyckel: allt utom antalen och summan.
-- Definition: deltagandena i mart.tackning (totalt), med och utan person. Dagarna räknas från startdatum till och med
-- slutdatum, så att den som slutade samma dag var där en dag; uppehåll dras inte av.
-- Tiderna står i codes.tid_i_insats: tidsmåttet insats har en enda (alla, för medelvärdet), insats_intervall fem; varje
-- tidsmåtts tider summerar till de avslutade.
-- dagar_summa: radens deltagandens dagar. Ett deltagande och inte en person är enheten: samma person kan stå i flera
-- tider. Områden: riket (kvartal bara där), län (okand där det inte är känt) och förbund. Tät som mart.tackning.
with

deltagande as (select * from derived.deltagande),
leverans as (select * from core.leverans),
tid as (select * from codes.tid_i_insats),
kvartal as (select * from codes.kvartal),
redovisad_kon as (select * from codes.redovisad_kon),

sus_period as (
    select
        case tabell_namn when 'sus_deltagande' then 'nya_sus' else 'sus1' end as era_kod,
        min(extract(year from period_fran_datum)) as forsta_ar,
        max(extract(year from least(cast(period_till_datum - interval '1' day as date), uttags_datum))) as sista_ar
    from leverans
    where tabell_namn in ('sus_deltagande', 'sus1_deltagare')
    group by tabell_namn
),

avslutat as (
    select
        deltagande.person_id,
        deltagande.forbund_id,
        coalesce(deltagande.lans_kod, 'okand') as lans_kod,
        deltagande.kon_kod,
        deltagande.era_kod,
        cast(extract(year from deltagande.slut_datum) as integer) as slut_ar,
        'K' || cast(extract(quarter from deltagande.slut_datum) as varchar) as slut_kvartal_kod,
        deltagande.slut_datum - deltagande.start_datum + 1 as dagar_antal
    from deltagande
    inner join sus_period on deltagande.era_kod = sus_period.era_kod
    where extract(year from deltagande.slut_datum) >= sus_period.forsta_ar
        and extract(year from deltagande.slut_datum) <= sus_period.sista_ar
),

avslutat_i_omrade as (
    select avslutat.*, 'riket' as niva_kod, 'riket' as omrade_kod, slut_kvartal_kod as kvartal_kod from avslutat
    union all
    select avslutat.*, 'riket' as niva_kod, 'riket' as omrade_kod, 'hela_aret' as kvartal_kod from avslutat
    union all
    select avslutat.*, 'lan' as niva_kod, lans_kod as omrade_kod, 'hela_aret' as kvartal_kod from avslutat
    union all
    select avslutat.*, 'forbund' as niva_kod, forbund_id as omrade_kod, 'hela_aret' as kvartal_kod from avslutat
),

antal as (
    select
        avslutat_i_omrade.niva_kod,
        avslutat_i_omrade.omrade_kod,
        avslutat_i_omrade.slut_ar,
        avslutat_i_omrade.kvartal_kod,
        avslutat_i_omrade.era_kod,
        tid.tidsmatt_kod,
        tid.kod as tid_kod,
        avslutat_i_omrade.kon_kod,
        count(*) as deltaganden_antal,
        count(distinct avslutat_i_omrade.person_id)
            + count(*) filter (where avslutat_i_omrade.person_id is null) as personer_antal,
        sum(avslutat_i_omrade.dagar_antal) as dagar_summa
    from avslutat_i_omrade
    inner join tid
        on coalesce(tid.dagar_fran_nr <= avslutat_i_omrade.dagar_antal, true)
        and coalesce(avslutat_i_omrade.dagar_antal < tid.dagar_till_nr, true)
    group by grouping sets (
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, avslutat_i_omrade.era_kod, tidsmatt_kod, tid.kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, avslutat_i_omrade.era_kod, tidsmatt_kod, tid.kod)
    )
),

omrade_ar as (
    select niva_kod, omrade_kod, slut_ar, era_kod
    from avslutat_i_omrade
    group by niva_kod, omrade_kod, slut_ar, era_kod
),

cell as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.slut_ar,
        kvartal.kod as kvartal_kod,
        omrade_ar.era_kod,
        tid.tidsmatt_kod,
        tid.kod as tid_kod,
        redovisad_kon.kod as kon_kod
    from omrade_ar
    inner join kvartal on omrade_ar.niva_kod = 'riket' or kvartal.kod = 'hela_aret'
    cross join tid
    cross join redovisad_kon
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.kvartal_kod,
    cell.era_kod,
    cell.tidsmatt_kod,
    cell.tid_kod,
    cell.kon_kod,
    coalesce(antal.deltaganden_antal, 0) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal,
    cast(coalesce(antal.dagar_summa, 0) as bigint) as dagar_summa
from cell
left join antal
    on cell.niva_kod = antal.niva_kod
    and cell.omrade_kod = antal.omrade_kod
    and cell.slut_ar = antal.slut_ar
    and cell.kvartal_kod = antal.kvartal_kod
    and cell.era_kod = antal.era_kod
    and cell.tidsmatt_kod = antal.tidsmatt_kod
    and cell.tid_kod = antal.tid_kod
    and cell.kon_kod = coalesce(antal.kon_kod, 'totalt')
order by
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.kvartal_kod,
    cell.era_kod,
    cell.tidsmatt_kod,
    cell.tid_kod,
    cell.kon_kod
