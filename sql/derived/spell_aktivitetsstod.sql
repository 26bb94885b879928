-- derived.spell_aktivitetsstod: månader med aktivitetsstöd, utvecklingsersättning och etableringsersättning.
-- Korn: en rad per levererad rad med dagar. Nyckel: (person_id, komponent_kod, spell_nr).
-- Definition: registret har utbetalningsmånaden. Ersättningen söks månaden efter den som den avser och betalas då, så
-- perioden är den kalendermånad som ligger codes.komponentkalla.utbetalning_manader_antal före utbetalningen.
-- dagar_antal är de utbetalda dagarna, högst fem i veckan: hur många, men inte vilka.
-- En rad utan dagar är ett tillägg i kronor, och en med färre än noll en rättelse: ingen av dem är en period.
-- Flera omfattningar eller ersättningar samma månad är var sin period; de läggs ihop först där de läses.
-- Perioden hör till den som hade numret den första i månaden.
with

fk_aktivitetsstod as (select * from core.fk_aktivitetsstod),
person as (select * from derived.person),
komponentkalla as (select * from codes.komponentkalla where tabell_namn = 'fk_aktivitetsstod'),
manad as (select * from calendar.manad),

utbetalning as (
    select
        *,
        case ersattning_kod
            when 'AS' then 'aktivitetsstod'
            when 'UE' then 'utvecklingsersattning'
            when 'EE' then 'etableringsersattning'
        end as komponent_kod
    from fk_aktivitetsstod
    where dagar_antal > 0
),

period as (
    select
        person.person_id,
        utbetalning.komponent_kod,
        manad.manad_datum as fran_datum,
        manad.nasta_manad_datum as till_datum,
        utbetalning.omfattning_procent * 10 as omfattning_promille,
        utbetalning.dagar_antal,
        utbetalning.uttags_datum,
        utbetalning.fil_namn,
        utbetalning.rad_nr
    from utbetalning
    inner join komponentkalla on utbetalning.komponent_kod = komponentkalla.spell_komponent_kod
    inner join manad as utbetalningsmanad on utbetalning.manad = utbetalningsmanad.manad_datum
    inner join manad
        on utbetalningsmanad.manad_index_nr - komponentkalla.utbetalning_manader_antal = manad.manad_index_nr
    inner join person
        on utbetalning.pseudonym = person.pseudonym
        and (person.fran_datum is null or person.fran_datum <= manad.manad_datum)
        and (person.till_datum is null or manad.manad_datum < person.till_datum)
)

select
    person_id,
    komponent_kod,
    cast(
        row_number() over (
            partition by person_id, komponent_kod
            order by fran_datum, omfattning_promille, dagar_antal, uttags_datum, fil_namn, rad_nr
        ) as integer
    ) as spell_nr,
    fran_datum,
    till_datum,
    omfattning_promille,
    dagar_antal,
    'manad' as kornighet_kod,
    'fk_aktivitetsstod' as kalla,
    uttags_datum
from period
order by person_id, komponent_kod, spell_nr
