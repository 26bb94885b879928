-- mart.tid_i_offentlig_forsorjning: de avslutades tid i offentlig försörjning före insatsen, och före och efter den.
-- Korn: en rad per område, slutår, kvartal, era, tidsmått, tid och kön. Nyckel: allt utom antalen och summorna.
-- Definition: deltagandena i mart.tackning som var observerade vid intag. De andra saknar en tid att räkna, och varför
-- står där; därför finns ingen rad för dem som saknar person. Varje tidsmåtts tider summerar till samma deltaganden.
-- obruten: den obrutna tiden närmast före start (derived.tid_i_forsorjning), alla i en rad för medelvärdet; i intervall
-- i hela kalenderår som codes.tid_i_offentlig_forsorjning säger. En tid som kan ha börjat tidigare (minst_kod J) står
-- för sig (minst_1 och så vidare), utom vid tio år: den är tio år eller mer ändå.
-- fore_12 till efter_36: månaderna före och efter insatsen (derived.andel_i_forsorjning), efter hur mycket av dem som
-- registren täcker. Andelen dagar är dagar_summa genom tackta_dagar_summa; för hel är alla lika länge observerade.
-- dagar_summa: dagar i offentlig försörjning; tackta_dagar_summa: täckta dagar, 0 för den obrutna tiden.
-- Områden (derived.avslutat): riket (kvartal bara där), län och förbund (bara tidsmått med forbund_kod J).
with

deltagande as (select * from derived.deltagande),
avslutat as (select * from derived.avslutat where niva_kod in ('riket', 'lan', 'forbund')),
status as (select * from derived.status),
obruten_tid as (select * from derived.tid_i_forsorjning),
andel as (select * from derived.andel_i_forsorjning),
tidkod as (select * from codes.tid_i_offentlig_forsorjning),
tidsmatt as (select * from codes.tidsmatt),
kvartal as (select * from codes.kvartal),
redovisad_kon as (select * from codes.redovisad_kon),

observerat as (
    select deltagande.deltagande_id, deltagande.start_datum
    from deltagande
    inner join status on deltagande.deltagande_id = status.deltagande_id
    where status.matpunkt_kod = 'intag' and status.observationsstatus_kod = 'observerad'
),

-- hela kalenderår från tidens första dag till start
tid_i_ar as (
    select
        observerat.deltagande_id,
        obruten_tid.dagar_antal,
        obruten_tid.minst_kod,
        case when obruten_tid.fran_datum is null then 'N' else 'J' end as med_tid_kod,
        coalesce(
            extract(year from observerat.start_datum) - extract(year from obruten_tid.fran_datum)
                - case
                    when extract(month from observerat.start_datum) * 100 + extract(day from observerat.start_datum)
                        < extract(month from obruten_tid.fran_datum) * 100 + extract(day from obruten_tid.fran_datum)
                        then 1
                    else 0
                end,
            0
        ) as ar_antal
    from observerat
    inner join obruten_tid on observerat.deltagande_id = obruten_tid.deltagande_id
),

tid_per_deltagande as (
    select
        tid_i_ar.deltagande_id,
        tidkod.slag_kod as tidsmatt_kod,
        tidkod.kod as tid_kod,
        tid_i_ar.dagar_antal,
        0 as tackta_dagar_antal
    from tid_i_ar
    inner join tidkod
        on tidkod.slag_kod <> 'fonster'
        and coalesce(tidkod.med_tid_kod = tid_i_ar.med_tid_kod, true)
        and coalesce(tidkod.minst_kod = tid_i_ar.minst_kod, true)
        and coalesce(tidkod.ar_fran_nr <= tid_i_ar.ar_antal, true)
        and coalesce(tid_i_ar.ar_antal < tidkod.ar_till_nr, true)
    union all
    select
        andel.deltagande_id,
        andel.andelsfonster_kod as tidsmatt_kod,
        case
            when andel.tackta_dagar_antal = andel.till_datum - andel.fran_datum then 'hel'
            when andel.tackta_dagar_antal > 0 then 'delvis'
            else 'otackt'
        end as tid_kod,
        coalesce(andel.forsorjning_dagar_antal, 0) as dagar_antal,
        coalesce(andel.tackta_dagar_antal, 0) as tackta_dagar_antal
    from andel
),

tid_i_omrade as (
    select avslutat.*
    from avslutat
    inner join observerat on avslutat.deltagande_id = observerat.deltagande_id
),

antal as (
    select
        tid_i_omrade.niva_kod,
        tid_i_omrade.omrade_kod,
        tid_i_omrade.slut_ar,
        tid_i_omrade.kvartal_kod,
        tid_i_omrade.era_kod,
        tid_per_deltagande.tidsmatt_kod,
        tid_per_deltagande.tid_kod,
        tid_i_omrade.kon_kod,
        count(*) as deltaganden_antal,
        count(distinct tid_i_omrade.person_id) as personer_antal,
        sum(tid_per_deltagande.dagar_antal) as dagar_summa,
        sum(tid_per_deltagande.tackta_dagar_antal) as tackta_dagar_summa
    from tid_i_omrade
    inner join tid_per_deltagande on tid_i_omrade.deltagande_id = tid_per_deltagande.deltagande_id
    inner join tidsmatt
        on tid_per_deltagande.tidsmatt_kod = tidsmatt.kod
        and (tid_i_omrade.niva_kod <> 'forbund' or tidsmatt.forbund_kod = 'J')
    group by grouping sets (
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, era_kod, tidsmatt_kod, tid_kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, era_kod, tidsmatt_kod, tid_kod)
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
        tidsmatt.kod as tidsmatt_kod,
        tidkod.kod as tid_kod,
        redovisad_kon.kod as kon_kod
    from omrade_ar
    inner join kvartal on omrade_ar.niva_kod = 'riket' or kvartal.kod = 'hela_aret'
    inner join tidsmatt on omrade_ar.niva_kod <> 'forbund' or tidsmatt.forbund_kod = 'J'
    inner join tidkod on tidsmatt.slag_kod = tidkod.slag_kod
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
    cast(coalesce(antal.dagar_summa, 0) as bigint) as dagar_summa,
    cast(coalesce(antal.tackta_dagar_summa, 0) as bigint) as tackta_dagar_summa
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
