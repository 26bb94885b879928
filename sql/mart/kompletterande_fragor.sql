-- mart.kompletterande_fragor: de frågor som förbunden lagt till i SUS för sina egna insatser.
-- Korn: en rad per område och år. Nyckel: (niva_kod, omrade_kod, ar).
-- Definition: frågor som gällt någon dag av året, ur den senaste raden om förbundet och frågan. Svaren tas inte emot.
-- Frågans namn är fritext och redovisas inte; bara antalet.
-- År: de som leveransen av frågor rymmer, inga efter dess uttagsdatum. Riket har varje sådant år; ett förbund de år då
-- det fanns någon dag (core.forbund) eller hade en fråga: noll där det inte hade någon.
-- forbund_antal: förbund med minst en fråga under året.
with

fraga as (select * from core.sus_kompletterande_fraga),
forbund as (select * from core.forbund),
leverans as (select * from core.leverans),
manad as (select * from calendar.manad),

period as (
    select
        min(extract(year from period_fran_datum)) as forsta_ar,
        max(extract(year from least(cast(period_till_datum - interval '1' day as date), uttags_datum))) as sista_ar
    from leverans
    where tabell_namn = 'sus_kompletterande_fraga'
),

kalenderar as (
    select
        manad.ar,
        manad.manad_datum as forsta_datum,
        cast(manad.manad_datum + interval '1' year as date) as nasta_ar_datum
    from manad
    inner join period on manad.ar >= period.forsta_ar and manad.ar <= period.sista_ar
    where manad.manad_nr = 1
),

fraga_i_ordning as (
    select
        forbund_id,
        giltig_fran_datum,
        giltig_till_datum,
        row_number() over (
            partition by forbund_id, fraga_id order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from fraga
),

stalld as (
    select fraga_i_ordning.forbund_id, kalenderar.ar
    from fraga_i_ordning
    inner join kalenderar
        on fraga_i_ordning.giltig_fran_datum < kalenderar.nasta_ar_datum
        and (
            fraga_i_ordning.giltig_till_datum is null
            or fraga_i_ordning.giltig_till_datum >= kalenderar.forsta_datum
        )
    where fraga_i_ordning.senast_nr = 1
),

verksamt as (
    select forbund.forbund_id, kalenderar.ar
    from forbund
    inner join kalenderar
        on forbund.giltig_fran_datum < kalenderar.nasta_ar_datum
        and (forbund.giltig_till_datum is null or forbund.giltig_till_datum >= kalenderar.forsta_datum)
),

forbund_ar as (
    select forbund_id, ar from verksamt
    union
    select forbund_id, ar from stalld
),

fragor_per_forbund as (
    select forbund_ar.forbund_id, forbund_ar.ar, count(stalld.forbund_id) as fragor_antal
    from forbund_ar
    left join stalld on forbund_ar.forbund_id = stalld.forbund_id and forbund_ar.ar = stalld.ar
    group by forbund_ar.forbund_id, forbund_ar.ar
)

select
    'riket' as niva_kod,
    'riket' as omrade_kod,
    kalenderar.ar,
    cast(coalesce(sum(fragor_per_forbund.fragor_antal), 0) as bigint) as fragor_antal,
    count(*) filter (where fragor_per_forbund.fragor_antal > 0) as forbund_antal
from kalenderar
left join fragor_per_forbund on kalenderar.ar = fragor_per_forbund.ar
group by kalenderar.ar
union all
select
    'forbund' as niva_kod,
    forbund_id as omrade_kod,
    ar,
    fragor_antal,
    case when fragor_antal > 0 then 1 else 0 end as forbund_antal
from fragor_per_forbund
order by niva_kod, omrade_kod, ar
