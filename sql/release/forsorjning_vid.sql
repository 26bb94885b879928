-- release.forsorjning_vid(sokt_omrade, sokt_matpunkt): vad deltagarna levde på vid en mätpunkt, år för år.
-- Korn och nyckel: en rad per slutår, era, indelning, försörjning och kön; nyckel slut_ar, era_kod, indelning_kod,
-- forsorjning_kod, kon_kod.
-- Definition: bara de som har ersättningen (varde_kod ja). Andelen är av de observerade, som tackning visar antalet av.
-- En deltagare kan ha flera ersättningar samtidigt: andelarna blir tillsammans inte hundra.
-- Exempel: from forsorjning_vid('riket', 'sex_manader') where indelning_kod = 'finsam3' and kon_kod = 'totalt';
with omraden as (
    select 'riket' as omrade_kod, 'Riket' as omrade_namn, riket.* from main.forsorjning_riket as riket
    union all by name
    select forbund.forbund_id as omrade_kod, forbund.forbund_namn as omrade_namn,
        forbund.* exclude (forbund_id, forbund_namn)
    from main.forsorjning_forbund as forbund
)
select * exclude (matpunkt_kod, varde_kod)
from omraden
where omrade_kod = sokt_omrade and matpunkt_kod = sokt_matpunkt and varde_kod = 'ja'
order by slut_ar, era_kod, indelning_kod, forsorjning_kod, kon_kod
