-- derived.status: could the deltagande be observed at the mätpunkt, and what Finsam's three groups say there.
-- Grain: one row per deltagande and mätpunkt. Key: (deltagande_id, matpunkt_kod).
-- Definition: the first observation status that holds, in the order of codes.observationsstatus. The groups (finsam3)
-- are ja if a komponent is ja, else okand if one is okand, else nej; okand for all but observerad.
-- pagar only where the mätpunkt hangs on slutdatum; departures are tested on t, so a return counts again.
-- Partial dates of death or departure that leave t open give tackning_saknas.
with

deltagande as (select * from derived.deltagande),
matpunkt as (select * from derived.matpunkt),
personversion as (select * from derived.personversion),
komponent as (select * from derived.komponent),
komponentkod as (select * from codes.komponent),
matpunktkod as (select * from codes.matpunkt),
leverans as (select * from core.leverans),

folkbokforing_uttag as (
    select max(uttags_datum) as uttags_datum from leverans where tabell_namn = 'folkbokforing'
),

-- of several death notices the newest version holds
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

version_vid_matpunkt as (
    select
        matpunkt.deltagande_id,
        matpunkt.matpunkt_kod,
        matpunkt.mat_datum,
        personversion.avgang_kod,
        personversion.avgang_tidigast_datum,
        personversion.avgang_senast_datum,
        row_number() over (
            partition by matpunkt.deltagande_id, matpunkt.matpunkt_kod
            order by personversion.version_nr desc
        ) as val_nr
    from matpunkt
    inner join personversion
        on matpunkt.person_id = personversion.person_id
        and personversion.fran_datum <= matpunkt.mat_datum
),

franvaro as (
    select
        deltagande_id,
        matpunkt_kod,
        avgang_senast_datum <= mat_datum as utvandrad,
        avgang_tidigast_datum <= mat_datum and mat_datum < avgang_senast_datum as oviss
    from version_vid_matpunkt
    where val_nr = 1 and avgang_kod = 'utvandrad'
),

sammanvagning as (
    select
        komponent.deltagande_id,
        komponent.matpunkt_kod,
        count(*) filter (
            where komponent.orsak_kod is null
            or komponent.orsak_kod in ('kommun_okand', 'kommun_ej_rapporterad', 'sjuklonperiod')
        ) as tackta_antal,
        count(*) filter (where komponent.orsak_kod = 'ej_mogen') as omogna_antal,
        count(*) filter (where komponentkod.finsam3_kod = 'ohalsa' and komponent.varde_kod = 'ja')
            as ohalsa_ja_antal,
        count(*) filter (where komponentkod.finsam3_kod = 'ohalsa' and komponent.varde_kod = 'okand')
            as ohalsa_okand_antal,
        count(*) filter (where komponentkod.finsam3_kod = 'arbetsmarknadsstod' and komponent.varde_kod = 'ja')
            as arbetsmarknadsstod_ja_antal,
        count(*) filter (where komponentkod.finsam3_kod = 'arbetsmarknadsstod' and komponent.varde_kod = 'okand')
            as arbetsmarknadsstod_okand_antal,
        count(*) filter (where komponentkod.finsam3_kod = 'ekonomiskt_bistand' and komponent.varde_kod = 'ja')
            as ekonomiskt_bistand_ja_antal,
        count(*) filter (where komponentkod.finsam3_kod = 'ekonomiskt_bistand' and komponent.varde_kod = 'okand')
            as ekonomiskt_bistand_okand_antal
    from komponent
    inner join komponentkod on komponent.komponent_kod = komponentkod.kod
    group by komponent.deltagande_id, komponent.matpunkt_kod
),

bedomning as (
    select
        sammanvagning.*,
        case
            when deltagande.person_id is null then 'ej_kopplingsbar'
            when dodsfall.avgang_senast_datum < matpunkt.mat_datum then 'avliden'
            when dodsfall.person_id is not null and matpunkt.mat_datum is null then 'avliden'
            when matpunktkod.ankare_kod = 'slut'
                and (deltagande.slut_datum is null or deltagande.slut_datum > deltagande.uttags_datum)
                then 'pagar'
            when matpunkt.mat_datum > folkbokforing_uttag.uttags_datum then 'ej_mogen'
            when sammanvagning.tackta_antal = 0 and sammanvagning.omogna_antal > 0 then 'ej_mogen'
            when franvaro.utvandrad then 'utvandrad'
            when sammanvagning.tackta_antal = 0 then 'tackning_saknas'
            when dodsfall.avgang_tidigast_datum < matpunkt.mat_datum then 'tackning_saknas'
            when franvaro.oviss then 'tackning_saknas'
            else 'observerad'
        end as observationsstatus_kod
    from matpunkt
    inner join deltagande on matpunkt.deltagande_id = deltagande.deltagande_id
    inner join matpunktkod on matpunkt.matpunkt_kod = matpunktkod.kod
    inner join sammanvagning
        on matpunkt.deltagande_id = sammanvagning.deltagande_id
        and matpunkt.matpunkt_kod = sammanvagning.matpunkt_kod
    cross join folkbokforing_uttag
    left join dodsfall on deltagande.person_id = dodsfall.person_id
    left join franvaro
        on matpunkt.deltagande_id = franvaro.deltagande_id
        and matpunkt.matpunkt_kod = franvaro.matpunkt_kod
)

select
    deltagande_id,
    matpunkt_kod,
    observationsstatus_kod,
    case
        when observationsstatus_kod <> 'observerad' then 'okand'
        when ohalsa_ja_antal > 0 then 'ja'
        when ohalsa_okand_antal > 0 then 'okand'
        else 'nej'
    end as ohalsa_kod,
    case
        when observationsstatus_kod <> 'observerad' then 'okand'
        when arbetsmarknadsstod_ja_antal > 0 then 'ja'
        when arbetsmarknadsstod_okand_antal > 0 then 'okand'
        else 'nej'
    end as arbetsmarknadsstod_kod,
    case
        when observationsstatus_kod <> 'observerad' then 'okand'
        when ekonomiskt_bistand_ja_antal > 0 then 'ja'
        when ekonomiskt_bistand_okand_antal > 0 then 'okand'
        else 'nej'
    end as ekonomiskt_bistand_kod
from bedomning
order by deltagande_id, matpunkt_kod
