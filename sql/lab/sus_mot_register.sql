-- lab.sus_mot_register: hur ofta det som handläggaren kryssade i SUS stämmer med registren, per ersättning.
-- Korn och nyckel: en rad per mätpunkt, komponent och utfall; nyckel matpunkt_kod, komponent_kod, utfall_kod.
-- Definition: derived.overensstammelse, räknad. Mätpunkterna är SUS egna veckor före och efter insatsen.
select
    jamforelse.matpunkt_kod,
    jamforelse.komponent_kod,
    jamforelse.utfall_kod,
    utfall.titel_sv as utfall,
    count(*) as deltaganden_antal
from derived.overensstammelse as jamforelse
left join codes.overensstammelse as utfall on jamforelse.utfall_kod = utfall.kod
group by jamforelse.matpunkt_kod, jamforelse.komponent_kod, jamforelse.utfall_kod, utfall.titel_sv
order by jamforelse.matpunkt_kod, jamforelse.komponent_kod, jamforelse.utfall_kod
