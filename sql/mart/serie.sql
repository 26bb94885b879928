-- mart.serie: de viktigaste talen för riket, år för år från första SUS till nu, med seriens brott utmärkta.
-- Korn: en rad per år, era, serie och kön. Nyckel: niva_kod, omrade_kod, ar, era_kod, serie_kod, brott_kod, kon_kod.
-- Definition: varje tal är en cell i en annan mart: deltagare (registrering totalt och personuppgifter), tackning och
-- forsorjning (mätpunkten avslut), sysselsattning (SUS efter insatsen och registren vid avslut), antal_efter_sus.
-- Resultaten räknas efter slutår. Åren efter SUS finns bara antalet deltagare, räknat per insats.
-- brott_kod: vad som ändrats sedan året före. Seriens första år i nya SUS och i Uppföljning Finsam är ett brott, också
-- där det förra systemets sista år är samma år: serierna läggs aldrig ihop över erorna. Registrens arbete och studier
-- börjar det år då lön per månad finns (codes.komponentkalla); ohälsa, arbetsmarknadsstöd och bistånd finns de år då
-- någon observerad har nej, som är då gruppens alla register når.
-- I övrigt finns ett år för en serie om någon deltog (slutade) i eran det året; varje kön finns, noll där ingen är.
with

deltagande as (select * from derived.deltagande),
antal_deltagare as (select * from derived.antal_deltagare where slag_kod in ('anonym', 'antal')),
status as (
    select * from derived.status where matpunkt_kod = 'avslut' and observationsstatus_kod = 'observerad'
),
sus_utfall as (select * from derived.sus_utfall where matpunkt_kod = 'avslut'),
lage as (select * from derived.lage where matpunkt_kod = 'avslut'),
hierarki as (select * from derived.hierarki where hierarki_kod = 'finsam3' and matpunkt_kod = 'avslut'),
redovisningsar as (select * from derived.redovisningsperiod where kvartal_kod = 'hela_aret'),
avslutat as (select * from derived.avslutat where niva_kod = 'riket' and kvartal_kod = 'hela_aret'),
brott as (select * from codes.brott),
komponentkalla as (select * from codes.komponentkalla),
redovisad_kon as (select * from codes.redovisad_kon),
serie as (select * from codes.serie),

lon_fran as (
    select min(extract(year from giltig_fran_datum)) as forsta_ar from komponentkalla where komponent_kod = 'arbete'
),

pagande as (
    select
        redovisningsar.ar,
        deltagande.era_kod,
        deltagande.person_id,
        deltagande.kon_kod,
        1 as deltaganden_antal
    from deltagande
    inner join redovisningsar
        on deltagande.era_kod = redovisningsar.era_kod
        and deltagande.start_datum < redovisningsar.till_datum
        and (deltagande.slut_datum is null or deltagande.slut_datum >= redovisningsar.fran_datum)
),

raknade as (
    select antal_deltagare.*
    from antal_deltagare
    left join redovisningsar
        on antal_deltagare.era_kod = redovisningsar.era_kod
        and antal_deltagare.ar = redovisningsar.ar
    where antal_deltagare.slag_kod = 'antal' or redovisningsar.ar is not null
),

raknade_per_kon as (
    select ar, era_kod, 'kvinna' as kon_kod, kvinnor_antal as deltaganden_antal from raknade
    union all
    select ar, era_kod, 'man' as kon_kod, man_antal as deltaganden_antal from raknade
    union all
    select ar, era_kod, 'uppgift_saknas' as kon_kod, okant_kon_antal as deltaganden_antal from raknade
),

utfall as (
    select deltagande_id, 'avslutade' as serie_kod from avslutat
    union all
    select deltagande_id, 'till_arbete_studier_sus' as serie_kod
    from sus_utfall
    where till_arbete_studier_kod = 'ja'
    union all
    select deltagande_id, 'arbetssokande_sus' as serie_kod from sus_utfall where arbetssokande_kod = 'ja'
    union all
    select deltagande_id, 'observerade' as serie_kod from status
    union all
    select hierarki.deltagande_id, hierarki.grupp_kod as serie_kod
    from hierarki
    inner join status on hierarki.deltagande_id = status.deltagande_id
    where hierarki.varde_kod = 'ja'
    union all
    select lage.deltagande_id, 'till_arbete_studier_register' as serie_kod
    from lage
    inner join status on lage.deltagande_id = status.deltagande_id
    where lage.arbete_eller_studier_kod = 'ja'
),

