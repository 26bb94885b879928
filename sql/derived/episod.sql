-- derived.episod: personens perioder delade vid varje gräns, så att episoderna inte överlappar.
-- Korn: en rad per person, episod och komponent i den. Nyckel: (person_id, episod_nr, komponent_kod).
-- Definition: personens tid delas vid varje dag då någon period börjar eller slutar; mellan två sådana dagar ändras
-- inget. En episod är en sådan del där minst en komponent finns; delar utan någon komponent tas inte med.
-- Alla komponenter delar personens gränser, så att det som gäller samtidigt har samma episod_nr.
-- omfattning_promille är summan av periodernas omfattning, också över 1000; tom där ingen av dem har någon.
-- En vilande period (omfattning 0) är med. Episoder slås inte ihop, inte heller när två i följd är lika.
-- Är någon period öppen har den sista episoden inget slut. De odelade perioderna finns kvar i derived.spell.
with

spell as (select * from derived.spell),

-- vad som tillkommer och faller bort på en dag; summan dittills är det som gäller
forandring as (
    select
        person_id,
        komponent_kod,
        fran_datum as grans_datum,
        1 as spell_antal,
        case when omfattning_promille is not null then 1 else 0 end as omfattningar_antal,
        coalesce(omfattning_promille, 0) as omfattning_promille
    from spell
    union all
    select
        person_id,
        komponent_kod,
        till_datum as grans_datum,
        -1 as spell_antal,
        case when omfattning_promille is not null then -1 else 0 end as omfattningar_antal,
        -coalesce(omfattning_promille, 0) as omfattning_promille
    from spell
    where till_datum is not null
),

dagens_forandring as (
    select
        person_id,
        komponent_kod,
        grans_datum,
        sum(spell_antal) as spell_antal,
        sum(omfattningar_antal) as omfattningar_antal,
        sum(omfattning_promille) as omfattning_promille
    from forandring
    group by person_id, komponent_kod, grans_datum
),

-- det som gäller av en komponent från en av dess gränser till nästa
gallande as (
    select
        person_id,
        komponent_kod,
        grans_datum as fran_datum,
        lead(grans_datum) over (partition by person_id, komponent_kod order by grans_datum) as till_datum,
        sum(spell_antal) over (
            partition by person_id, komponent_kod order by grans_datum
            rows between unbounded preceding and current row
        ) as spell_antal,
        sum(omfattningar_antal) over (
            partition by person_id, komponent_kod order by grans_datum
            rows between unbounded preceding and current row
        ) as omfattningar_antal,
        sum(omfattning_promille) over (
            partition by person_id, komponent_kod order by grans_datum
            rows between unbounded preceding and current row
        ) as omfattning_promille
    from dagens_forandring
),

grans as (
    select person_id, grans_datum, sum(spell_antal) as spell_antal
    from dagens_forandring
    group by person_id, grans_datum
),

stycke as (
    select
        person_id,
        grans_datum as fran_datum,
        lead(grans_datum) over (partition by person_id order by grans_datum) as till_datum,
        sum(spell_antal) over (
            partition by person_id order by grans_datum
            rows between unbounded preceding and current row
        ) as spell_antal
    from grans
),

episod as (
    select
        person_id,
        fran_datum,
        till_datum,
        row_number() over (partition by person_id order by fran_datum) as episod_nr
    from stycke
    where spell_antal > 0
)

select
    episod.person_id,
    cast(episod.episod_nr as integer) as episod_nr,
    gallande.komponent_kod,
    episod.fran_datum,
    episod.till_datum,
    cast(case when gallande.omfattningar_antal > 0 then gallande.omfattning_promille end as integer)
        as omfattning_promille,
    cast(gallande.spell_antal as integer) as spell_antal
from episod
inner join gallande
    on episod.person_id = gallande.person_id
    and gallande.fran_datum <= episod.fran_datum
    and (gallande.till_datum is null or episod.fran_datum < gallande.till_datum)
where gallande.spell_antal > 0
order by episod.person_id, episod_nr, gallande.komponent_kod
