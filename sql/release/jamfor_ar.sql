-- release.jamfor_ar(sokt_omrade, forsta_ar, andra_ar): försörjningen bland dem som avslutade två år, sida vid sida.
-- Korn och nyckel: en rad per era, mätpunkt, indelning och försörjning; nyckel era_kod, matpunkt_kod,
-- indelning_kod, forsorjning_kod. År ur olika eror jämförs inte: de mätte olika.
-- Definition: båda könen tillsammans, bara de som har ersättningen. Skillnaden är i procentenheter, och tom där någon
-- av andelarna är utelämnad. Små förändringar i små områden säger lite.
-- Exempel: from jamfor_ar('riket', 2020, 2021) where indelning_kod = 'finsam3';
with omraden as (
    select 'riket' as omrade_kod, riket.* from main.forsorjning_riket as riket
    union all by name
    select forbund.forbund_id as omrade_kod, forbund.* exclude (forbund_id, forbund_namn)
    from main.forsorjning_forbund as forbund
),
valda as (
    select * from omraden where omrade_kod = sokt_omrade and varde_kod = 'ja' and kon_kod = 'totalt'
)
select nycklar.era_kod, nycklar.matpunkt_kod, nycklar.indelning_kod, nycklar.forsorjning_kod,
    fore.deltaganden_antal as forsta_antal, efter.deltaganden_antal as andra_antal,
    fore.deltaganden_andel as forsta_andel, efter.deltaganden_andel as andra_andel,
    round(efter.deltaganden_andel - fore.deltaganden_andel, 1) as skillnad_procentenheter,
    fore.status_kod as forsta_status_kod, efter.status_kod as andra_status_kod
from (select distinct era_kod, matpunkt_kod, indelning_kod, forsorjning_kod from valda) as nycklar
left join valda as fore
    on nycklar.era_kod = fore.era_kod and nycklar.matpunkt_kod = fore.matpunkt_kod
    and nycklar.indelning_kod = fore.indelning_kod
    and nycklar.forsorjning_kod = fore.forsorjning_kod and fore.slut_ar = forsta_ar
left join valda as efter
    on nycklar.era_kod = efter.era_kod and nycklar.matpunkt_kod = efter.matpunkt_kod
    and nycklar.indelning_kod = efter.indelning_kod
    and nycklar.forsorjning_kod = efter.forsorjning_kod and efter.slut_ar = andra_ar
order by nycklar.era_kod, nycklar.matpunkt_kod, nycklar.indelning_kod, nycklar.forsorjning_kod
