-- derived.spell_akassa_vecka: veckor med arbetslöshetsersättning, enligt reglerna för beslut före oktober 2025.
-- Korn: en rad per person, ISO-vecka och uttag. Nyckel: (person_id, komponent_kod, spell_nr).
-- Definition: veckor där a-kassan ersatt minst en dag. Inkomstbaserad ersättning och grundersättning läggs ihop.
-- dagar_antal är hur många dagar som ersatts, men inte vilka: perioden är därför hela veckan, måndag till söndag.
-- Dagarna kapas inte vid fem; en rättelse med färre än noll dagar räknas av. En vecka utan dagar är ingen period.
-- A-kassan har ingen omfattning: tre dagar i en vecka säger inte hur stor del av försörjningen som de var.
-- Perioden hör till den som hade numret på måndagen.
with

akassa_vecka as (select * from core.akassa_vecka),
person as (select * from derived.person),
dag as (select * from calendar.dag),

ersattningsvecka as (
    select
        person.person_id,
        dag.vecka_datum as fran_datum,
        cast(dag.vecka_datum + interval '7' day as date) as till_datum,
        akassa_vecka.uttags_datum,
        cast(sum(akassa_vecka.dagar_antal) as integer) as dagar_antal
    from akassa_vecka
    inner join dag on akassa_vecka.vecka = dag.datum
    inner join person
        on akassa_vecka.pseudonym = person.pseudonym
        and (person.fran_datum is null or person.fran_datum <= dag.vecka_datum)
        and (person.till_datum is null or dag.vecka_datum < person.till_datum)
    group by person.person_id, dag.vecka_datum, akassa_vecka.uttags_datum
)

select
    person_id,
    'a_kassa' as komponent_kod,
    cast(row_number() over (partition by person_id order by fran_datum, uttags_datum) as integer) as spell_nr,
    fran_datum,
    till_datum,
    cast(null as integer) as omfattning_promille,
    dagar_antal,
    'vecka' as kornighet_kod,
    'akassa_vecka' as kalla,
    uttags_datum
from ersattningsvecka
where dagar_antal > 0
order by person_id, komponent_kod, spell_nr
