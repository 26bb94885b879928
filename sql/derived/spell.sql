-- derived.spell: every spell of every register in one shape.
-- Grain: one row per person, komponent and spell. Key: (person_id, komponent_kod, spell_nr).
-- Definition: the union of derived.spell_*; each komponent comes from one of them. Nothing is merged or cut here.
with

spell_sjukpenning as (select * from derived.spell_sjukpenning),
spell_bistand as (select * from derived.spell_bistand),
spell_arbete as (select * from derived.spell_arbete),

alla_spell as (
    select * from spell_sjukpenning
    union all
    select * from spell_bistand
    union all
    select * from spell_arbete
)

select
    person_id,
    komponent_kod,
    spell_nr,
    fran_datum,
    till_datum,
    omfattning_promille,
    kornighet_kod,
    kalla,
    uttags_datum
from alla_spell
order by person_id, komponent_kod, spell_nr
