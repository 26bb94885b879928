-- derived.spell_arbete: månader med lön från arbete.
-- Korn: en rad per person och utbetalningsmånad. Nyckel: (person_id, komponent_kod, spell_nr).
-- Definition: fält 011 hos alla arbetsgivare är tillsammans minst codes.komponent.belopp_minst_antal kronor (SCB: över
-- 99); belopp_antal är summan. Fält 131, skattepliktig ersättning som inte är lön, är inte arbete.
-- AGI har ingen omfattning; månaden är den då lönen betalades, inte alltid den då arbetet gjordes.
-- Av en nyckel (arbetsgivare, mottagare, månad, specifikation) gäller den rad som sänts sist (uttagsdatum, filnamn,
-- rad), om den inte är ett borttag: i den hela leverans som gäller för månaden och i dess rättelser.
-- Perioden är den hela leveransens; en rättelse av en månad som ingen hel leverans har säger inget.
-- Månaden hör till den som hade numret den första i månaden.
with

agi as (select * from core.agi),
leverans as (select * from core.leverans where tabell_namn = 'agi' and omfattning_kod = 'hel'),
person as (select * from derived.person),
komponentkod as (select * from codes.komponent),
manad as (select * from calendar.manad),

hel_leverans as (
    select manad.manad_datum, manad.nasta_manad_datum, max(leverans.uttags_datum) as uttags_datum
    from manad
    inner join leverans
        on leverans.period_fran_datum <= manad.manad_datum
        and manad.manad_datum < leverans.period_till_datum
    group by manad.manad_datum, manad.nasta_manad_datum
),

uppgift_i_ordning as (
    select
        agi.pseudonym,
        agi.ersattning_arbete_antal,
        agi.borttag_nr,
        hel_leverans.manad_datum,
        hel_leverans.nasta_manad_datum,
        hel_leverans.uttags_datum,
        row_number() over (
            partition by agi.arbetsgivare_pseudonym, agi.pseudonym, agi.manad, agi.specifikation_nr
            order by agi.uttags_datum desc, agi.fil_namn desc, agi.rad_nr desc
        ) as senast_nr
    from agi
    inner join hel_leverans
        on agi.manad = hel_leverans.manad_datum
        and agi.uttags_datum >= hel_leverans.uttags_datum
),

gallande_uppgift as (
    select pseudonym, manad_datum, nasta_manad_datum, uttags_datum, ersattning_arbete_antal
    from uppgift_i_ordning
    where senast_nr = 1 and borttag_nr is null
),

lonemanad as (
    select
        person.person_id,
        gallande_uppgift.manad_datum,
        gallande_uppgift.nasta_manad_datum,
        gallande_uppgift.uttags_datum,
        sum(coalesce(gallande_uppgift.ersattning_arbete_antal, 0)) as ersattning_antal
    from gallande_uppgift
    inner join person
        on gallande_uppgift.pseudonym = person.pseudonym
        and (person.fran_datum is null or person.fran_datum <= gallande_uppgift.manad_datum)
        and (person.till_datum is null or gallande_uppgift.manad_datum < person.till_datum)
    group by
        person.person_id,
        gallande_uppgift.manad_datum,
        gallande_uppgift.nasta_manad_datum,
        gallande_uppgift.uttags_datum
)

select
    lonemanad.person_id,
    'arbete' as komponent_kod,
    cast(
        row_number() over (
            partition by lonemanad.person_id
            order by lonemanad.manad_datum, lonemanad.uttags_datum
        ) as integer
    ) as spell_nr,
    lonemanad.manad_datum as fran_datum,
    lonemanad.nasta_manad_datum as till_datum,
    cast(null as integer) as omfattning_promille,
    cast(null as integer) as dagar_antal,
    cast(lonemanad.ersattning_antal as bigint) as belopp_antal,
    'manad' as kornighet_kod,
    'agi' as kalla,
    lonemanad.uttags_datum
from lonemanad
inner join komponentkod on komponentkod.kod = 'arbete'
where lonemanad.ersattning_antal >= komponentkod.belopp_minst_antal
order by person_id, komponent_kod, spell_nr
