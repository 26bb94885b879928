-- mart.tackning_organisation: hur många kommuner och hur stor befolkning som förbunden täckte vid varje årsslut.
-- Korn: en rad per område och år. Nyckel: (niva_kod, omrade_kod, ar).
-- Definition: läget den 31 december; sista giltighetsdag räknas in. Ett förbund räknas i riket om det är giltigt i
-- core.forbund, och i ett län om det också har en kommun där (ett förbund kan stå i flera län, och länens förbund är då
-- fler än rikets). En kommun är med om ett giltigt förbund har den som medlem, och räknas en gång hur många förbund den
-- än har. kommuner_totalt_antal: alla giltiga kommuner (core.kommun).
-- invanare_antal: folkmängden 16–65 år i de kommuner som är med, invanare_totalt_antal i alla; noll: folkmängden är
-- inte levererad för året. I en kommun med flera förbund räknas alla invånare, också där en stadsdel saknar förbund.
-- År: de vars 31 december leveransen av förbundens kommuner rymmer och som inte är efter dess uttagsdatum.
with

forbund as (select * from core.forbund),
forbund_kommun as (select * from core.forbund_kommun),
kommun as (select * from core.kommun),
folkmangd as (select * from core.folkmangd),
leverans as (select * from core.leverans),
manad as (select * from calendar.manad),

period as (
    select
        min(period_fran_datum) as fran_datum,
        max(least(cast(period_till_datum - interval '1' day as date), uttags_datum)) as till_datum
    from leverans
    where tabell_namn = 'forbund_kommun'
),

arsslut as (
    select
        manad.ar,
        cast(manad.manad_datum + interval '1' month - interval '1' day as date) as slut_datum
    from manad
    cross join period
    where manad.manad_nr = 12
        and cast(manad.manad_datum + interval '1' month - interval '1' day as date) >= period.fran_datum
        and cast(manad.manad_datum + interval '1' month - interval '1' day as date) <= period.till_datum
),

giltig_kommun as (
    select arsslut.ar, kommun.kommun_kod, max(kommun.lans_kod) as lans_kod
    from arsslut
    inner join kommun
        on kommun.giltig_fran_datum <= arsslut.slut_datum
        and (kommun.giltig_till_datum is null or kommun.giltig_till_datum >= arsslut.slut_datum)
    group by arsslut.ar, kommun.kommun_kod
),

giltigt_forbund as (
    select arsslut.ar, arsslut.slut_datum, forbund.forbund_id
    from arsslut
    inner join forbund
        on forbund.giltig_fran_datum <= arsslut.slut_datum
        and (forbund.giltig_till_datum is null or forbund.giltig_till_datum >= arsslut.slut_datum)
),

medlem as (
    select giltigt_forbund.ar, giltigt_forbund.forbund_id, giltig_kommun.kommun_kod, giltig_kommun.lans_kod
    from giltigt_forbund
    inner join forbund_kommun
        on giltigt_forbund.forbund_id = forbund_kommun.forbund_id
        and forbund_kommun.giltig_fran_datum <= giltigt_forbund.slut_datum
        and (
            forbund_kommun.giltig_till_datum is null
            or forbund_kommun.giltig_till_datum >= giltigt_forbund.slut_datum
        )
    inner join giltig_kommun
        on giltigt_forbund.ar = giltig_kommun.ar
        and forbund_kommun.kommun_kod = giltig_kommun.kommun_kod
),

med_kommun as (
    select ar, kommun_kod from medlem group by ar, kommun_kod
),

invanare as (
    select ar, kommun_kod, sum(invanare_antal) as invanare_antal from folkmangd group by ar, kommun_kod
),

kommun_ar as (
    select
        giltig_kommun.ar,
        giltig_kommun.lans_kod,
        case when med_kommun.kommun_kod is null then 0 else 1 end as med_antal,
        coalesce(invanare.invanare_antal, 0) as invanare_antal
    from giltig_kommun
    left join med_kommun
        on giltig_kommun.ar = med_kommun.ar
        and giltig_kommun.kommun_kod = med_kommun.kommun_kod
    left join invanare
        on giltig_kommun.ar = invanare.ar
        and giltig_kommun.kommun_kod = invanare.kommun_kod
),

kommun_i_omrade as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, ar, med_antal, invanare_antal from kommun_ar
    union all
    select 'lan' as niva_kod, lans_kod as omrade_kod, ar, med_antal, invanare_antal from kommun_ar
),

forbund_i_omrade as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, ar, count(*) as forbund_antal
    from giltigt_forbund
    group by ar
    union all
    select 'lan' as niva_kod, lans_kod as omrade_kod, ar, count(distinct forbund_id) as forbund_antal
    from medlem
    group by lans_kod, ar
)

select
    kommun_i_omrade.niva_kod,
    kommun_i_omrade.omrade_kod,
    kommun_i_omrade.ar,
    coalesce(max(forbund_i_omrade.forbund_antal), 0) as forbund_antal,
    cast(sum(kommun_i_omrade.med_antal) as bigint) as kommuner_antal,
    count(*) as kommuner_totalt_antal,
    cast(sum(kommun_i_omrade.med_antal * kommun_i_omrade.invanare_antal) as bigint) as invanare_antal,
    cast(sum(kommun_i_omrade.invanare_antal) as bigint) as invanare_totalt_antal
from kommun_i_omrade
left join forbund_i_omrade
    on kommun_i_omrade.niva_kod = forbund_i_omrade.niva_kod
    and kommun_i_omrade.omrade_kod = forbund_i_omrade.omrade_kod
    and kommun_i_omrade.ar = forbund_i_omrade.ar
group by kommun_i_omrade.niva_kod, kommun_i_omrade.omrade_kod, kommun_i_omrade.ar
order by niva_kod, omrade_kod, ar
