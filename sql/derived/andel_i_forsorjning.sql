-- derived.andel_i_forsorjning: dagar i offentlig försörjning före och efter insatsen, av de dagar som är täckta.
-- Korn: en rad per deltagande och fönster. Nyckel: (deltagande_id, andelsfonster_kod).
-- Definition: fönstren i codes.andelsfonster, i kalendermånader från ankaret, högst till månadens sista dag: före
-- räknas från startdagen, som inte är med, efter räknas från dagen efter slutdagen. Utan slutdag: tomt.
-- tackta_dagar_antal: dagar i fönstret som alla register täcker för personen (derived.forsorjningstackning) och då
-- personen säkert var i befolkningen: till och med den tidigast möjliga dödsdagen (senaste uppgiften gäller), och inte
-- från den tidigast möjliga avresan till nästa version i folkbokföringen. Så prövas också derived.status.
-- forsorjning_dagar_antal: de av dem som ligger i en tid i derived.forsorjningstid, varje dag en gång.
-- Andelen räknas sist och av andra: forsorjning_dagar_antal genom tackta_dagar_antal. Utan person: tomma antal.
with

deltagande as (select * from derived.deltagande),
forsorjning as (select * from derived.forsorjningstid),
personversion as (select * from derived.personversion),
tackning as (select * from derived.forsorjningstackning),
fonsterkod as (select * from codes.andelsfonster),
dag as (select * from calendar.dag),
manad as (select * from calendar.manad),

ankare as (
    select
        deltagande.deltagande_id,
        deltagande.person_id,
        fonsterkod.kod as andelsfonster_kod,
        fonsterkod.manader_fran_antal,
        fonsterkod.manader_till_antal,
        case fonsterkod.ankare_kod
            when 'start' then deltagande.start_datum
            else cast(deltagande.slut_datum + interval '1' day as date)
        end as ankare_datum
    from deltagande
    cross join fonsterkod
),

fonster as (
    select
        ankare.deltagande_id,
        ankare.person_id,
        ankare.andelsfonster_kod,
        fran_dag.datum as fran_datum,
        till_dag.datum as till_datum
    from ankare
    left join dag on ankare.ankare_datum = dag.datum
    left join manad on dag.manad_datum = manad.manad_datum
    left join manad as fran_manad
        on manad.manad_index_nr + ankare.manader_fran_antal = fran_manad.manad_index_nr
    left join dag as fran_dag
        on fran_manad.manad_datum = fran_dag.manad_datum
        and least(dag.dag_nr, fran_manad.dagar_antal) = fran_dag.dag_nr
    left join manad as till_manad
        on manad.manad_index_nr + ankare.manader_till_antal = till_manad.manad_index_nr
    left join dag as till_dag
        on till_manad.manad_datum = till_dag.manad_datum
        and least(dag.dag_nr, till_manad.dagar_antal) = till_dag.dag_nr
),

forsta_start as (
    select person_id, min(start_datum) as start_datum
    from deltagande
    where person_id is not null
    group by person_id
),

dodsfall_i_ordning as (
    select
        person_id,
        cast(avgang_tidigast_datum + interval '1' day as date) as till_datum,
        row_number() over (partition by person_id order by version_nr desc) as val_nr
    from personversion
    where avgang_kod = 'avliden'
),

dodsfall as (
    select person_id, till_datum from dodsfall_i_ordning where val_nr = 1
),

-- en version gäller tills nästa börjar, också i luckor, och den första också bakåt
version_i_ordning as (
    select
        person_id,
        version_nr,
        avgang_kod,
        avgang_tidigast_datum,
        case when row_number() over (partition by person_id order by version_nr) > 1 then fran_datum end
            as fran_datum,
        lead(fran_datum) over (partition by person_id order by version_nr) as nasta_fran_datum
    from personversion
),

-- tider i befolkningen; tomt är utan gräns, och den som folkbokföringen inte känner är med hela tiden
narvaro as (
    select
        forsta_start.person_id,
        forsta_start.start_datum as forsta_start_datum,
        version_i_ordning.fran_datum,
        version_i_ordning.nasta_fran_datum,
        case when version_i_ordning.avgang_kod = 'utvandrad' then version_i_ordning.avgang_tidigast_datum end
            as utvandrad_datum,
        dodsfall.till_datum as avliden_datum
    from forsta_start
    left join version_i_ordning on forsta_start.person_id = version_i_ordning.person_id
    left join dodsfall on forsta_start.person_id = dodsfall.person_id
),

tackt_narvaro as (
    select
        narvaro.person_id,
        greatest(tackning.fran_datum, coalesce(narvaro.fran_datum, tackning.fran_datum)) as fran_datum,
        least(
            tackning.till_datum,
            coalesce(narvaro.nasta_fran_datum, tackning.till_datum),
            coalesce(narvaro.utvandrad_datum, tackning.till_datum),
            coalesce(narvaro.avliden_datum, tackning.till_datum)
        ) as till_datum
    from narvaro
    inner join tackning
        on tackning.start_senast_datum is null
        or narvaro.forsta_start_datum <= tackning.start_senast_datum
),

tackt_tid as (
    select
        fonster.deltagande_id,
        fonster.andelsfonster_kod,
        fonster.person_id,
        greatest(fonster.fran_datum, tackt_narvaro.fran_datum) as fran_datum,
        least(fonster.till_datum, tackt_narvaro.till_datum) as till_datum
    from fonster
    inner join tackt_narvaro
        on fonster.person_id = tackt_narvaro.person_id
        and fonster.fran_datum < tackt_narvaro.till_datum
        and tackt_narvaro.fran_datum < fonster.till_datum
        and tackt_narvaro.fran_datum < tackt_narvaro.till_datum
),

tackta_dagar as (
    select deltagande_id, andelsfonster_kod, sum(till_datum - fran_datum) as dagar_antal
    from tackt_tid
    group by deltagande_id, andelsfonster_kod
),

forsorjning_dagar as (
    select
        tackt_tid.deltagande_id,
        tackt_tid.andelsfonster_kod,
        sum(
            least(tackt_tid.till_datum, forsorjning.till_datum)
                - greatest(tackt_tid.fran_datum, forsorjning.fran_datum)
        ) as dagar_antal
    from tackt_tid
    inner join forsorjning
        on tackt_tid.person_id = forsorjning.person_id
        and tackt_tid.fran_datum < forsorjning.till_datum
        and forsorjning.fran_datum < tackt_tid.till_datum
    group by tackt_tid.deltagande_id, tackt_tid.andelsfonster_kod
)

select
    fonster.deltagande_id,
    fonster.andelsfonster_kod,
    fonster.fran_datum,
    fonster.till_datum,
    case when fonster.person_id is not null and fonster.fran_datum is not null
        then cast(coalesce(tackta_dagar.dagar_antal, 0) as integer)
    end as tackta_dagar_antal,
    case when fonster.person_id is not null and fonster.fran_datum is not null
        then cast(coalesce(forsorjning_dagar.dagar_antal, 0) as integer)
    end as forsorjning_dagar_antal
from fonster
left join tackta_dagar
    on fonster.deltagande_id = tackta_dagar.deltagande_id
    and fonster.andelsfonster_kod = tackta_dagar.andelsfonster_kod
left join forsorjning_dagar
    on fonster.deltagande_id = forsorjning_dagar.deltagande_id
    and fonster.andelsfonster_kod = forsorjning_dagar.andelsfonster_kod
order by fonster.deltagande_id, fonster.andelsfonster_kod
