-- mart.omrade: namnen på de områden som de andra tabellerna har rader för, och vilket område de ligger i.
-- Korn: en rad per område. Nyckel: (niva_kod, omrade_kod).
-- Definition: riket, länen, förbunden som de var, förbunden som de är nu (derived.forbund_nu) och kommunerna; län och
-- kommun har också ett område för dem som ingen känd kommun har.
-- Förbund: varje id som referenslistan, SUS, Uppföljning Finsam, årsredovisningarna eller Indikator nämner.
-- Referenslistans namn går före SUS, som skrevs för hand; ett förbund utan namn heter som sitt id.
-- del_av_kod: en kommuns län, ett förbunds nuvarande förbund; för övriga riket. Kommunens senaste version gäller.
-- Namn som två områden på samma nivå delar får sin kod efter sig.
with

forbund_nu as (select * from derived.forbund_nu),
referens as (select * from core.forbund),
sus_forbund as (select * from core.sus_forbund),
kommun as (select * from core.kommun),
lan as (select * from codes.lan),

namnt_forbund as (
    select forbund_id from referens
    union
    select forbund_id from sus_forbund
    union
    select forbund_id from core.sus_insats
    union
    select forbund_id from core.sus1_aktivitet
    union
    select forbund_id from core.sus_kompletterande_fraga
    union
    select forbund_id from core.uppfoljning_insats
    union
    select forbund_id from core.arsredovisning
    union
    select forbund_id from core.indikator_svar
),

forbund as (
    select
        namnt_forbund.forbund_id,
        coalesce(referens.forbund_namn, sus_forbund.forbund_namn, namnt_forbund.forbund_id) as forbund_namn,
        coalesce(forbund_nu.forbund_nu_id, namnt_forbund.forbund_id) as forbund_nu_id
    from namnt_forbund
    left join referens on namnt_forbund.forbund_id = referens.forbund_id
    left join sus_forbund on namnt_forbund.forbund_id = sus_forbund.forbund_id
    left join forbund_nu on namnt_forbund.forbund_id = forbund_nu.forbund_id
),

kommun_i_ordning as (
    select
        kommun_kod,
        kommun_namn,
        lans_kod,
        row_number() over (partition by kommun_kod order by giltig_fran_datum desc) as senast_nr
    from kommun
),

omrade as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, 'Riket' as omrade_namn, 'riket' as del_av_kod
    union all
    select 'lan' as niva_kod, kod as omrade_kod, titel_sv as omrade_namn, 'riket' as del_av_kod
    from lan
    union all
    select 'lan' as niva_kod, 'okand' as omrade_kod, 'Okänt län' as omrade_namn, 'riket' as del_av_kod
    union all
    select 'forbund_nu' as niva_kod, forbund_id as omrade_kod, forbund_namn as omrade_namn, 'riket' as del_av_kod
    from forbund
    where forbund_id = forbund_nu_id
    union all
    select 'forbund' as niva_kod, forbund_id as omrade_kod, forbund_namn as omrade_namn, forbund_nu_id as del_av_kod
    from forbund
    union all
    select 'kommun' as niva_kod, kommun_kod as omrade_kod, kommun_namn as omrade_namn, lans_kod as del_av_kod
    from kommun_i_ordning
    where senast_nr = 1
    union all
    select 'kommun' as niva_kod, 'okand' as omrade_kod, 'Okänd kommun' as omrade_namn, 'okand' as del_av_kod
)

select
    niva_kod,
    omrade_kod,
    case
        when count(*) over (partition by niva_kod, omrade_namn) > 1 then omrade_namn || ' (' || omrade_kod || ')'
        else omrade_namn
    end as omrade_namn,
    del_av_kod
from omrade
order by niva_kod, omrade_kod
