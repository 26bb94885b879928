-- mart.omrade: namnen på de områden som de andra tabellerna har rader för.
-- Korn: en rad per område. Nyckel: (niva_kod, omrade_kod).
-- Definition: riket, och varje förbund som SUS eller referenslistan över förbund nämner.
-- Referenslistans namn går före SUS, som skrevs för hand.

with

reference as (select * from core.forbund),
sus_forbund as (select * from core.sus_forbund),

namngivet_forbund as (
    select
        coalesce(reference.forbund_id, sus_forbund.forbund_id) as forbund_id,
        coalesce(reference.forbund_namn, sus_forbund.forbund_namn) as forbund_namn
    from reference
    full outer join sus_forbund
        on reference.forbund_id = sus_forbund.forbund_id
)

select 'riket' as niva_kod, 'riket' as omrade_kod, 'Riket' as omrade_namn
union all
select 'forbund' as niva_kod, forbund_id as omrade_kod, forbund_namn as omrade_namn
from namngivet_forbund
order by niva_kod, omrade_kod