rad as (
    select ar, era_kod, 'deltagare' as serie_kod, person_id, kon_kod, deltaganden_antal from pagande
    union all
    select ar, era_kod, 'deltagare_personuppgifter' as serie_kod, person_id, kon_kod, deltaganden_antal
    from pagande
    where person_id is not null
    union all
    select ar, era_kod, 'deltagare' as serie_kod, null as person_id, kon_kod, deltaganden_antal
    from raknade_per_kon
    where deltaganden_antal > 0
    union all
    select
        avslutat.slut_ar as ar,
        avslutat.era_kod,
        utfall.serie_kod,
        avslutat.person_id,
        avslutat.kon_kod,
        1 as deltaganden_antal
    from avslutat
    inner join utfall on avslutat.deltagande_id = utfall.deltagande_id
),

antal as (
    select
        ar,
        era_kod,
        serie_kod,
        kon_kod,
        sum(deltaganden_antal) as deltaganden_antal,
        count(distinct person_id)
            + coalesce(sum(deltaganden_antal) filter (where person_id is null), 0) as personer_antal
    from rad
    group by grouping sets ((ar, era_kod, serie_kod, kon_kod), (ar, era_kod, serie_kod))
),

underlag_ar as (
    select ar, era_kod, 'deltagare' as underlag_kod from pagande
    union
    select ar, era_kod, 'deltagare' as underlag_kod from raknade
    union
    select slut_ar as ar, era_kod, 'avslutade' as underlag_kod from avslutat
    union
    select avslutat.slut_ar as ar, avslutat.era_kod, 'lon' as underlag_kod
    from avslutat
    inner join lon_fran on avslutat.slut_ar >= lon_fran.forsta_ar
    union
    select avslutat.slut_ar as ar, avslutat.era_kod, hierarki.grupp_kod as underlag_kod
    from avslutat
    inner join status on avslutat.deltagande_id = status.deltagande_id
    inner join hierarki on avslutat.deltagande_id = hierarki.deltagande_id
    where hierarki.varde_kod = 'nej'
),

serie_ar as (
    select
        underlag_ar.ar,
        underlag_ar.era_kod,
        serie.kod as serie_kod,
        case
            when serie.underlag_kod = 'lon' and underlag_ar.ar = lon_fran.forsta_ar then 'agi'
            when underlag_ar.ar = min(underlag_ar.ar) over (partition by underlag_ar.era_kod, serie.kod)
                then coalesce(brott.kod, 'inget')
            else 'inget'
        end as brott_kod
    from underlag_ar
    inner join serie
        on underlag_ar.underlag_kod = serie.underlag_kod
        and (underlag_ar.era_kod <> 'uppfoljning' or serie.kod = 'deltagare')
    cross join lon_fran
    left join brott on underlag_ar.era_kod = brott.era_kod
)

select
    'riket' as niva_kod,
    'riket' as omrade_kod,
    serie_ar.ar,
    serie_ar.era_kod,
    serie_ar.serie_kod,
    serie_ar.brott_kod,
    redovisad_kon.kod as kon_kod,
    cast(coalesce(antal.deltaganden_antal, 0) as bigint) as deltaganden_antal,
    cast(coalesce(antal.personer_antal, 0) as bigint) as personer_antal
from serie_ar
cross join redovisad_kon
left join antal
    on serie_ar.ar = antal.ar
    and serie_ar.era_kod = antal.era_kod
    and serie_ar.serie_kod = antal.serie_kod
    and redovisad_kon.kod = coalesce(antal.kon_kod, 'totalt')
order by serie_ar.ar, serie_ar.era_kod, serie_ar.serie_kod, kon_kod
