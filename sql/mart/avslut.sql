-- mart.avslut: varför deltagandena avslutades, enligt SUS.
-- Korn: en rad per område, slutår, kvartal, era, avslutsanledning och kön. Nyckel: allt utom antalen.
-- Definition: alla avslutade deltaganden i nya SUS efter den anledning som handläggaren angav. Felregistrering är ingen
-- anledning: de är borta redan i derived.deltagande. Den som avslutats utan anledning har UPPGIFT_SAKNAS.
-- Första SUS frågade inte efter någon anledning och finns inte här.
-- Områden: riket, länet vid start (okand också för den som saknar identitet) och insatsens förbund. Kvartal är
-- slutdatumets, bara för riket; kön också bara för riket, för anledningarna är många mot de avslutade i ett område.
-- Ett område har ett år om något deltagande slutade där då, och har då varje kombination: noll där ingen är.
-- personer_antal: olika personer; ett deltagande utan identitet är en person.
with

deltagande as (select * from derived.deltagande where era_kod = 'nya_sus'),
sus_deltagande as (select * from core.sus_deltagande),
leverans as (select * from core.leverans),
manad as (select * from calendar.manad),
kvartal as (select * from codes.kvartal),
avslutsanledning as (select * from codes.redovisad_avslutsanledning),
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

redovisningsperiod as (
    select
        sus_period.era_kod,
        manad.ar,
        kvartal.kod as kvartal_kod,
        min(manad.manad_datum) as forsta_datum,
        max(manad.nasta_manad_datum) as nasta_datum
    from sus_period
    inner join manad on manad.ar >= sus_period.forsta_ar and manad.ar <= sus_period.sista_ar
    inner join kvartal on manad.manad_nr >= kvartal.forsta_manad_nr and manad.manad_nr <= kvartal.sista_manad_nr
    group by sus_period.era_kod, manad.ar, kvartal.kod
),

avslutat as (
    select
        deltagande.deltagande_id,
        deltagande.person_id,
        deltagande.forbund_id,
        coalesce(deltagande.lans_kod, 'okand') as lan_kod,
        deltagande.kon_kod,
        deltagande.era_kod,
        redovisningsperiod.ar as slut_ar,
        redovisningsperiod.kvartal_kod,
        coalesce(sus_deltagande.avslutsanledning_kod, 'UPPGIFT_SAKNAS') as avslutsanledning_kod
    from deltagande
    inner join redovisningsperiod
        on deltagande.era_kod = redovisningsperiod.era_kod
        and deltagande.slut_datum >= redovisningsperiod.forsta_datum
        and deltagande.slut_datum < redovisningsperiod.nasta_datum
    left join sus_deltagande on deltagande.deltagande_id = sus_deltagande.deltagande_id
),

avslutat_i_omrade as (
    select *, 'riket' as niva_kod, 'riket' as omrade_kod from avslutat
    union all
    select *, 'lan' as niva_kod, lan_kod as omrade_kod from avslutat where kvartal_kod = 'hela_aret'
    union all
    select *, 'forbund' as niva_kod, forbund_id as omrade_kod from avslutat where kvartal_kod = 'hela_aret'
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
        count(distinct person_id) + count(*) filter (where person_id is null) as personer_antal
    from avslutat_i_omrade
    group by grouping sets (
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, era_kod, avslutsanledning_kod, kon_kod),
        (niva_kod, omrade_kod, slut_ar, kvartal_kod, era_kod, avslutsanledning_kod)
    )
),

omrade_ar as (
    select niva_kod, omrade_kod, slut_ar, era_kod
    from avslutat_i_omrade
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
    coalesce(antal.personer_antal, 0) as personer_antal
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
