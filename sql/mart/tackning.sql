-- mart.tackning: hur många avslutade deltaganden som kunde följas upp vid varje mätpunkt, och varför inte de övriga.
-- Korn: en rad per område, slutår, kvartal, era, mätpunkt, observationsstatus och kön. Nyckel: allt utom antalen.
-- Definition: deltaganden i första och nya SUS med slutdatum i ett år som erans egen leverans rymmer, också efter
-- uttaget; mätpunkter med publiceras_kod J. Ett år då båda erorna har rader har båda.
-- Områden: riket, länet vid start (okand också för den som saknar identitet), förbundet efter insatsen, och förbundet
-- som det är nu: slutet på kedjan av efterträdare, på samma sätt som i mart.omrade. Kvartal bara för riket.
-- Ett år finns för ett område och en era om något deltagande slutade där, och då finns varje kombination: noll där
-- ingen är; för riket då också alla fyra kvartal.
-- personer_antal: olika personer; ett deltagande utan identitet är en person.
with recursive

deltagande as (select * from derived.deltagande),
status as (select * from derived.status),
leverans as (select * from core.leverans),
forbund as (select * from core.forbund),
manad as (select * from calendar.manad),
kvartal as (select * from codes.kvartal),
matpunktkod as (select * from codes.matpunkt where publiceras_kod = 'J'),
observationsstatus as (select * from codes.observationsstatus),
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

lank as (
    select forbund.forbund_id, eftertradare.forbund_id as eftertradare_id
    from forbund
    inner join forbund as eftertradare on forbund.eftertradare_id = eftertradare.forbund_id
    where forbund.forbund_id <> eftertradare.forbund_id
),

-- `union` behåller varje par en gång, och det är så vandringen runt en cirkel tar slut
kedja as (
    select forbund_id, eftertradare_id as led_id from lank
    union
    select kedja.forbund_id, lank.eftertradare_id as led_id
    from kedja
    inner join lank on kedja.led_id = lank.forbund_id
),

forbund_nu as (
    select kedja.forbund_id, kedja.led_id as forbund_nu_id
    from kedja
    left join lank on kedja.led_id = lank.forbund_id
    where lank.forbund_id is null
),

avslutat as (
    select
        deltagande.deltagande_id,
        deltagande.person_id,
        deltagande.forbund_id,
        coalesce(forbund_nu.forbund_nu_id, deltagande.forbund_id) as forbund_nu_id,
        coalesce(deltagande.lans_kod, 'okand') as lan_kod,
        deltagande.kon_kod,
        deltagande.era_kod,
        redovisningsperiod.ar as slut_ar,
        redovisningsperiod.kvartal_kod
    from deltagande
    inner join redovisningsperiod
        on deltagande.era_kod = redovisningsperiod.era_kod
        and deltagande.slut_datum >= redovisningsperiod.forsta_datum
        and deltagande.slut_datum < redovisningsperiod.nasta_datum
    left join forbund_nu on deltagande.forbund_id = forbund_nu.forbund_id
),

avslutat_i_omrade as (
    select *, 'riket' as niva_kod, 'riket' as omrade_kod from avslutat
    union all
    select *, 'lan' as niva_kod, lan_kod as omrade_kod from avslutat where kvartal_kod = 'hela_aret'
    union all
    select *, 'forbund' as niva_kod, forbund_id as omrade_kod from avslutat where kvartal_kod = 'hela_aret'
    union all
    select *, 'forbund_nu' as niva_kod, forbund_nu_id as omrade_kod from avslutat where kvartal_kod = 'hela_aret'
),

antal as (
    select
        avslutat_i_omrade.niva_kod,
        avslutat_i_omrade.omrade_kod,
        avslutat_i_omrade.slut_ar,
        avslutat_i_omrade.kvartal_kod,
        avslutat_i_omrade.era_kod,
        status.matpunkt_kod,
        status.observationsstatus_kod,
        avslutat_i_omrade.kon_kod,
        count(*) as deltaganden_antal,
        count(distinct avslutat_i_omrade.person_id)
            + count(*) filter (where avslutat_i_omrade.person_id is null) as personer_antal
    from avslutat_i_omrade
    inner join status on avslutat_i_omrade.deltagande_id = status.deltagande_id
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
