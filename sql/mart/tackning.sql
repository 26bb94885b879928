-- mart.tackning: hur många avslutade deltaganden som kunde följas upp vid varje mätpunkt, och varför inte de övriga.
-- Korn: en rad per område, slutår, kvartal, era, mätpunkt, observationsstatus och kön. Nyckel: allt utom antalen.
-- Definition: alla avslutade i första och nya SUS, i de områden, år och kvartal där derived.avslutat räknar dem;
-- mätpunkter med publiceras_kod J. Ett år då båda erorna har rader har båda.
-- Områden: riket (kvartal bara där), länet vid start, förbundet som det var och förbundet som det är nu.
-- Ett år finns för ett område och en era om något deltagande slutade där, och då finns varje kombination: noll där
-- ingen är; för riket då också alla fyra kvartal.
-- personer_antal: olika personer; ett deltagande utan identitet är en person.
with

avslutat as (select * from derived.avslutat),
status as (select * from derived.status),
kvartal as (select * from codes.kvartal),
matpunktkod as (select * from codes.matpunkt where publiceras_kod = 'J'),
observationsstatus as (select * from codes.observationsstatus),
redovisad_kon as (select * from codes.redovisad_kon),

antal as (
    select
        avslutat.niva_kod,
        avslutat.omrade_kod,
        avslutat.slut_ar,
        avslutat.kvartal_kod,
        avslutat.era_kod,
        status.matpunkt_kod,
        status.observationsstatus_kod,
        avslutat.kon_kod,
        count(*) as deltaganden_antal,
        count(distinct avslutat.person_id)
            + count(*) filter (where avslutat.person_id is null) as personer_antal
    from avslutat
    inner join status on avslutat.deltagande_id = status.deltagande_id
    inner join matpunktkod on status.matpunkt_kod = matpunktkod.kod
    group by grouping sets (
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, era_kod, matpunkt_kod, observationsstatus_kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, era_kod, matpunkt_kod, observationsstatus_kod),
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, era_kod, matpunkt_kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, era_kod, matpunkt_kod)
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
        matpunktkod.kod as matpunkt_kod,
        observationsstatus.kod as observationsstatus_kod,
        redovisad_kon.kod as kon_kod
    from omrade_ar
    inner join kvartal on omrade_ar.niva_kod = 'riket' or kvartal.kod = 'hela_aret'
    cross join matpunktkod
    cross join observationsstatus
    cross join redovisad_kon
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.kvartal_kod,
    cell.era_kod,
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
    and cell.kvartal_kod = antal.kvartal_kod
    and cell.era_kod = antal.era_kod
    and cell.matpunkt_kod = antal.matpunkt_kod
    and cell.observationsstatus_kod = coalesce(antal.observationsstatus_kod, 'totalt')
    and cell.kon_kod = coalesce(antal.kon_kod, 'totalt')
order by
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.kvartal_kod,
    cell.era_kod,
    cell.matpunkt_kod,
    cell.observationsstatus_kod,
    cell.kon_kod
