-- derived.person: vem som haft vilket nummer, och när.
-- Korn: en rad per pseudonym och innehavare. Nyckel: (pseudonym, innehav_nr).
-- Definition: en person är slutet på kedjan av de byten som codes.nummerbyte säger är en och samma persons.
-- Falska och annullerade identiteter länkas aldrig: inte ett byte som någon gång sagts vara falsk identitet, och
-- inget byte från eller till ett nummer som folkbokföringen avregistrerat som annullerat (AS) eller falskt (FI).
-- Ett byte länkar alla datum. Datum avgör bara för återanvända nummer: ett som lämnats två gånger, eller som finns i
-- folkbokföringen på nytt efter att det lämnats. Då hör numret före bytet till den förra innehavaren.
-- Nummer som bytts i cirkel är en person, som får namn av cirkelns senaste byte.
-- Nummer: folkbokföringens, båda eror av SUS, och de som nämns i ett byte. Övriga register letas upp bland dem.
with recursive

nummerbyte as (select * from core.nummerbyte),
nummerbytekod as (select * from codes.nummerbyte),
folkbokforing as (select * from core.folkbokforing),
sus_deltagande as (select * from core.sus_deltagande),
sus1_deltagare as (select * from core.sus1_deltagare),

nummer as (
    select pseudonym from folkbokforing
    union
    select pseudonym from sus_deltagande where pseudonym is not null
    union
    select pseudonym from sus1_deltagare where pseudonym is not null
    union
    -- ett av de två är tomt där uppgiftsminimeringen glömt den andra personen i en falsk identitet
    select tidigare_pseudonym as pseudonym from nummerbyte where tidigare_pseudonym is not null
    union
    select ny_pseudonym as pseudonym from nummerbyte where ny_pseudonym is not null
),

avford_identitet as (
    select pseudonym from folkbokforing where avregistrering_kod in ('AS', 'FI') group by pseudonym
),

byte as (
    select nummerbyte.tidigare_pseudonym, nummerbyte.ny_pseudonym, max(nummerbyte.datum) as datum
    from nummerbyte
    left join nummerbytekod on nummerbyte.byte_kod = nummerbytekod.kod
    left join avford_identitet as avford_tidigare on nummerbyte.tidigare_pseudonym = avford_tidigare.pseudonym
    left join avford_identitet as avford_ny on nummerbyte.ny_pseudonym = avford_ny.pseudonym
    where nummerbyte.tidigare_pseudonym <> nummerbyte.ny_pseudonym
        and avford_tidigare.pseudonym is null
        and avford_ny.pseudonym is null
    group by nummerbyte.tidigare_pseudonym, nummerbyte.ny_pseudonym
    having min(case when nummerbytekod.samma_person_kod = 'J' then 1 else 0 end) = 1
),

-- `union` behåller varje par en gång, och det är så vandringen runt en cirkel tar slut
natt_nummer as (
    select tidigare_pseudonym as fran_pseudonym, ny_pseudonym as till_pseudonym from byte
    union
    select natt_nummer.fran_pseudonym, byte.ny_pseudonym as till_pseudonym
    from natt_nummer
    inner join byte on natt_nummer.till_pseudonym = byte.tidigare_pseudonym
),

nummer_i_cykel as (
    select fran_pseudonym as pseudonym from natt_nummer where fran_pseudonym = till_pseudonym
),

byte_i_ordning as (
    select
        tidigare_pseudonym,
        ny_pseudonym,
        datum,
        row_number() over (partition by tidigare_pseudonym order by datum, ny_pseudonym) as byte_nr,
        lag(datum) over (partition by tidigare_pseudonym order by datum, ny_pseudonym) as forra_datum,
        count(*) over (partition by tidigare_pseudonym) as byten_antal
    from byte
),

sista_byte as (
    select * from byte_i_ordning where byte_nr = byten_antal
),

ateranvant_nummer as (
    select sista_byte.tidigare_pseudonym as pseudonym, max(sista_byte.byten_antal) as byten_antal, max(datum) as datum
    from sista_byte
    inner join folkbokforing
        on sista_byte.tidigare_pseudonym = folkbokforing.pseudonym
        and folkbokforing.giltig_fran_datum >= sista_byte.datum
    left join nummer_i_cykel on sista_byte.tidigare_pseudonym = nummer_i_cykel.pseudonym
    where nummer_i_cykel.pseudonym is null and coalesce(folkbokforing.avregistrering_kod, '') not in ('GN', 'GS')
    group by sista_byte.tidigare_pseudonym
),

