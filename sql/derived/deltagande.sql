-- derived.deltagande: analysenheten, en inregistrering i en insats som finansieras av ett samordningsförbund.
-- Korn: en rad per inregistrering, ur nya SUS och ur första SUS. Nyckel: deltagande_id; första SUS börjar på sus1-.
-- Definition: felregistrering räknas inte. Förbundet är insatsens; i första SUS delaktivitetens, annars aktivitetens.
-- Första SUS har upp till tre rader om ett deltagande (START, AVSLUT, SEX_MANADER): de blir en. Raden START säger vem,
-- vad och när det började, eller den tidigaste raden där START saknas. Slutdatum är AVSLUT-radens, annars
-- SEX_MANADER-radens; ett på START-raden är en plan. Slut före start: då gäller slutradens eget startdatum.
-- Bara den senaste leveransens rader om deltagandet räknas. En rad utan pseudonym (samtycke återtaget, skyddade
-- uppgifter) gör hela deltagandet anonymt. Person är den som hade numret vid start, eller när raden registrerades.
-- Kön och ålder är folkbokföringens vid start, annars i den senaste versionen; kommun och län bara vid start.
-- Åldern räknas från den första i födelsemånaden, för dagen finns inte i core, och saknas där ett ofullständigt
-- födelsedatum lämnar den öppen. Ett deltagande utan pseudonym har ingen person.
with

sus_deltagande as (select * from core.sus_deltagande),
sus_insats as (select * from core.sus_insats),
sus1_deltagare as (select * from core.sus1_deltagare),
sus1_aktivitet as (select * from core.sus1_aktivitet),
kommun as (select * from core.kommun),
person as (select * from derived.person),
personversion as (select * from derived.personversion),

sus1_rad as (
    select
        *,
        case mattillfalle_kod when 'START' then 1 when 'AVSLUT' then 2 else 3 end as tillfalle_nr,
        max(uttags_datum) over (partition by deltagande_id) as senaste_uttags_datum
    from sus1_deltagare
),

sus1_rader as (
    select
        deltagande_id,
        senaste_uttags_datum,
        min(tillfalle_nr) as forsta_nr,
        min(case when tillfalle_nr > 1 and slut_datum is not null then tillfalle_nr end) as slut_nr,
        count(*) = count(pseudonym) as har_pseudonym
    from sus1_rad
    where uttags_datum = senaste_uttags_datum
    group by deltagande_id, senaste_uttags_datum
),

