-- derived.spell: alla registers perioder i en form.
-- Korn: en rad per person, komponent och period. Nyckel: (person_id, komponent_kod, spell_nr).
-- Definition: unionen av derived.spell_*. Inget slås ihop, kapas eller vägs här: registren står bredvid varandra, och
-- perioder som överlappar ligger kvar. De delade, som inte överlappar, finns i derived.episod.
-- spell_nr räknas om över källorna, för a-kassan har två (vecka och månad) som löper sida vid sida.
-- En period utan slut (till_datum tomt) pågick vid uttaget; inget slut hittas på.
with

spell_sjukpenning as (select * from derived.spell_sjukpenning),
spell_sjukersattning as (select * from derived.spell_sjukersattning),
spell_aktivitetsstod as (select * from derived.spell_aktivitetsstod),
spell_akassa_vecka as (select * from derived.spell_akassa_vecka),
spell_akassa_manad as (select * from derived.spell_akassa_manad),
spell_studiemedel as (select * from derived.spell_studiemedel),
spell_sokandekategori as (select * from derived.spell_sokandekategori),
spell_bistand as (select * from derived.spell_bistand),
spell_arbete as (select * from derived.spell_arbete),

-- alla har samma kolumner i samma ordning; lönens belopp finns bara i derived.spell_arbete
alla_spell as (
    select * from spell_sjukpenning
    union all
    select * from spell_sjukersattning
    union all
    select * from spell_aktivitetsstod
    union all
    select * from spell_akassa_vecka
    union all
    select * from spell_akassa_manad
    union all
    select * from spell_studiemedel
    union all
    select * from spell_sokandekategori
    union all
    select * from spell_bistand
    union all
    select
        person_id, komponent_kod, spell_nr, fran_datum, till_datum,
        omfattning_promille, dagar_antal, kornighet_kod, kalla, uttags_datum
    from spell_arbete
)

select
    person_id,
    komponent_kod,
    cast(
        row_number() over (
            partition by person_id, komponent_kod
            order by fran_datum, till_datum nulls last, kalla, spell_nr
        ) as integer
    ) as spell_nr,
    fran_datum,
    till_datum,
    omfattning_promille,
    dagar_antal,
    kornighet_kod,
    kalla,
    uttags_datum
from alla_spell
order by person_id, komponent_kod, spell_nr
