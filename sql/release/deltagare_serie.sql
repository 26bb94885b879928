-- release.deltagare_serie(sokt_omrade): deltaganden och personer år för år i ett förbund (dess id) eller i 'riket'.
-- Korn och nyckel: en rad per år, era och kön; nyckel ar, era_kod, kon_kod.
-- Definition: alla som var aktiva någon dag under året, med och utan personuppgifter. Samma person räknas en gång per
-- år men kan finnas i flera år: åren får inte läggas samman. Ett tal som saknas har sitt skäl i status_kod.
-- Exempel: from deltagare_serie('F023') where kon_kod = 'totalt';
with omraden as (
    select 'riket' as omrade_kod, 'Riket' as omrade_namn, riket.* from main.deltagare_riket as riket
    union all by name
    select forbund.forbund_id as omrade_kod, forbund.forbund_namn as omrade_namn,
        forbund.* exclude (forbund_id, forbund_namn)
    from main.deltagare_forbund as forbund
)
select * exclude (registrering_kod, bakgrund_kod)
from omraden
where omrade_kod = sokt_omrade and registrering_kod = 'totalt' and coalesce(bakgrund_kod, 'totalt') = 'totalt'
order by ar, era_kod, kon_kod
