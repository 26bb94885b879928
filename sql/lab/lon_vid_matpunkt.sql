-- lab.lon_vid_matpunkt: hur många deltaganden som hade lön vid varje mätpunkt, inte hade, eller inte kan veta om.
-- Korn och nyckel: en rad per mätpunkt; nyckel matpunkt_kod.
-- Definition: komponenten arbete, enligt AGI, bland de deltaganden som är observerade vid mätpunkten. Okänt är inte
-- nej: andelen av de kända är en annan än andelen av alla. Antalen är inte skyddade.
select
    komponent.matpunkt_kod,
    punkt.titel_sv as matpunkt,
    count(*) filter (where komponent.varde_kod = 'ja') as ja_antal,
    count(*) filter (where komponent.varde_kod = 'nej') as nej_antal,
    count(*) filter (where komponent.varde_kod = 'okand') as okand_antal
from derived.komponent as komponent
inner join derived.status as status
    on komponent.deltagande_id = status.deltagande_id and komponent.matpunkt_kod = status.matpunkt_kod
inner join codes.matpunkt as punkt on komponent.matpunkt_kod = punkt.kod
where komponent.komponent_kod = 'arbete' and status.observationsstatus_kod = 'observerad'
group by komponent.matpunkt_kod, punkt.titel_sv, punkt.rang_nr
order by punkt.rang_nr
