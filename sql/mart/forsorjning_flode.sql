-- mart.forsorjning_flode: från vilken källa vid intag till vilken vid varje senare mätpunkt, enligt registren.
-- Korn: en rad per slutår, era, mätpunkt, källa vid intag, källa vid mätpunkten och kön. Nyckel: allt utom antalen.
-- Definition: alla avslutade deltaganden, efter derived.forsorjningsflode; den som inte är observerad på ena sidan har
-- där okand. Källorna är mängder: den som har två källor på en sida räknas i båda, och källorna summerar inte.
-- nagon är den som har minst en källa, en gång; nagon, ingen och okand summerar till totalt på vardera sidan.
-- Från en källa till totalt är de som hade den vid intag, samma antal som i mart.forsorjning; så också till en källa.
-- Bara riket och hela år. Mätpunkter med publiceras_kod J efter intag.
-- Ett år finns för en era om något deltagande slutade då, och har då varje kombination: noll där ingen är.
-- personer_antal: olika personer; ett deltagande utan identitet är en person.
with

avslutat as (select * from derived.avslutat where niva_kod = 'riket' and kvartal_kod = 'hela_aret'),
forsorjningsflode as (select * from derived.forsorjningsflode),
matpunktkod as (select * from codes.matpunkt where publiceras_kod = 'J' and kod <> 'intag'),
kalla as (select * from codes.redovisad_flodeskalla),
redovisad_kon as (select * from codes.redovisad_kon),

-- varje källa, och koderna som den räknas under
ingar_i as (
    select kod as kalla_kod, kod as redovisad_kod from kalla where kod not in ('nagon', 'totalt')
    union all
    select kod as kalla_kod, 'nagon' as redovisad_kod from kalla where kod not in ('nagon', 'ingen', 'okand', 'totalt')
    union all
    select kod as kalla_kod, 'totalt' as redovisad_kod from kalla where kod not in ('nagon', 'totalt')
),

flode as (
    select
        forsorjningsflode.deltagande_id,
        forsorjningsflode.matpunkt_kod,
        fran.redovisad_kod as fran_kod,
        till.redovisad_kod as till_kod
    from forsorjningsflode
    inner join matpunktkod on forsorjningsflode.matpunkt_kod = matpunktkod.kod
    inner join ingar_i as fran on forsorjningsflode.fran_kod = fran.kalla_kod
    inner join ingar_i as till on forsorjningsflode.till_kod = till.kalla_kod
    group by forsorjningsflode.deltagande_id, forsorjningsflode.matpunkt_kod, fran.redovisad_kod, till.redovisad_kod
),

antal as (
    select
        avslutat.slut_ar,
        avslutat.era_kod,
        flode.matpunkt_kod,
        flode.fran_kod,
        flode.till_kod,
        avslutat.kon_kod,
        count(*) as deltaganden_antal,
        count(distinct avslutat.person_id) + count(*) filter (where avslutat.person_id is null) as personer_antal
    from avslutat
    inner join flode on avslutat.deltagande_id = flode.deltagande_id
    group by grouping sets (
        (slut_ar, era_kod, matpunkt_kod, fran_kod, till_kod, kon_kod),
        (slut_ar, era_kod, matpunkt_kod, fran_kod, till_kod)
    )
),

era_ar as (
    select slut_ar, era_kod from avslutat group by slut_ar, era_kod
),

cell as (
    select
        'riket' as niva_kod,
        'riket' as omrade_kod,
        era_ar.slut_ar,
        era_ar.era_kod,
        matpunktkod.kod as matpunkt_kod,
        fran.kod as fran_kod,
        till.kod as till_kod,
        redovisad_kon.kod as kon_kod
    from era_ar
    cross join matpunktkod
    cross join kalla as fran
    cross join kalla as till
    cross join redovisad_kon
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.era_kod,
    cell.matpunkt_kod,
    cell.fran_kod,
    cell.till_kod,
    cell.kon_kod,
    coalesce(antal.deltaganden_antal, 0) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal
from cell
left join antal
    on cell.slut_ar = antal.slut_ar
    and cell.era_kod = antal.era_kod
    and cell.matpunkt_kod = antal.matpunkt_kod
    and cell.fran_kod = antal.fran_kod
    and cell.till_kod = antal.till_kod
    and cell.kon_kod = coalesce(antal.kon_kod, 'totalt')
order by
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.era_kod,
    cell.matpunkt_kod,
    cell.fran_kod,
    cell.till_kod,
    cell.kon_kod
