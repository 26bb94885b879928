-- mart.stegforflyttning: hur många steg närmare eller längre från arbete de observerade kommit sedan intag.
-- Korn: en rad per område, slutår, era, mätpunkt, riktning, antal steg, steg vid intag och kön.
-- Nyckel: allt utom antalen.
-- Definition: de som observerats vid mätpunkten (efter avslut eller senare), efter derived.forandring och steget vid
-- intag i derived.lage (codes.steg). Riktning okand: steget är okänt vid intag eller vid mätpunkten.
-- Antal steg delar upp och ned. Steg vid intag delar varje riktning och antal: 2 steg upp från steg 1 är till steg 3.
-- Slutår: från det år då lön från arbete finns i register (codes.komponentkalla), för dessförinnan är varje steg okänt.
-- Områden: riket, länet vid start (okand för den vars kommun är okänd) och insatsens förbund. Kön och steg vid intag
-- bara för riket, antal steg inte för förbund. Inga kvartal.
-- Ett område har ett år om något deltagande i eran slutade där då, och har då varje kombination: noll där ingen är.
-- personer_antal: olika personer; en person kan ha flyttats olika genom flera deltaganden.
with

deltagande as (select * from derived.deltagande),
status as (select * from derived.status where observationsstatus_kod = 'observerad'),
lage as (select * from derived.lage where matpunkt_kod = 'intag'),
forandring as (select * from derived.forandring),
leverans as (select * from core.leverans),
manad as (select * from calendar.manad),
matpunktkod as (select * from codes.matpunkt where publiceras_kod = 'J' and kod <> 'intag'),
komponentkalla as (select * from codes.komponentkalla),
riktning as (select * from codes.stegriktning),
stegandring as (select * from codes.stegandring),
redovisat_steg as (select * from codes.redovisat_steg),
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

redovisningsar as (
    select
        sus_period.era_kod,
        manad.ar,
        manad.manad_datum as forsta_datum,
        cast(manad.manad_datum + interval '1' year as date) as nasta_datum
    from sus_period
    inner join manad
        on manad.manad_nr = 1
        and manad.ar >= sus_period.forsta_ar
        and manad.ar <= sus_period.sista_ar
),

lon_fran as (
    select min(extract(year from giltig_fran_datum)) as forsta_ar from komponentkalla where komponent_kod = 'arbete'
),

avslutat as (
    select
        deltagande.deltagande_id,
        deltagande.person_id,
        deltagande.forbund_id,
        coalesce(deltagande.lans_kod, 'okand') as lan_kod,
        deltagande.kon_kod,
        deltagande.era_kod,
        redovisningsar.ar as slut_ar
    from deltagande
    inner join redovisningsar
        on deltagande.era_kod = redovisningsar.era_kod
        and deltagande.slut_datum >= redovisningsar.forsta_datum
        and deltagande.slut_datum < redovisningsar.nasta_datum
    inner join lon_fran on redovisningsar.ar >= lon_fran.forsta_ar
),

avslutat_i_omrade as (
    select *, 'riket' as niva_kod, 'riket' as omrade_kod from avslutat
    union all
    select *, 'lan' as niva_kod, lan_kod as omrade_kod from avslutat
    union all
    select *, 'forbund' as niva_kod, forbund_id as omrade_kod from avslutat
),

flytt as (
    select
        forandring.deltagande_id,
        forandring.matpunkt_kod,
        case
            when forandring.stegforflyttning_antal > 0 then 'upp'
            when forandring.stegforflyttning_antal = 0 then 'oforandrad'
            when forandring.stegforflyttning_antal < 0 then 'ned'
            else 'okand'
        end as riktning_kod,
        stegandring.kod as stegandring_kod,
        coalesce(lage.steg_kod, 'okand') as fran_steg_kod
    from forandring
    inner join matpunktkod on forandring.matpunkt_kod = matpunktkod.kod
    inner join status
        on forandring.deltagande_id = status.deltagande_id
        and forandring.matpunkt_kod = status.matpunkt_kod
    inner join lage on forandring.deltagande_id = lage.deltagande_id
    left join stegandring on forandring.stegforflyttning_antal = stegandring.steg_antal
),

