-- mart.tackning_befolkning: deltagare ställda mot befolkningen och mot det uppskattade behovet.
-- Korn: en rad per område, år, era, registrering och kön. Nyckel: allt utom antalen.
-- Definition: cellerna i mart.deltagare med registrering personuppgifter och bakgrund totalt, i riket, län och kommuner
-- efter folkbokföringen vid deltagandets start (okand där den saknas); anonyma har ingen kommun och räknas inte.
-- invanare_antal: folkmängden 16–65 år den 31 december i områdets alla kommuner, också de utan deltagare; noll för
-- okand och för dem utan uppgift om kön. En deltagare kan vara äldre eller yngre än så.
-- behov_lagst_antal, behov_hogst_antal: den lägsta och den högsta av källornas uppskattningar det senaste år, inte
-- efter redovisningsåret, som någon uppskattat området; ett läns är kommunernas summa där länet inte självt är
-- uppskattat det året. Bara för båda könen; noll: ingen uppskattning finns.
-- År: de som både SUS och folkmängden rymmer. Ett område finns ett år om det har deltagare, och då finns varje kön.
with

deltagande as (select * from derived.deltagande where person_id is not null),
period as (select * from derived.redovisningsperiod where kvartal_kod = 'hela_aret'),
folkmangd as (select * from core.folkmangd),
uppskattat_behov as (select * from core.uppskattat_behov),
kon as (select * from codes.kon),
redovisad_kon as (select * from codes.redovisad_kon),
registrering as (select * from codes.registrering where kod = 'personuppgifter'),

folkmangd_ar as (
    select ar from folkmangd group by ar
),

redovisningsar as (
    select period.*
    from period
    inner join folkmangd_ar on period.ar = folkmangd_ar.ar
),

deltagare as (
    select
        redovisningsar.ar,
        redovisningsar.era_kod,
        deltagande.person_id,
        deltagande.kon_kod,
        coalesce(deltagande.lans_kod, 'okand') as lans_kod,
        coalesce(deltagande.kommun_kod, 'okand') as kommun_kod
    from deltagande
    inner join redovisningsar
        on deltagande.era_kod = redovisningsar.era_kod
        and deltagande.start_datum < redovisningsar.till_datum
        and (deltagande.slut_datum is null or deltagande.slut_datum >= redovisningsar.fran_datum)
),

deltagare_i_omrade as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, ar, era_kod, person_id, kon_kod from deltagare
    union all
    select 'lan' as niva_kod, lans_kod as omrade_kod, ar, era_kod, person_id, kon_kod from deltagare
    union all
    select 'kommun' as niva_kod, kommun_kod as omrade_kod, ar, era_kod, person_id, kon_kod from deltagare
),

antal as (
    select
        niva_kod,
        omrade_kod,
        ar,
        era_kod,
        coalesce(kon_kod, 'totalt') as kon_kod,
        count(*) as deltaganden_antal,
        count(distinct person_id) as personer_antal
    from deltagare_i_omrade
    group by grouping sets ((niva_kod, omrade_kod, ar, era_kod, kon_kod), (niva_kod, omrade_kod, ar, era_kod))
),

folkmangd_i_omrade as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, ar, kon_kod, invanare_antal from folkmangd
    union all
    select 'lan' as niva_kod, substring(kommun_kod, 1, 2) as omrade_kod, ar, kon_kod, invanare_antal from folkmangd
    union all
    select 'kommun' as niva_kod, kommun_kod as omrade_kod, ar, kon_kod, invanare_antal from folkmangd
),

invanare as (
    select
        folkmangd_i_omrade.niva_kod,
        folkmangd_i_omrade.omrade_kod,
        folkmangd_i_omrade.ar,
        coalesce(kon.redovisad_kod, 'totalt') as kon_kod,
        sum(folkmangd_i_omrade.invanare_antal) as invanare_antal
    from folkmangd_i_omrade
    inner join kon on folkmangd_i_omrade.kon_kod = kon.kod
    group by grouping sets (
        (folkmangd_i_omrade.niva_kod, folkmangd_i_omrade.omrade_kod, folkmangd_i_omrade.ar, kon.redovisad_kod),
        (folkmangd_i_omrade.niva_kod, folkmangd_i_omrade.omrade_kod, folkmangd_i_omrade.ar)
    )
),