innehav as (
    select
        byte_i_ordning.tidigare_pseudonym as pseudonym,
        byte_i_ordning.byte_nr as innehav_nr,
        byte_i_ordning.forra_datum as fran_datum,
        case
            when byte_i_ordning.byte_nr < byte_i_ordning.byten_antal or ateranvant_nummer.pseudonym is not null
                then byte_i_ordning.datum
        end as till_datum,
        byte_i_ordning.ny_pseudonym,
        byte_i_ordning.datum as byte_datum
    from byte_i_ordning
    left join ateranvant_nummer on byte_i_ordning.tidigare_pseudonym = ateranvant_nummer.pseudonym
    union all
    select
        pseudonym,
        byten_antal + 1 as innehav_nr,
        datum as fran_datum,
        cast(null as date) as till_datum,
        null as ny_pseudonym,
        cast(null as date) as byte_datum
    from ateranvant_nummer
    union all
    select
        nummer.pseudonym,
        1 as innehav_nr,
        cast(null as date) as fran_datum,
        cast(null as date) as till_datum,
        null as ny_pseudonym,
        cast(null as date) as byte_datum
    from nummer
    left join sista_byte on nummer.pseudonym = sista_byte.tidigare_pseudonym
    where sista_byte.tidigare_pseudonym is null
),

lank as (
    select
        innehav.pseudonym,
        innehav.innehav_nr,
        nasta.pseudonym as nasta_pseudonym,
        nasta.innehav_nr as nasta_innehav_nr,
        innehav.byte_datum
    from innehav
    inner join innehav as nasta
        on innehav.ny_pseudonym = nasta.pseudonym
        and (nasta.fran_datum is null or nasta.fran_datum <= innehav.byte_datum)
        and (nasta.till_datum is null or innehav.byte_datum < nasta.till_datum)
),

kedja as (
    select pseudonym, innehav_nr, nasta_pseudonym as led_pseudonym, nasta_innehav_nr as led_innehav_nr from lank
    union
    select kedja.pseudonym, kedja.innehav_nr, lank.nasta_pseudonym, lank.nasta_innehav_nr
    from kedja
    inner join lank on kedja.led_pseudonym = lank.pseudonym and kedja.led_innehav_nr = lank.innehav_nr
),

cykel as (
    select pseudonym, innehav_nr
    from kedja
    where pseudonym = led_pseudonym and innehav_nr = led_innehav_nr
),

-- en kedja slutar i ett nummer som inte lämnats, eller i en cirkel, som slutar med sitt senaste byte
slut_i_kedja as (
    select kedja.pseudonym, kedja.innehav_nr, kedja.led_pseudonym as person_id, 1 as val_nr
    from kedja
    left join lank on kedja.led_pseudonym = lank.pseudonym and kedja.led_innehav_nr = lank.innehav_nr
    where lank.pseudonym is null
    union all
    select
        kedja.pseudonym,
        kedja.innehav_nr,
        lank.nasta_pseudonym as person_id,
        row_number() over (
            partition by kedja.pseudonym, kedja.innehav_nr
            order by lank.byte_datum desc, lank.nasta_pseudonym desc
        ) as val_nr
    from kedja
    inner join cykel on kedja.led_pseudonym = cykel.pseudonym and kedja.led_innehav_nr = cykel.innehav_nr
    inner join lank on cykel.pseudonym = lank.pseudonym and cykel.innehav_nr = lank.innehav_nr
)

select
    innehav.pseudonym,
    cast(innehav.innehav_nr as integer) as innehav_nr,
    innehav.fran_datum,
    innehav.till_datum,
    coalesce(slut_i_kedja.person_id, innehav.pseudonym) as person_id,
    case
        when cykel.pseudonym is not null then 'cykel'
        when innehav.fran_datum is not null or innehav.till_datum is not null then 'ateranvant'
        when slut_i_kedja.person_id is not null then 'tidigare'
        else 'gallande'
    end as koppling_kod
from innehav
left join slut_i_kedja
    on innehav.pseudonym = slut_i_kedja.pseudonym
    and innehav.innehav_nr = slut_i_kedja.innehav_nr
    and slut_i_kedja.val_nr = 1
left join cykel on innehav.pseudonym = cykel.pseudonym and innehav.innehav_nr = cykel.innehav_nr
order by innehav.pseudonym, innehav.innehav_nr
