-- derived.tid_i_forsorjning: obruten tid i offentlig försörjning före insatsen.
-- Korn: en rad per deltagande med person. Nyckel: deltagande_id.
-- Definition: tiderna i derived.forsorjningstid, bakåt från start; startdagen räknas inte med.
-- Ett avbrott på högst en kalendermånad räknas inte (SUS): nästa tid börjar senast dagen efter en månad från den
-- förras sista dag, högst till månadens sista dag. Samma gäller från den sista tidens slut till start.
-- fran_datum är första dagen i den obrutna tiden och dagar_antal dagarna därifrån till start, avbrotten inräknade;
-- finns ingen sådan tid är fran_datum tomt och dagar_antal 0.
-- tackt_fran_datum är första dagen som alla register täcker för personen (derived.forsorjningstackning).
-- minst_kod J: tiden kan ha börjat tidigare, eftersom någon dag inte är täckt i månaden före tiden (utan tid: före
-- start) eller dagen närmast före den: en okänd period där hade förlängt tiden. Luckor inne i tiden ändrar inget.
with

deltagande as (select * from derived.deltagande where person_id is not null),
forsorjning as (select * from derived.forsorjningstid),
tackning as (select * from derived.forsorjningstackning),
dag as (select * from calendar.dag),
manad as (select * from calendar.manad),

-- dagen en kalendermånad före och efter, högst till månadens sista dag
manadssteg as (
    select dag.datum, fore.datum as fore_datum, efter.datum as efter_datum
    from dag
    inner join manad on dag.manad_datum = manad.manad_datum
    inner join manad as fore_manad on manad.manad_index_nr - 1 = fore_manad.manad_index_nr
    inner join dag as fore
        on fore_manad.manad_datum = fore.manad_datum
        and least(dag.dag_nr, fore_manad.dagar_antal) = fore.dag_nr
    inner join manad as efter_manad on manad.manad_index_nr + 1 = efter_manad.manad_index_nr
    inner join dag as efter
        on efter_manad.manad_datum = efter.manad_datum
        and least(dag.dag_nr, efter_manad.dagar_antal) = efter.dag_nr
),

forsta_start as (
    select person_id, min(start_datum) as start_datum from deltagande group by person_id
),

tid_efter_forra as (
    select
        *,
        lag(till_datum) over (partition by person_id order by fran_datum) as forra_till_datum
    from forsorjning
),

tid_i_kedja as (
    select
        tid_efter_forra.person_id,
        tid_efter_forra.fran_datum,
        tid_efter_forra.till_datum,
        sum(case when tid_efter_forra.fran_datum <= manadssteg.efter_datum then 0 else 1 end) over (
            partition by tid_efter_forra.person_id
            order by tid_efter_forra.fran_datum
            rows between unbounded preceding and current row
        ) as kedja_nr
    from tid_efter_forra
    left join manadssteg on tid_efter_forra.forra_till_datum = manadssteg.datum
),

kedja_till as (
    select person_id, kedja_nr, min(fran_datum) as fran_datum, max(till_datum) as till_datum
    from tid_i_kedja
    group by person_id, kedja_nr
),

kedja as (
    select kedja_till.*, coalesce(manadssteg.efter_datum, kedja_till.till_datum) as nar_datum
    from kedja_till
    left join manadssteg on kedja_till.till_datum = manadssteg.datum
),

-- högst en kedja har börjat före start och når dit
tid as (
    select
        deltagande.deltagande_id,
        deltagande.start_datum,
        forsta_start.start_datum as forsta_start_datum,
        kedja.fran_datum,
        coalesce(kedja.fran_datum, deltagande.start_datum) as brott_datum
    from deltagande
    inner join forsta_start on deltagande.person_id = forsta_start.person_id
    left join kedja
        on deltagande.person_id = kedja.person_id
        and kedja.fran_datum < deltagande.start_datum
        and deltagande.start_datum <= kedja.nar_datum
),

provad_tid as (
    select tid.*, cast(manadssteg.fore_datum - interval '1' day as date) as prov_fran_datum
    from tid
    inner join manadssteg on tid.brott_datum = manadssteg.datum
),

tackt_tid as (
    select
        provad_tid.deltagande_id,
        min(tackning.fran_datum) as tackt_fran_datum,
        sum(
            greatest(
                least(tackning.till_datum, provad_tid.brott_datum)
                    - greatest(tackning.fran_datum, provad_tid.prov_fran_datum),
                0
            )
        ) as tackta_antal
    from provad_tid
    inner join tackning
        on tackning.start_senast_datum is null
        or provad_tid.forsta_start_datum <= tackning.start_senast_datum
    group by provad_tid.deltagande_id
)

select
    provad_tid.deltagande_id,
    provad_tid.fran_datum,
    cast(provad_tid.start_datum - provad_tid.brott_datum as integer) as dagar_antal,
    tackt_tid.tackt_fran_datum,
    case
        when tackt_tid.tackta_antal = provad_tid.brott_datum - provad_tid.prov_fran_datum then 'N'
        else 'J'
    end as minst_kod
from provad_tid
left join tackt_tid on provad_tid.deltagande_id = tackt_tid.deltagande_id
order by provad_tid.deltagande_id
