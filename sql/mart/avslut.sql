-- mart.avslut: varför deltagandena avslutades, enligt SUS.
-- Korn: en rad per område, slutår, kvartal, era, avslutsanledning och kön. Nyckel: allt utom antalen.
-- Definition: alla avslutade deltaganden i nya SUS efter den anledning som handläggaren angav. Felregistrering är ingen
-- anledning: de är borta redan i derived.deltagande. Den som avslutats utan anledning har UPPGIFT_SAKNAS.
-- Första SUS frågade inte efter någon anledning och finns inte här.
-- Områden (derived.avslutat): riket, länet vid start och insatsens förbund. Kvartal bara för riket, och kön också, för
-- anledningarna är många mot de avslutade i ett område.
-- Ett område har ett år om något deltagande slutade där då, och har då varje kombination: noll där ingen är.
-- personer_antal: olika personer; ett deltagande utan identitet är en person. cellnyckel_nr: summan av deras
-- postnycklar, som är en per person, modulo 2^32.
with

postnyckel as (select * from derived.postnyckel),
sus_deltagande as (select * from core.sus_deltagande),
kvartal as (select * from codes.kvartal),
avslutsanledning as (select * from codes.redovisad_avslutsanledning),
redovisad_kon as (select * from codes.redovisad_kon),

avslutat as (
    select * from derived.avslutat where era_kod = 'nya_sus' and niva_kod in ('riket', 'lan', 'forbund')
),

anledning as (
    select
        avslutat.*,
        postnyckel.post_nr,
        coalesce(sus_deltagande.avslutsanledning_kod, 'UPPGIFT_SAKNAS') as avslutsanledning_kod
    from avslutat
    left join sus_deltagande on avslutat.deltagande_id = sus_deltagande.deltagande_id
    left join postnyckel on avslutat.deltagande_id = postnyckel.deltagande_id
),

antal as (
    select
        niva_kod,
        omrade_kod,
        slut_ar,
        kvartal_kod,
        era_kod,
        avslutsanledning_kod,
        kon_kod,
        count(*) as deltaganden_antal,
        count(distinct person_id) + count(*) filter (where person_id is null) as personer_antal,
        cast(mod(sum(distinct post_nr), 4294967296) as bigint) as cellnyckel_nr
    from anledning
    group by grouping sets (
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, era_kod, avslutsanledning_kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, era_kod, avslutsanledning_kod)
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
        avslutsanledning.kod as avslutsanledning_kod,
        redovisad_kon.kod as kon_kod
    from omrade_ar
    inner join kvartal on omrade_ar.niva_kod = 'riket' or kvartal.kod = 'hela_aret'
    inner join redovisad_kon on omrade_ar.niva_kod = 'riket' or redovisad_kon.kod = 'totalt'
    cross join avslutsanledning
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.kvartal_kod,
    cell.era_kod,
    cell.avslutsanledning_kod,
    cell.kon_kod,
    coalesce(antal.deltaganden_antal, 0) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal,
    case when antal.deltaganden_antal is null then 0 else antal.cellnyckel_nr end as cellnyckel_nr
from cell
left join antal
    on cell.niva_kod = antal.niva_kod
    and cell.omrade_kod = antal.omrade_kod
    and cell.slut_ar = antal.slut_ar
    and cell.kvartal_kod = antal.kvartal_kod
    and cell.era_kod = antal.era_kod
    and cell.avslutsanledning_kod = antal.avslutsanledning_kod
    and cell.kon_kod = coalesce(antal.kon_kod, 'totalt')
order by
    cell.niva_kod,
    cell.omrade_kod,
    cell.slut_ar,
    cell.kvartal_kod,
    cell.era_kod,
    cell.avslutsanledning_kod,
    cell.kon_kod
