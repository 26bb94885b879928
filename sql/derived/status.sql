-- derived.status: kunde deltagandet observeras vid mätpunkten, och om inte: varför.
-- Korn: en rad per deltagande och mätpunkt. Nyckel: (deltagande_id, matpunkt_kod).
-- Definition: den första status som gäller, i ordningen i codes.observationsstatus.
-- avliden: senast möjliga dödsdag ligger före mätdagen, eller mätdag saknas; av flera dödsnotiser gäller den senaste
-- versionen. pagar: bara där mätpunkten hänger på slutet, som saknas eller ligger efter SUS uttag.
-- ej_mogen: mätdagen ligger efter folkbokföringens uttag, eller inget register har hunnit få uppgiften.
-- utvandrad: prövas på mätdagen i den senast påbörjade versionen, så att en återkomst räknas.
-- tackning_saknas: inget register täcker mätdagen, eller ett ofullständigt döds- eller utvandringsdatum lämnar den
-- öppen. Register räknas här om någon indelning (codes.hierarkisteg) bygger på dem: inskrivning är ingen försörjning.
with

deltagande as (select * from derived.deltagande),
matpunkt as (select * from derived.matpunkt),
personversion as (select * from derived.personversion),
komponent as (select * from derived.komponent),
hierarkisteg as (select * from codes.hierarkisteg),
matpunktkod as (select * from codes.matpunkt),
leverans as (select * from core.leverans),

folkbokforing_uttag as (
    select max(uttags_datum) as uttags_datum from leverans where tabell_namn = 'folkbokforing'
),

dodsfall_i_ordning as (
    select
        person_id,
        avgang_tidigast_datum,
        avgang_senast_datum,
        row_number() over (partition by person_id order by version_nr desc) as val_nr
    from personversion
    where avgang_kod = 'avliden'
),

dodsfall as (
    select * from dodsfall_i_ordning where val_nr = 1
),

nagon_gang_utvandrad as (
    select person_id from personversion where avgang_kod = 'utvandrad' group by person_id
),

version_vid_matpunkt as (
    select
        matpunkt.deltagande_id,
        matpunkt.matpunkt_kod,
        matpunkt.person_id,
        matpunkt.mat_datum,
        max(personversion.version_nr) as version_nr
    from matpunkt
    inner join nagon_gang_utvandrad on matpunkt.person_id = nagon_gang_utvandrad.person_id
    inner join personversion
        on matpunkt.person_id = personversion.person_id
        and personversion.fran_datum <= matpunkt.mat_datum
    group by matpunkt.deltagande_id, matpunkt.matpunkt_kod, matpunkt.person_id, matpunkt.mat_datum
),

franvaro as (
    select
        version_vid_matpunkt.deltagande_id,
        version_vid_matpunkt.matpunkt_kod,
        personversion.avgang_senast_datum <= version_vid_matpunkt.mat_datum as utvandrad,
        personversion.avgang_tidigast_datum <= version_vid_matpunkt.mat_datum
            and version_vid_matpunkt.mat_datum < personversion.avgang_senast_datum as oviss
    from version_vid_matpunkt
    inner join personversion
        on version_vid_matpunkt.person_id = personversion.person_id
        and version_vid_matpunkt.version_nr = personversion.version_nr
    where personversion.avgang_kod = 'utvandrad'
),

indelad_komponent as (
    select komponent_kod from hierarkisteg group by komponent_kod
),

register as (
    select
        komponent.deltagande_id,
        komponent.matpunkt_kod,
        count(*) filter (
            where komponent.orsak_kod is null
            or komponent.orsak_kod in ('kommun_okand', 'kommun_ej_rapporterad', 'sjuklonperiod')
        ) as tackta_antal,
        count(*) filter (where komponent.orsak_kod = 'ej_mogen') as omogna_antal
    from komponent
    inner join indelad_komponent on komponent.komponent_kod = indelad_komponent.komponent_kod
    group by komponent.deltagande_id, komponent.matpunkt_kod
)

select
    matpunkt.deltagande_id,
    matpunkt.matpunkt_kod,
    case
        when deltagande.person_id is null then 'ej_kopplingsbar'
        when dodsfall.avgang_senast_datum < matpunkt.mat_datum then 'avliden'
        when dodsfall.person_id is not null and matpunkt.mat_datum is null then 'avliden'
        when matpunktkod.ankare_kod = 'slut'
            and (deltagande.slut_datum is null or deltagande.slut_datum > deltagande.uttags_datum)
            then 'pagar'
        when matpunkt.mat_datum > folkbokforing_uttag.uttags_datum then 'ej_mogen'
        when register.tackta_antal = 0 and register.omogna_antal > 0 then 'ej_mogen'
        when franvaro.utvandrad then 'utvandrad'
        when register.tackta_antal = 0 then 'tackning_saknas'
        when dodsfall.avgang_tidigast_datum < matpunkt.mat_datum then 'tackning_saknas'
        when franvaro.oviss then 'tackning_saknas'
        else 'observerad'
    end as observationsstatus_kod
from matpunkt
inner join deltagande on matpunkt.deltagande_id = deltagande.deltagande_id
inner join matpunktkod on matpunkt.matpunkt_kod = matpunktkod.kod
inner join register
    on matpunkt.deltagande_id = register.deltagande_id
    and matpunkt.matpunkt_kod = register.matpunkt_kod
cross join folkbokforing_uttag
left join dodsfall on deltagande.person_id = dodsfall.person_id
left join franvaro
    on matpunkt.deltagande_id = franvaro.deltagande_id
    and matpunkt.matpunkt_kod = franvaro.matpunkt_kod
order by matpunkt.deltagande_id, matpunkt.matpunkt_kod
