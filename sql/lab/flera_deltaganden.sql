-- lab.flera_deltaganden: hur många personer som har ett, två eller flera deltaganden.
-- Korn och nyckel: en rad per antal deltaganden; nyckel deltaganden_antal.
-- Definition: person är slutet på kedjan av nummerbyten. Deltaganden utan personuppgifter finns inte med: de kan inte
-- föras samman. Det är därför personer är färre än deltaganden, och inte kan läggas samman över områden.
with per_person as (
    select person_id, count(*) as deltaganden_antal, count(distinct forbund_id) as forbund_antal
    from derived.deltagande
    where person_id is not null
    group by person_id
)
select
    deltaganden_antal,
    count(*) as personer_antal,
    count(*) filter (where forbund_antal > 1) as i_flera_forbund_antal
from per_person
group by deltaganden_antal
order by deltaganden_antal
