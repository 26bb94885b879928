-- derived.spell_bistand: månader med ekonomiskt bistånd.
-- Korn: en rad per person, månad som biståndet avser och uttag. Nyckel: (person_id, komponent_kod, spell_nr).
-- Definition: båda vuxna i ett hushåll som fått minst codes.komponent.belopp_minst_antal kronor för månaden.
-- Barn aldrig: den som inte fyllt 18 på månadens sista dag är inte vuxen, inte heller när kommunen rapporterat så.
-- Åldern går efter folkbokföringens födelsemånad, är den ofullständig den tidigaste möjliga; okänd ålder är vuxen.
-- Flera hushåll eller kommuner samma månad är en månad. Månaden är den som biståndet avser, inte den då det betalas.
-- Om en kommun inte rapporterat en månad är den som saknas här okänd, inte utan bistånd: se derived.komponent.
-- Månaden hör till den som hade numret den första i månaden.
with

ekonomiskt_bistand as (select * from core.ekonomiskt_bistand),
person as (select * from derived.person),
personversion as (select * from derived.personversion),
komponentkod as (select * from codes.komponent),
manad as (select * from calendar.manad),

vuxen_i_hushall as (
    select pseudonym_1 as pseudonym, ar, manad_nr, belopp_antal, uttags_datum
    from ekonomiskt_bistand
    where pseudonym_1 is not null
    union all
    select pseudonym_2 as pseudonym, ar, manad_nr, belopp_antal, uttags_datum
    from ekonomiskt_bistand
    where pseudonym_2 is not null
),

bistandsmanad as (
    select
        person.person_id,
        manad.manad_datum,
        manad.nasta_manad_datum,
        vuxen_i_hushall.uttags_datum
    from vuxen_i_hushall
    inner join manad
        on vuxen_i_hushall.ar = manad.ar
        and vuxen_i_hushall.manad_nr = manad.manad_nr
    inner join person
        on vuxen_i_hushall.pseudonym = person.pseudonym
        and (person.fran_datum is null or person.fran_datum <= manad.manad_datum)
        and (person.till_datum is null or manad.manad_datum < person.till_datum)
    inner join komponentkod on komponentkod.kod = 'ekonomiskt_bistand'
    where vuxen_i_hushall.belopp_antal >= komponentkod.belopp_minst_antal
    group by person.person_id, manad.manad_datum, manad.nasta_manad_datum, vuxen_i_hushall.uttags_datum
),

fodelse as (
    select person_id, max(fodelse_tidigast_manad) as fodelse_tidigast_manad
    from personversion
    group by person_id
),

barn as (
    select bistandsmanad.person_id, bistandsmanad.manad_datum, bistandsmanad.uttags_datum
    from bistandsmanad
    inner join fodelse on bistandsmanad.person_id = fodelse.person_id
    where 12 * (extract(year from bistandsmanad.manad_datum) - extract(year from fodelse.fodelse_tidigast_manad))
        + extract(month from bistandsmanad.manad_datum)
        - extract(month from fodelse.fodelse_tidigast_manad) < 12 * 18
)

select
    bistandsmanad.person_id,
    'ekonomiskt_bistand' as komponent_kod,
    cast(
        row_number() over (
            partition by bistandsmanad.person_id
            order by bistandsmanad.manad_datum, bistandsmanad.uttags_datum
        ) as integer
    ) as spell_nr,
    bistandsmanad.manad_datum as fran_datum,
    bistandsmanad.nasta_manad_datum as till_datum,
    cast(null as integer) as omfattning_promille,
    cast(null as integer) as dagar_antal,
    'manad' as kornighet_kod,
    'ekonomiskt_bistand' as kalla,
    bistandsmanad.uttags_datum
from bistandsmanad
left join barn
    on bistandsmanad.person_id = barn.person_id
    and bistandsmanad.manad_datum = barn.manad_datum
    and bistandsmanad.uttags_datum = barn.uttags_datum
where barn.person_id is null
order by person_id, komponent_kod, spell_nr
