-- derived.personversion: vad folkbokföringen säger om en person, version för version.
-- Korn: en rad per person och version. Nyckel: (person_id, version_nr); där versioner överlappar gäller den högsta.
-- Definition: levererad giltighet till och med blir halvöppen, och öppen giltighet förblir öppen.
-- AV är avliden; UV, OB, TA, AS och FI är utvandrad, det vill säga inte i befolkningen.
-- Ett nummer som lämnats (GN, GS) är ingen avgång: versionen slutar den dagen och ger vika för det gällande numrets.
-- En ofullständigt daterad avgång ligger mellan tidigast och senast möjliga dag; en odaterad mellan versionens
-- första dag och uttaget. Ingen dag däremellan väljs här.
-- Versioner på ett återanvänt nummer hör till den som hade numret på versionens första dag.
with

folkbokforing as (select * from core.folkbokforing),
person as (select * from derived.person),
kon as (select * from codes.kon),

version_per_person as (
    select
        person.person_id,
        folkbokforing.pseudonym = person.person_id as gallande_nummer,
        folkbokforing.giltig_fran_datum as fran_datum,
        case
            when folkbokforing.avregistrering_kod in ('GN', 'GS')
                then least(
                    coalesce(
                        folkbokforing.avregistrering_tidigast_datum,
                        cast(folkbokforing.giltig_till_datum + interval '1' day as date)
                    ),
                    coalesce(
                        cast(folkbokforing.giltig_till_datum + interval '1' day as date),
                        folkbokforing.avregistrering_tidigast_datum
                    )
                )
            else cast(folkbokforing.giltig_till_datum + interval '1' day as date)
        end as till_datum,
        kon.redovisad_kod as kon_kod,
        folkbokforing.fodelse_tidigast_manad,
        folkbokforing.fodelse_senast_manad,
        folkbokforing.fodd_kod,
        folkbokforing.kommun_kod,
        case
            when folkbokforing.avregistrering_kod = 'AV' then 'avliden'
            when folkbokforing.avregistrering_kod in ('UV', 'OB', 'TA', 'AS', 'FI') then 'utvandrad'
        end as avgang_kod,
        folkbokforing.avregistrering_tidigast_datum,
        folkbokforing.avregistrering_senast_datum,
        folkbokforing.uttags_datum,
        folkbokforing.fil_namn,
        folkbokforing.rad_nr
    from folkbokforing
    inner join person
        on folkbokforing.pseudonym = person.pseudonym
        and (person.fran_datum is null or person.fran_datum <= folkbokforing.giltig_fran_datum)
        and (person.till_datum is null or folkbokforing.giltig_fran_datum < person.till_datum)
    left join kon on folkbokforing.kon_kod = kon.kod
)

select
    person_id,
    cast(
        row_number() over (
            partition by person_id
            order by fran_datum, gallande_nummer, uttags_datum, fil_namn, rad_nr
        ) as integer
    ) as version_nr,
    fran_datum,
    till_datum,
    kon_kod,
    fodelse_tidigast_manad,
    fodelse_senast_manad,
    fodd_kod,
    kommun_kod,
    avgang_kod,
    case when avgang_kod is not null then coalesce(avregistrering_tidigast_datum, fran_datum) end
        as avgang_tidigast_datum,
    case when avgang_kod is not null then coalesce(avregistrering_senast_datum, uttags_datum) end
        as avgang_senast_datum,
    uttags_datum
from version_per_person
where till_datum is null or fran_datum < till_datum
order by person_id, version_nr
