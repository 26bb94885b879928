-- derived.deltagandeordning: personens deltaganden i ordning, och hur många som pågår samtidigt.
-- Korn: en rad per deltagande med person. Nyckel: deltagande_id.
-- Definition: deltagande_nr räknar personens deltaganden efter startdatum, insats_deltagande_nr dem i samma insats;
-- börjar två samma dag avgör deltagande_id. Varje inregistrering räknas för sig, också samma insats igen.
-- parallella_antal är personens andra deltaganden som har någon dag gemensam, start- och slutdag inräknade;
-- ett deltagande utan slutdatum pågår. Alla förbund och båda erorna räknas tillsammans.
with

deltagande as (select * from derived.deltagande where person_id is not null),

parallell as (
    select deltagande.deltagande_id, count(*) as antal
    from deltagande
    inner join deltagande as annat
        on deltagande.person_id = annat.person_id
        and deltagande.deltagande_id <> annat.deltagande_id
        and (deltagande.slut_datum is null or annat.start_datum <= deltagande.slut_datum)
        and (annat.slut_datum is null or deltagande.start_datum <= annat.slut_datum)
    group by deltagande.deltagande_id
)

select
    deltagande.deltagande_id,
    cast(
        row_number() over (
            partition by deltagande.person_id
            order by deltagande.start_datum, deltagande.deltagande_id
        ) as integer
    ) as deltagande_nr,
    cast(
        row_number() over (
            partition by deltagande.person_id, deltagande.insats_id
            order by deltagande.start_datum, deltagande.deltagande_id
        ) as integer
    ) as insats_deltagande_nr,
    cast(coalesce(parallell.antal, 0) as integer) as parallella_antal
from deltagande
left join parallell on deltagande.deltagande_id = parallell.deltagande_id
order by deltagande.deltagande_id
