-- mart.stegforflyttning: hur många steg närmare eller längre från arbete de observerade kommit sedan intag.
-- Korn: en rad per område, slutår, era, mätpunkt, riktning, antal steg, steg vid intag och kön.
-- Nyckel: allt utom antalen.
-- Definition: de som observerats vid mätpunkten (efter avslut eller senare), efter derived.forandring och steget vid
-- intag i derived.lage (codes.steg). Riktning okand: steget är okänt vid intag eller vid mätpunkten.
-- Antal steg delar upp och ned. Steg vid intag delar varje riktning och antal: 2 steg upp från steg 1 är till steg 3.
-- Slutår: från det år då lön från arbete finns i register (codes.komponentkalla), för dessförinnan är varje steg okänt.
-- Områden (derived.avslutat): riket, länet vid start och insatsens förbund. Kön och steg vid intag bara för riket,
-- antal steg inte för förbund. Inga kvartal.
-- Ett område har ett år om något deltagande i eran slutade där då, och har då varje kombination: noll där ingen är.
-- personer_antal: olika personer; en person kan ha flyttats olika genom flera deltaganden.
with

status as (select * from derived.status where observationsstatus_kod = 'observerad'),
lage as (select * from derived.lage where matpunkt_kod = 'intag'),
forandring as (select * from derived.forandring),
matpunktkod as (select * from codes.matpunkt where publiceras_kod = 'J' and kod <> 'intag'),
komponentkalla as (select * from codes.komponentkalla),
riktning as (select * from codes.stegriktning),
stegandring as (select * from codes.stegandring),
redovisat_steg as (select * from codes.redovisat_steg),
redovisad_kon as (select * from codes.redovisad_kon),

avslutat_hela_aret as (
    select * from derived.avslutat where niva_kod in ('riket', 'lan', 'forbund') and kvartal_kod = 'hela_aret'
),

lon_fran as (
    select min(extract(year from giltig_fran_datum)) as forsta_ar from komponentkalla where komponent_kod = 'arbete'
),

avslutat as (
    select avslutat_hela_aret.*
    from avslutat_hela_aret
    inner join lon_fran on avslutat_hela_aret.slut_ar >= lon_fran.forsta_ar
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

-- bara den som har flera deltaganden ett år kan räknas två gånger; var och en av de andra är en person
flera_deltaganden as (
    select slut_ar, era_kod, person_id
    from avslutat
    where niva_kod = 'riket' and person_id is not null
    group by slut_ar, era_kod, person_id
    having count(*) > 1
),

flytt_i_omrade as (
    select
        avslutat.niva_kod,
        avslutat.omrade_kod,
        avslutat.slut_ar,
        avslutat.era_kod,
        flytt.matpunkt_kod,
        flytt.riktning_kod,
        flytt.stegandring_kod,
        flytt.fran_steg_kod,
        avslutat.kon_kod,
        flera_deltaganden.person_id,
        count(*) as deltaganden_antal
    from avslutat
    inner join flytt on avslutat.deltagande_id = flytt.deltagande_id
    left join flera_deltaganden
        on avslutat.slut_ar = flera_deltaganden.slut_ar
        and avslutat.era_kod = flera_deltaganden.era_kod
        and avslutat.person_id = flera_deltaganden.person_id
    group by
        avslutat.niva_kod,
        avslutat.omrade_kod,
        avslutat.slut_ar,
        avslutat.era_kod,
        flytt.matpunkt_kod,
        flytt.riktning_kod,
        flytt.stegandring_kod,
        flytt.fran_steg_kod,
        avslutat.kon_kod,
        flera_deltaganden.person_id
),

-- varje flytt, som den är och som den ingår i totalerna; bara den som går upp eller ned har ett antal steg
person_i_cell as (
    select
        flytt_i_omrade.niva_kod,
        flytt_i_omrade.omrade_kod,
        flytt_i_omrade.slut_ar,
        flytt_i_omrade.era_kod,
        flytt_i_omrade.matpunkt_kod,
        flytt_i_omrade.riktning_kod,
        stegandring.kod as stegandring_kod,
        redovisat_steg.kod as fran_steg_kod,
        redovisad_kon.kod as kon_kod,
        flytt_i_omrade.person_id,
        sum(flytt_i_omrade.deltaganden_antal) as deltaganden_antal
    from flytt_i_omrade
    inner join stegandring
        on stegandring.kod = 'totalt'
        or (flytt_i_omrade.niva_kod <> 'forbund' and flytt_i_omrade.stegandring_kod = stegandring.kod)
    inner join redovisat_steg
        on redovisat_steg.kod = 'totalt'
        or (flytt_i_omrade.niva_kod = 'riket' and flytt_i_omrade.fran_steg_kod = redovisat_steg.kod)
    inner join redovisad_kon
        on redovisad_kon.kod = 'totalt'
        or (flytt_i_omrade.niva_kod = 'riket' and flytt_i_omrade.kon_kod = redovisad_kon.kod)
    group by
        flytt_i_omrade.niva_kod,
        flytt_i_omrade.omrade_kod,
        flytt_i_omrade.slut_ar,
        flytt_i_omrade.era_kod,
        flytt_i_omrade.matpunkt_kod,
        flytt_i_omrade.riktning_kod,
        stegandring.kod,
        redovisat_steg.kod,
        redovisad_kon.kod,
        flytt_i_omrade.person_id
),

antal as (
    select
        niva_kod,
        omrade_kod,
        slut_ar,
        era_kod,
        matpunkt_kod,
        riktning_kod,
        stegandring_kod,
        fran_steg_kod,
        kon_kod,
        sum(deltaganden_antal) as deltaganden_antal,
        sum(case when person_id is null then deltaganden_antal else 1 end) as personer_antal
    from person_i_cell
    group by
        niva_kod,
        omrade_kod,
        slut_ar,
        era_kod,
        matpunkt_kod,
        riktning_kod,
        stegandring_kod,
        fran_steg_kod,
        kon_kod
),

omrade_ar as (
    select niva_kod, omrade_kod, slut_ar, era_kod
    from avslutat
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
    cast(coalesce(antal.deltaganden_antal, 0) as bigint) as deltaganden_antal,
    cast(coalesce(antal.personer_antal, 0) as bigint) as personer_antal
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