kommunernas_behov as (
    select
        substring(omrade_kod, 1, 2) as lans_kod,
        ar,
        behovskalla_kod,
        sum(lagst_antal) as lagst_antal,
        sum(hogst_antal) as hogst_antal
    from uppskattat_behov
    where niva_kod = 'KOMMUN'
    group by substring(omrade_kod, 1, 2), ar, behovskalla_kod
),

lanets_behov as (
    select omrade_kod as lans_kod, ar, lagst_antal, hogst_antal from uppskattat_behov where niva_kod = 'LAN'
),

behov_i_omrade as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, ar, lagst_antal, hogst_antal
    from uppskattat_behov
    where niva_kod = 'RIKET'
    union all
    select 'kommun' as niva_kod, omrade_kod, ar, lagst_antal, hogst_antal
    from uppskattat_behov
    where niva_kod = 'KOMMUN'
    union all
    select 'lan' as niva_kod, lans_kod as omrade_kod, ar, lagst_antal, hogst_antal from lanets_behov
    union all
    select
        'lan' as niva_kod,
        kommunernas_behov.lans_kod as omrade_kod,
        kommunernas_behov.ar,
        kommunernas_behov.lagst_antal,
        kommunernas_behov.hogst_antal
    from kommunernas_behov
    left join lanets_behov
        on kommunernas_behov.lans_kod = lanets_behov.lans_kod
        and kommunernas_behov.ar = lanets_behov.ar
    where lanets_behov.lans_kod is null
),

behov as (
    select niva_kod, omrade_kod, ar, min(lagst_antal) as lagst_antal, max(hogst_antal) as hogst_antal
    from behov_i_omrade
    group by niva_kod, omrade_kod, ar
),

behov_i_ordning as (
    select
        behov.niva_kod,
        behov.omrade_kod,
        folkmangd_ar.ar,
        behov.lagst_antal,
        behov.hogst_antal,
        row_number() over (
            partition by behov.niva_kod, behov.omrade_kod, folkmangd_ar.ar order by behov.ar desc
        ) as senast_nr
    from behov
    inner join folkmangd_ar on behov.ar <= folkmangd_ar.ar
),

omrade_ar as (
    select niva_kod, omrade_kod, ar, era_kod from deltagare_i_omrade group by niva_kod, omrade_kod, ar, era_kod
)

select
    omrade_ar.niva_kod,
    omrade_ar.omrade_kod,
    omrade_ar.ar,
    omrade_ar.era_kod,
    registrering.kod as registrering_kod,
    redovisad_kon.kod as kon_kod,
    coalesce(antal.deltaganden_antal, 0) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal,
    cast(coalesce(invanare.invanare_antal, 0) as bigint) as invanare_antal,
    cast(coalesce(behov_i_ordning.lagst_antal, 0) as bigint) as behov_lagst_antal,
    cast(coalesce(behov_i_ordning.hogst_antal, 0) as bigint) as behov_hogst_antal
from omrade_ar
cross join registrering
cross join redovisad_kon
left join antal
    on omrade_ar.niva_kod = antal.niva_kod
    and omrade_ar.omrade_kod = antal.omrade_kod
    and omrade_ar.ar = antal.ar
    and omrade_ar.era_kod = antal.era_kod
    and redovisad_kon.kod = antal.kon_kod
left join invanare
    on omrade_ar.niva_kod = invanare.niva_kod
    and omrade_ar.omrade_kod = invanare.omrade_kod
    and omrade_ar.ar = invanare.ar
    and redovisad_kon.kod = invanare.kon_kod
left join behov_i_ordning
    on omrade_ar.niva_kod = behov_i_ordning.niva_kod
    and omrade_ar.omrade_kod = behov_i_ordning.omrade_kod
    and omrade_ar.ar = behov_i_ordning.ar
    and behov_i_ordning.senast_nr = 1
    and redovisad_kon.kod = 'totalt'
order by omrade_ar.niva_kod, omrade_ar.omrade_kod, omrade_ar.ar, omrade_ar.era_kod, registrering.kod, redovisad_kon.kod
