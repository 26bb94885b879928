-- lab.leveranser_i_kraft: vad som är i kraft av varje tabell, för att se om ett register slutar för tidigt.
-- Korn och nyckel: en rad per tabell; nyckel tabell_namn.
-- Definition: hela leveranser, inte rättelser. Perioden är från den tidigaste till den senaste dagen som någon leverans
-- i kraft täcker; luckor däremellan syns inte här. behallna_antal är rader om personer som finns i SUS.
select
    tabell_namn,
    min(period_fran_datum) as period_fran_datum,
    max(period_till_datum) as period_till_datum,
    max(uttags_datum) as senaste_uttags_datum,
    count(*) as leveranser_antal,
    sum(behallna_antal) as behallna_antal
from core.leverans
where omfattning_kod = 'hel'
group by tabell_namn
order by tabell_namn
