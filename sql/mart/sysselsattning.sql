-- mart.sysselsattning: arbete och studier före och efter, enligt SUS och enligt registren.
-- Korn: en rad per område, slutår, kvartal, era, källa, mätpunkt, värde, grupp och kön. Nyckel: allt utom antalen.
-- Definition: värdet är ja för den som arbetar eller studerar vid mätpunkten, vad som än var före.
-- SUS: alla avslutade, efter derived.sus_utfall; de tillfällen som eran frågade om (nya SUS inte efter sex månader).
-- Ja delas i arbete och studier, nej i arbetssökande och övriga: SUS fyra grupper. Den som gör båda räknas som arbetar.
-- Register: de observerade, efter derived.lage, från det slutår då lön från arbete finns (codes.komponentkalla).
-- Efter insatsen delas ja också i börjat eller ökat sedan intag, inte det, och okänt. Grupper finns för riket och län.
-- Förbund, som de var och som de är nu, har bara de senare mätpunkterna och ingen grupp. Områden, år och kvartal är de
-- där derived.avslutat räknar deltagandet.
-- Ett område har ett år om något deltagande i eran slutade där då, och har då varje kombination: noll där ingen är.
-- personer_antal: olika personer; ett deltagande utan identitet är en person.
with

avslutat as (select * from derived.avslutat),
sus_utfall as (select * from derived.sus_utfall),
status as (select * from derived.status where observationsstatus_kod = 'observerad'),
lage as (select * from derived.lage),
forandring as (select * from derived.forandring),
era as (select * from codes.era),
kvartal as (select * from codes.kvartal),
matpunktkod as (select * from codes.matpunkt where publiceras_kod = 'J'),
mattillfalle as (select * from codes.mattillfalle),
sus1_mattillfalle as (select * from codes.sus1_mattillfalle),
komponentkalla as (select * from codes.komponentkalla),
grupp as (select * from codes.sysselsattningsgrupp),
varde as (select * from codes.varde),
redovisad_kon as (select * from codes.redovisad_kon),

lon_fran as (
    select min(extract(year from giltig_fran_datum)) as forsta_ar from komponentkalla where komponent_kod = 'arbete'
),

omrade_ar as (
    select niva_kod, omrade_kod, slut_ar, era_kod
    from avslutat
    group by niva_kod, omrade_kod, slut_ar, era_kod
),

-- vad som mäts i varje era och slutår
matning as (
    select 'nya_sus' as era_kod, 'sus' as kalla_kod, matpunkt_kod, 0 as forsta_ar from mattillfalle
    union all
    select 'sus1' as era_kod, 'sus' as kalla_kod, matpunkt_kod, 0 as forsta_ar from sus1_mattillfalle
    union all
    select era.kod as era_kod, 'register' as kalla_kod, matpunktkod.kod as matpunkt_kod, lon_fran.forsta_ar
    from matpunktkod
    cross join era
    cross join lon_fran
),

matt as (
    select avslutat.deltagande_id, matning.kalla_kod, matning.matpunkt_kod
    from avslutat
    inner join matning
        on avslutat.era_kod = matning.era_kod
        and avslutat.slut_ar >= matning.forsta_ar
    where avslutat.niva_kod = 'riket' and avslutat.kvartal_kod = 'hela_aret'
),

-- ett svar per deltagande, källa och mätpunkt, med sin grupp och sin förändring
svar as (
    select
        matt.deltagande_id,
        matt.kalla_kod,
        matt.matpunkt_kod,
        case when sus_utfall.studier_kod = 'ja' then 'ja' else sus_utfall.arbete_kod end as varde_kod,
        case
            when sus_utfall.arbete_kod = 'ja' then 'arbete'
            when sus_utfall.studier_kod = 'ja' then 'studier'
            when sus_utfall.arbetssokande_kod = 'ja' then 'arbetssokande'
            when sus_utfall.ovrigt_kod = 'ja' then 'ovrigt'
        end as grupp_kod,
        sus_utfall.borjat_eller_okat_kod
    from matt
    inner join sus_utfall
        on matt.deltagande_id = sus_utfall.deltagande_id
        and matt.matpunkt_kod = sus_utfall.matpunkt_kod
    where matt.kalla_kod = 'sus'
    union all
    select
        matt.deltagande_id,
        matt.kalla_kod,
        matt.matpunkt_kod,
        lage.arbete_eller_studier_kod as varde_kod,
        null as grupp_kod,
        forandring.borjat_eller_okat_kod
    from matt
    inner join lage
        on matt.deltagande_id = lage.deltagande_id
        and matt.matpunkt_kod = lage.matpunkt_kod
    inner join status
        on lage.deltagande_id = status.deltagande_id
        and lage.matpunkt_kod = status.matpunkt_kod
    left join forandring
        on lage.deltagande_id = forandring.deltagande_id
        and lage.matpunkt_kod = forandring.matpunkt_kod
    where matt.kalla_kod = 'register'
),

