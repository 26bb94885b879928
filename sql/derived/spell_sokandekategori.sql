-- derived.spell_sokandekategori: inskriven hos Arbetsförmedlingen, i subventionerat arbete och i nystartsjobb.
-- Korn: en rad per sammanhängande del av en rad, och komponent. Nyckel: (person_id, komponent_kod, spell_nr).
-- Definition: rader rättas aldrig, nya läggs till. Där rader överlappar gäller den som registrerats senast (högst
-- period_nr): av en tidigare rad blir kvar de delar som ingen senare täcker, också efter den senare. Har två nummer
-- av samma person lika löpnummer gäller den rad som börjar senast. Öppna rader löper vidare.
-- En rad som slutar före sin början avvisas vid intaget och hoppas över här; datumen byts aldrig om.
-- Varje del är inskriven, vilken kategorin än är. Därtill är SCB:s grupp atgardssysselsattning subventionerat_arbete
-- och nystartsjobb nystartsjobb. Samma kod har betytt olika saker: gruppen är kodens den dag då raden börjar.
-- Att vara inskriven är ingen försörjning. Slutet till och med blir halvöppet; ingen omfattning finns.
-- Raden hör till den som hade numret på radens första dag.
with

af_sokandekategori as (select * from core.af_sokandekategori),
person as (select * from derived.person),
kategori as (select * from codes.af_sokandekategori),

inskrivning as (
    select
        person.person_id,
        af_sokandekategori.uttags_datum,
        af_sokandekategori.skat_kod,
        af_sokandekategori.fran_datum,
        cast(af_sokandekategori.till_datum + interval '1' day as date) as till_datum,
        row_number() over (
            partition by person.person_id, af_sokandekategori.uttags_datum
            order by
                af_sokandekategori.period_nr,
                af_sokandekategori.fran_datum,
                af_sokandekategori.fil_namn,
                af_sokandekategori.rad_nr
        ) as registrering_nr
    from af_sokandekategori
    inner join person
        on af_sokandekategori.pseudonym = person.pseudonym
        and (person.fran_datum is null or person.fran_datum <= af_sokandekategori.fran_datum)
        and (person.till_datum is null or af_sokandekategori.fran_datum < person.till_datum)
    where af_sokandekategori.till_datum is null or af_sokandekategori.till_datum >= af_sokandekategori.fran_datum
),

grans as (
    select person_id, uttags_datum, fran_datum as grans_datum from inskrivning
    union
    select person_id, uttags_datum, till_datum as grans_datum from inskrivning where till_datum is not null
),

-- mellan två gränser gäller en enda rad
stycke as (
    select
        person_id,
        uttags_datum,
        grans_datum as fran_datum,
        lead(grans_datum) over (partition by person_id, uttags_datum order by grans_datum) as till_datum
    from grans
),

gallande_stycke as (
    select
        stycke.person_id,
        stycke.uttags_datum,
        stycke.fran_datum,
        stycke.till_datum,
        max(inskrivning.registrering_nr) as registrering_nr
    from stycke
    inner join inskrivning
        on stycke.person_id = inskrivning.person_id
        and stycke.uttags_datum = inskrivning.uttags_datum
        and inskrivning.fran_datum <= stycke.fran_datum
        and (inskrivning.till_datum is null or stycke.fran_datum < inskrivning.till_datum)
    group by stycke.person_id, stycke.uttags_datum, stycke.fran_datum, stycke.till_datum
),

stycke_i_ordning as (
    select
        *,
        case
            when fran_datum = lag(till_datum) over (
                partition by person_id, uttags_datum, registrering_nr order by fran_datum
            ) then 0
            else 1
        end as ny_del
    from gallande_stycke
),

numrerat_stycke as (
    select
        *,
        sum(ny_del) over (
            partition by person_id, uttags_datum, registrering_nr
            order by fran_datum
            rows between unbounded preceding and current row
        ) as del_nr
    from stycke_i_ordning
),

del_av_rad as (
    select
        person_id,
        uttags_datum,
        registrering_nr,
        min(fran_datum) as fran_datum,
        case when count(*) = count(till_datum) then max(till_datum) end as till_datum
    from numrerat_stycke
    group by person_id, uttags_datum, registrering_nr, del_nr
),

kategori_for_rad as (
    select inskrivning.person_id, inskrivning.uttags_datum, inskrivning.registrering_nr, kategori.scb_grupp_kod
    from inskrivning
    inner join kategori
        on inskrivning.skat_kod = kategori.kod
        and (kategori.giltig_fran_datum is null or kategori.giltig_fran_datum <= inskrivning.fran_datum)
        and (kategori.giltig_till_datum is null or inskrivning.fran_datum <= kategori.giltig_till_datum)
    where kategori.scb_grupp_kod in ('atgardssysselsattning', 'nystartsjobb')
),

period as (
    select person_id, 'inskriven' as komponent_kod, fran_datum, till_datum, uttags_datum
    from del_av_rad
    union all
    select
        del_av_rad.person_id,
        case kategori_for_rad.scb_grupp_kod
            when 'atgardssysselsattning' then 'subventionerat_arbete'
            when 'nystartsjobb' then 'nystartsjobb'
        end as komponent_kod,
        del_av_rad.fran_datum,
        del_av_rad.till_datum,
        del_av_rad.uttags_datum
    from del_av_rad
    inner join kategori_for_rad
        on del_av_rad.person_id = kategori_for_rad.person_id
        and del_av_rad.uttags_datum = kategori_for_rad.uttags_datum
        and del_av_rad.registrering_nr = kategori_for_rad.registrering_nr
)

select
    person_id,
    komponent_kod,
    cast(
        row_number() over (
            partition by person_id, komponent_kod order by fran_datum, till_datum nulls last, uttags_datum
        ) as integer
    ) as spell_nr,
    fran_datum,
    till_datum,
    cast(null as integer) as omfattning_promille,
    cast(null as integer) as dagar_antal,
    'dag' as kornighet_kod,
    'af_sokandekategori' as kalla,
    uttags_datum
from period
order by person_id, komponent_kod, spell_nr