antal as (
    select
        avslutat_i_omrade.niva_kod,
        avslutat_i_omrade.omrade_kod,
        avslutat_i_omrade.slut_ar,
        avslutat_i_omrade.era_kod,
        flytt.matpunkt_kod,
        flytt.riktning_kod,
        case when grouping(flytt.stegandring_kod) = 1 then 'totalt' else flytt.stegandring_kod end as stegandring_kod,
        coalesce(flytt.fran_steg_kod, 'totalt') as fran_steg_kod,
        coalesce(avslutat_i_omrade.kon_kod, 'totalt') as kon_kod,
        count(*) as deltaganden_antal,
        count(distinct avslutat_i_omrade.person_id)
            + count(*) filter (where avslutat_i_omrade.person_id is null) as personer_antal
    from avslutat_i_omrade
    inner join flytt on avslutat_i_omrade.deltagande_id = flytt.deltagande_id
    group by grouping sets (
        (niva_kod, omrade_kod, slut_ar, era_kod, matpunkt_kod, riktning_kod),
        (niva_kod, omrade_kod, slut_ar, era_kod, matpunkt_kod, riktning_kod, stegandring_kod),
        (niva_kod, omrade_kod, slut_ar, era_kod, matpunkt_kod, riktning_kod, fran_steg_kod),
        (niva_kod, omrade_kod, slut_ar, era_kod, matpunkt_kod, riktning_kod, stegandring_kod, fran_steg_kod),
        (niva_kod, omrade_kod, slut_ar, era_kod, matpunkt_kod, riktning_kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, era_kod, matpunkt_kod, riktning_kod, stegandring_kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, era_kod, matpunkt_kod, riktning_kod, fran_steg_kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, era_kod, matpunkt_kod, riktning_kod, stegandring_kod, fran_steg_kod, kon_kod)
    )
),

omrade_ar as (
    select niva_kod, omrade_kod, slut_ar, era_kod
    from avslutat_i_omrade
    group by niva_kod, omrade_kod, slut_ar, era_kod
),

-- de flyttar som kan förekomma: från steget, med så många steg åt det hållet, till ett steg som finns
flyttkod as (
    select
        riktning.kod as riktning_kod,
        stegandring.kod as stegandring_kod,
        redovisat_steg.kod as fran_steg_kod
    from riktning
    inner join stegandring on stegandring.kod = 'totalt' or riktning.kod = stegandring.riktning_kod
    cross join redovisat_steg
    left join redovisat_steg as till_steg
        on till_steg.steg_nr = redovisat_steg.steg_nr + stegandring.steg_antal
    where redovisat_steg.kod = 'totalt'
        or riktning.kod = 'okand'
        or till_steg.kod is not null
        or (
            stegandring.kod = 'totalt'
            and redovisat_steg.steg_nr >= riktning.lagst_steg_nr
            and redovisat_steg.steg_nr <= riktning.hogst_steg_nr
        )
),

cell as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.slut_ar,
        omrade_ar.era_kod,
        matpunktkod.kod as matpunkt_kod,
        flyttkod.riktning_kod,
        flyttkod.stegandring_kod,
        flyttkod.fran_steg_kod,
        redovisad_kon.kod as kon_kod
    from omrade_ar
    inner join flyttkod
        on omrade_ar.niva_kod = 'riket'
        or (flyttkod.fran_steg_kod = 'totalt' and omrade_ar.niva_kod = 'lan')
        or (flyttkod.fran_steg_kod = 'totalt' and flyttkod.stegandring_kod = 'totalt')
    inner join redovisad_kon on omrade_ar.niva_kod = 'riket' or redovisad_kon.kod = 'totalt'
    cross join matpunktkod
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.era_kod,
    cell.matpunkt_kod,
    cell.riktning_kod,
    cell.stegandring_kod,
    cell.fran_steg_kod,
    cell.kon_kod,
    coalesce(antal.deltaganden_antal, 0) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal
from cell
left join antal
    on cell.niva_kod = antal.niva_kod
    and cell.omrade_kod = antal.omrade_kod
    and cell.slut_ar = antal.slut_ar
    and cell.era_kod = antal.era_kod
    and cell.matpunkt_kod = antal.matpunkt_kod
    and cell.riktning_kod = antal.riktning_kod
    and cell.stegandring_kod = antal.stegandring_kod
    and cell.fran_steg_kod = antal.fran_steg_kod
    and cell.kon_kod = antal.kon_kod
order by
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.era_kod,
    cell.matpunkt_kod,
    cell.riktning_kod,
    cell.stegandring_kod,
    cell.fran_steg_kod,
    cell.kon_kod
