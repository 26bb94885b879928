-- derived.spell_akassa_manad: månader med arbetslöshetsersättning, enligt lagen från oktober 2025.
-- Korn: en rad per person, kalendermånad och uttag. Nyckel: (person_id, komponent_kod, spell_nr).
-- Definition: månader där a-kassan ersatt minst en dag. Inkomstbaserad ersättning och grundersättning läggs ihop.
-- dagar_antal är hur många dagar som ersatts, men inte vilka: perioden är därför hela månaden. En full månad är 22.
-- Dagarna kapas inte; en rättelse med färre än noll dagar räknas av. En månad utan dagar är ingen period.
-- A-kassan har ingen omfattning. Månaden är den som ersättningen avser, inte den då den betalas.
-- Äldre beslut löper vidare per vecka: derived.spell_akassa_vecka står bredvid, och ingen av dem går före den andra.
-- Perioden hör till den som hade numret den första i månaden.
with

akassa_manad as (select * from core.akassa_manad),
person as (select * from derived.person),
manad as (select * from calendar.manad),

ersattningsmanad as (
    select
        person.person_id,
        manad.manad_datum as fran_datum,
        manad.nasta_manad_datum as till_datum,
        akassa_manad.uttags_datum,
        cast(sum(akassa_manad.dagar_antal) as integer) as dagar_antal
    from akassa_manad
    inner join manad on akassa_manad.manad = manad.manad_datum
    inner join person
        on akassa_manad.pseudonym = person.pseudonym
        and (person.fran_datum is null or person.fran_datum <= manad.manad_datum)
        and (person.till_datum is null or manad.manad_datum < person.till_datum)
    group by person.person_id, manad.manad_datum, manad.nasta_manad_datum, akassa_manad.uttags_datum
)

select
    person_id,
    'a_kassa' as komponent_kod,
    cast(row_number() over (partition by person_id order by fran_datum, uttags_datum) as integer) as spell_nr,
    fran_datum,
    till_datum,
    cast(null as integer) as omfattning_promille,
    dagar_antal,
    'manad' as kornighet_kod,
    'akassa_manad' as kalla,
    uttags_datum
from ersattningsmanad
where dagar_antal > 0
order by person_id, komponent_kod, spell_nr
