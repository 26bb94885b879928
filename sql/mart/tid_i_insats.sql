-- mart.tid_i_insats: hur länge de avslutade deltagandena varade.
-- Korn: en rad per område, slutår, kvartal, era, tidsmått, tid och kön. Nyckel: allt utom antalen och summan.
-- Definition: deltagandena i mart.tackning (totalt), med och utan person. Dagarna räknas från startdatum till och med
-- slutdatum, så att den som slutade samma dag var där en dag; uppehåll dras inte av.
-- Tiderna står i codes.tid_i_insats: tidsmåttet insats har en enda (alla, för medelvärdet), insats_intervall fem; varje
-- tidsmåtts tider summerar till de avslutade.
-- dagar_summa: radens deltagandens dagar. Ett deltagande och inte en person är enheten: samma person kan stå i flera
-- tider. Områden (derived.avslutat): riket (kvartal bara där), län och förbund. Tät som mart.tackning.
with

deltagande as (select * from derived.deltagande),
avslutat as (select * from derived.avslutat where niva_kod in ('riket', 'lan', 'forbund')),
tid as (select * from codes.tid_i_insats),
kvartal as (select * from codes.kvartal),
redovisad_kon as (select * from codes.redovisad_kon),

avslutat_efter_dagar as (
    select avslutat.*, deltagande.slut_datum - deltagande.start_datum + 1 as dagar_antal
    from avslutat
    inner join deltagande on avslutat.deltagande_id = deltagande.deltagande_id
),

antal as (
    select
        avslutat_efter_dagar.niva_kod,
        avslutat_efter_dagar.omrade_kod,
        avslutat_efter_dagar.slut_ar,
        avslutat_efter_dagar.kvartal_kod,
        avslutat_efter_dagar.era_kod,
        tid.tidsmatt_kod,
        tid.kod as tid_kod,
        avslutat_efter_dagar.kon_kod,
        count(*) as deltaganden_antal,
        count(distinct avslutat_efter_dagar.person_id)
            + count(*) filter (where avslutat_efter_dagar.person_id is null) as personer_antal,
        sum(avslutat_efter_dagar.dagar_antal) as dagar_summa
    from avslutat_efter_dagar
    inner join tid
        on coalesce(tid.dagar_fran_nr <= avslutat_efter_dagar.dagar_antal, true)
        and coalesce(avslutat_efter_dagar.dagar_antal < tid.dagar_till_nr, true)
    group by grouping sets (
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, avslutat_efter_dagar.era_kod, tidsmatt_kod, tid.kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, avslutat_efter_dagar.era_kod, tidsmatt_kod, tid.kod)
    )
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
