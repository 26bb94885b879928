-- derived.deltagande: the unit of analysis, one inregistrering in one FINSAM insats.
-- Grain and key: deltagande_id.
-- Definition: felregistrering is left out; förbund is the insats's, kommun and län folkbokföring's at startdatum.
-- Sex and age are folkbokföring's: of the version at startdatum, or of the newest where there is none.
-- Age counts from the first of the month of birth, for core has no day of it; it is null where a partial date of
-- birth leaves it open. A deltagande without pseudonym has no person.
with

sus_deltagande as (select * from core.sus_deltagande),
sus_insats as (select * from core.sus_insats),
kommun as (select * from core.kommun),
person as (select * from derived.person),
personversion as (select * from derived.personversion),

finsam_inregistrering as (
    select sus_deltagande.*, sus_insats.forbund_id
    from sus_deltagande
    inner join sus_insats on sus_deltagande.insats_id = sus_insats.insats_id
    where coalesce(sus_deltagande.avslutsanledning_kod, '') <> 'FELREGISTRERING'
),

-- the holder of the number at startdatum
person_for_inregistrering as (
    select finsam_inregistrering.deltagande_id, person.person_id
    from finsam_inregistrering
    inner join person
        on finsam_inregistrering.pseudonym = person.pseudonym
        and (person.fran_datum is null or person.fran_datum <= finsam_inregistrering.start_datum)
        and (person.till_datum is null or finsam_inregistrering.start_datum < person.till_datum)
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
    'nya_sus' as era_kod,
    inregistrering.uttags_datum,
    inregistrering.fil_namn,
    inregistrering.rad_nr
from inregistrering
left join vald_version
    on inregistrering.deltagande_id = vald_version.deltagande_id
    and vald_version.val_nr = 1
left join lan_for_inregistrering on inregistrering.deltagande_id = lan_for_inregistrering.deltagande_id
order by inregistrering.deltagande_id