svar_i_grupp as (
    select deltagande_id, kalla_kod, matpunkt_kod, varde_kod, 'totalt' as sysselsattning_kod from svar
    union all
    select deltagande_id, kalla_kod, matpunkt_kod, varde_kod, grupp_kod as sysselsattning_kod
    from svar
    where grupp_kod is not null
    union all
    select
        deltagande_id,
        kalla_kod,
        matpunkt_kod,
        varde_kod,
        case borjat_eller_okat_kod
            when 'ja' then 'borjat_eller_okat'
            when 'nej' then 'ej_borjat_eller_okat'
            else 'forandring_okand'
        end as sysselsattning_kod
    from svar
    where varde_kod = 'ja' and matpunkt_kod <> 'intag'
),

antal as (
    select
        avslutat.niva_kod,
        avslutat.omrade_kod,
        avslutat.slut_ar,
        avslutat.kvartal_kod,
        avslutat.era_kod,
        svar_i_grupp.kalla_kod,
        svar_i_grupp.matpunkt_kod,
        svar_i_grupp.varde_kod,
        svar_i_grupp.sysselsattning_kod,
        avslutat.kon_kod,
        count(*) as deltaganden_antal,
        count(distinct avslutat.person_id)
            + count(*) filter (where avslutat.person_id is null) as personer_antal
    from avslutat
    inner join svar_i_grupp on avslutat.deltagande_id = svar_i_grupp.deltagande_id
    group by grouping sets (
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, era_kod, kalla_kod, matpunkt_kod, varde_kod,
            sysselsattning_kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, era_kod, kalla_kod, matpunkt_kod, varde_kod,
            sysselsattning_kod)
    )
),

-- totalt av varje värde, och de grupper som källan och mätpunkten har
varde_i_grupp as (
    select
        matning.era_kod,
        matning.kalla_kod,
        matning.matpunkt_kod,
        matning.forsta_ar,
        varde.kod as varde_kod,
        'totalt' as sysselsattning_kod
    from matning
    cross join varde
    union all
    select
        matning.era_kod,
        matning.kalla_kod,
        matning.matpunkt_kod,
        matning.forsta_ar,
        grupp.varde_kod,
        grupp.kod as sysselsattning_kod
    from matning
    inner join grupp
        on (matning.kalla_kod = 'sus' or grupp.register_kod = 'J')
        and (matning.matpunkt_kod <> 'intag' or grupp.intag_kod = 'J')
    where grupp.kod <> 'totalt'
),

cell as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.slut_ar,
        kvartal.kod as kvartal_kod,
        omrade_ar.era_kod,
        varde_i_grupp.kalla_kod,
        varde_i_grupp.matpunkt_kod,
        varde_i_grupp.varde_kod,
        varde_i_grupp.sysselsattning_kod,
        redovisad_kon.kod as kon_kod
    from omrade_ar
    inner join kvartal on omrade_ar.niva_kod = 'riket' or kvartal.kod = 'hela_aret'
    inner join varde_i_grupp
        on omrade_ar.era_kod = varde_i_grupp.era_kod
        and omrade_ar.slut_ar >= varde_i_grupp.forsta_ar
        and (
            omrade_ar.niva_kod in ('riket', 'lan')
            or (varde_i_grupp.sysselsattning_kod = 'totalt' and varde_i_grupp.matpunkt_kod <> 'intag')
        )
    cross join redovisad_kon
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.kvartal_kod,
    cell.era_kod,
    cell.kalla_kod,
    cell.matpunkt_kod,
    cell.varde_kod,
    cell.sysselsattning_kod,
    cell.kon_kod,
    coalesce(antal.deltaganden_antal, 0) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal
from cell
left join antal
    on cell.niva_kod = antal.niva_kod
    and cell.omrade_kod = antal.omrade_kod
    and cell.slut_ar = antal.slut_ar
    and cell.kvartal_kod = antal.kvartal_kod
    and cell.era_kod = antal.era_kod
    and cell.kalla_kod = antal.kalla_kod
    and cell.matpunkt_kod = antal.matpunkt_kod
    and cell.varde_kod = antal.varde_kod
    and cell.sysselsattning_kod = antal.sysselsattning_kod
    and cell.kon_kod = coalesce(antal.kon_kod, 'totalt')
order by
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.kvartal_kod,
    cell.era_kod,
    cell.kalla_kod,
    cell.matpunkt_kod,
    cell.varde_kod,
    cell.sysselsattning_kod,
    cell.kon_kod
