-- derived.redovisningsperiod: de år och kvartal som varje era har rader för.
-- Korn: en rad per era, år och kvartal (K1–K4 och hela_aret). Nyckel: (era_kod, ar, kvartal_kod).
-- Definition: åren från det första till det sista som leveransen av erans egna deltaganden rymmer någon del av
-- (sus1_deltagare, sus_deltagande), och inget år efter det då uttaget gjordes: längre vet ingen.
-- Ett år är helt också där leveransen eller uttaget bara når en del av det. Åren mellan två leveranser hör till.
-- Ett år som båda erorna rymmer har båda. Uppföljning Finsam har inga deltaganden, bara antal, och ingen rad här.
with

leverans as (select * from core.leverans),
manad as (select * from calendar.manad),
kvartal as (select * from codes.kvartal),

sus_period as (
    select
        case tabell_namn when 'sus_deltagande' then 'nya_sus' else 'sus1' end as era_kod,
        min(extract(year from period_fran_datum)) as forsta_ar,
        max(extract(year from least(cast(period_till_datum - interval '1' day as date), uttags_datum))) as sista_ar
    from leverans
    where tabell_namn in ('sus_deltagande', 'sus1_deltagare')
    group by tabell_namn
)

select
    sus_period.era_kod,
    manad.ar,
    kvartal.kod as kvartal_kod,
    min(manad.manad_datum) as fran_datum,
    max(manad.nasta_manad_datum) as till_datum
from sus_period
inner join manad on manad.ar >= sus_period.forsta_ar and manad.ar <= sus_period.sista_ar
inner join kvartal on manad.manad_nr >= kvartal.forsta_manad_nr and manad.manad_nr <= kvartal.sista_manad_nr
group by sus_period.era_kod, manad.ar, kvartal.kod
order by sus_period.era_kod, manad.ar, kvartal.kod