aktivitet_i_ordning as (
    select
        aktivitet_id,
        delaktivitet_nr,
        forbund_id,
        row_number() over (
            partition by aktivitet_id, delaktivitet_nr order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from sus1_aktivitet
),

aktivitet as (
    select aktivitet_id, delaktivitet_nr, forbund_id from aktivitet_i_ordning where senast_nr = 1
),

finsam_inregistrering as (
    select
        'nya_sus' as era_kod,
        sus_deltagande.deltagande_id,
        sus_deltagande.insats_id,
        sus_insats.forbund_id,
        sus_deltagande.pseudonym,
        sus_deltagande.start_datum as innehav_datum,
        sus_deltagande.start_datum,
        sus_deltagande.slut_datum,
        sus_deltagande.uttags_datum,
        sus_deltagande.fil_namn,
        sus_deltagande.rad_nr
    from sus_deltagande
    inner join sus_insats on sus_deltagande.insats_id = sus_insats.insats_id
    where coalesce(sus_deltagande.avslutsanledning_kod, '') <> 'FELREGISTRERING'
    union all
    select
        'sus1' as era_kod,
        'sus1-' || forsta.deltagande_id as deltagande_id,
        'sus1-' || forsta.aktivitet_id || '-' || cast(forsta.delaktivitet_nr as varchar) as insats_id,
        coalesce(delaktivitet.forbund_id, hel_aktivitet.forbund_id) as forbund_id,
        case when sus1_rader.har_pseudonym then forsta.pseudonym end as pseudonym,
        case forsta.tillfalle_nr when 1 then forsta.start_datum else forsta.registrering_datum end as innehav_datum,
        case when slut.slut_datum < forsta.start_datum then slut.start_datum else forsta.start_datum end
            as start_datum,
        slut.slut_datum,
        forsta.uttags_datum,
        forsta.fil_namn,
        forsta.rad_nr
    from sus1_rader
    inner join sus1_rad as forsta
        on sus1_rader.deltagande_id = forsta.deltagande_id
        and sus1_rader.senaste_uttags_datum = forsta.uttags_datum
        and sus1_rader.forsta_nr = forsta.tillfalle_nr
    left join sus1_rad as slut
        on sus1_rader.deltagande_id = slut.deltagande_id
        and sus1_rader.senaste_uttags_datum = slut.uttags_datum
        and sus1_rader.slut_nr = slut.tillfalle_nr
    left join aktivitet as delaktivitet
        on forsta.aktivitet_id = delaktivitet.aktivitet_id
        and forsta.delaktivitet_nr = delaktivitet.delaktivitet_nr
    left join aktivitet as hel_aktivitet
        on forsta.aktivitet_id = hel_aktivitet.aktivitet_id
        and hel_aktivitet.delaktivitet_nr = 0
    where coalesce(delaktivitet.forbund_id, hel_aktivitet.forbund_id) is not null
),

person_for_inregistrering as (
    select finsam_inregistrering.deltagande_id, person.person_id
    from finsam_inregistrering
    inner join person
        on finsam_inregistrering.pseudonym = person.pseudonym
        and (person.fran_datum is null or person.fran_datum <= finsam_inregistrering.innehav_datum)
        and (person.till_datum is null or finsam_inregistrering.innehav_datum < person.till_datum)
),

inregistrering as (
    select finsam_inregistrering.*, person_for_inregistrering.person_id
    from finsam_inregistrering
    left join person_for_inregistrering
        on finsam_inregistrering.deltagande_id = person_for_inregistrering.deltagande_id
),

version_for_inregistrering as (
    select
        inregistrering.deltagande_id,
        personversion.kon_kod,
        personversion.fodelse_tidigast_manad,
        personversion.fodelse_senast_manad,
        personversion.kommun_kod,
        personversion.fran_datum <= inregistrering.start_datum
            and (personversion.till_datum is null or inregistrering.start_datum < personversion.till_datum)
            as vid_start,
        personversion.version_nr,
        inregistrering.start_datum
    from inregistrering
    inner join personversion on inregistrering.person_id = personversion.person_id
),

vald_version as (
    select
        *,
        row_number() over (partition by deltagande_id order by vid_start desc, version_nr desc) as val_nr,
        extract(year from start_datum) - extract(year from fodelse_tidigast_manad)
            - case
                when extract(month from start_datum) < extract(month from fodelse_tidigast_manad) then 1
                else 0
            end as alder_hogst_ar,
        extract(year from start_datum) - extract(year from fodelse_senast_manad)
            - case
                when extract(month from start_datum) < extract(month from fodelse_senast_manad) then 1
                else 0
            end as alder_lagst_ar
    from version_for_inregistrering
),

lan_for_inregistrering as (
    select vald_version.deltagande_id, kommun.lans_kod
    from vald_version
    inner join kommun
        on vald_version.kommun_kod = kommun.kommun_kod
        and kommun.giltig_fran_datum <= vald_version.start_datum
        and (kommun.giltig_till_datum is null or vald_version.start_datum <= kommun.giltig_till_datum)
    where vald_version.val_nr = 1 and vald_version.vid_start
)

select
    inregistrering.deltagande_id,
    inregistrering.person_id,
    inregistrering.insats_id,
    inregistrering.forbund_id,
    inregistrering.start_datum,
    inregistrering.slut_datum,
    coalesce(vald_version.kon_kod, 'uppgift_saknas') as kon_kod,
    cast(
        case when vald_version.alder_hogst_ar = vald_version.alder_lagst_ar then vald_version.alder_lagst_ar end
        as integer
    ) as alder_ar,
    case when vald_version.vid_start then vald_version.kommun_kod end as kommun_kod,
    lan_for_inregistrering.lans_kod,
    inregistrering.era_kod,
    inregistrering.uttags_datum,
    inregistrering.fil_namn,
    inregistrering.rad_nr
from inregistrering
left join vald_version
    on inregistrering.deltagande_id = vald_version.deltagande_id
    and vald_version.val_nr = 1
left join lan_for_inregistrering on inregistrering.deltagande_id = lan_for_inregistrering.deltagande_id
order by inregistrering.deltagande_id
