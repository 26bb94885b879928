-- release.arbete_eller_studier(sokt_omrade): hur många som hade lön eller studiemedel vid varje mätpunkt, år för år.
-- Korn och nyckel: en rad per slutår, era, mätpunkt och försörjning (arbete eller studiemedel); nyckel slut_ar,
-- era_kod, matpunkt_kod, forsorjning_kod.
-- Definition: enligt register, båda könen tillsammans; andel av de observerade. Arbete är lön i månaden, av vilken
-- storlek som helst. Den som både arbetar och studerar finns i båda raderna: de får inte läggas samman.
-- Exempel: from arbete_eller_studier('riket');
with omraden as (
    select 'riket' as omrade_kod, 'Riket' as omrade_namn, riket.* from main.forsorjning_riket as riket
    union all by name
    select forbund.forbund_id as omrade_kod, forbund.forbund_namn as omrade_namn,
        forbund.* exclude (forbund_id, forbund_namn)
    from main.forsorjning_forbund as forbund
)
select * exclude (indelning_kod, varde_kod, kon_kod)
from omraden
where omrade_kod = sokt_omrade and indelning_kod = 'komponent' and forsorjning_kod in ('arbete', 'studiemedel')
    and varde_kod = 'ja' and kon_kod = 'totalt'
order by slut_ar, era_kod, forsorjning_kod, matpunkt_kod
