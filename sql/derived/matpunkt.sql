-- derived.matpunkt: the day, and the month of month registers, on which each deltagande is measured.
-- Grain: one row per deltagande and mätpunkt. Key: (deltagande_id, matpunkt_kod).
-- Definition: codes.matpunkt; months first, by the calendar and clamped to the end of the month, then days.
-- Month registers: the month of the day, or for `foregaende` the month before the anchor's month.
-- Without slutdatum a mätpunkt after it has neither day nor month.
with

deltagande as (select * from derived.deltagande),
matpunktkod as (select * from codes.matpunkt),
dag as (select * from calendar.dag),
manad as (select * from calendar.manad),

ankare as (
    select
        deltagande.deltagande_id,
        deltagande.person_id,
        matpunktkod.kod as matpunkt_kod,
        matpunktkod.manader_antal,
        matpunktkod.dagar_antal,
        matpunktkod.manadsregister_kod,
        case matpunktkod.ankare_kod when 'start' then deltagande.start_datum else deltagande.slut_datum end
            as ankare_datum
    from deltagande
    cross join matpunktkod
),

ankare_manad as (
    select
        ankare.*,
        dag.dag_nr,
        manad.manad_index_nr
    from ankare
    left join dag on ankare.ankare_datum = dag.datum
    left join manad on dag.manad_datum = manad.manad_datum
),

dag_i_malmanad as (
    select
        ankare_manad.*,
        dag.dag_index_nr + ankare_manad.dagar_antal as mat_index_nr
    from ankare_manad
    left join manad
        on ankare_manad.manad_index_nr + ankare_manad.manader_antal = manad.manad_index_nr
    left join dag
        on manad.manad_datum = dag.manad_datum
        and least(ankare_manad.dag_nr, manad.dagar_antal) = dag.dag_nr
)

select
    dag_i_malmanad.deltagande_id,
    dag_i_malmanad.matpunkt_kod,
    dag_i_malmanad.person_id,
    dag.datum as mat_datum,
    case dag_i_malmanad.manadsregister_kod when 'samma' then dag.manad_datum else foregaende.manad_datum end
        as manad_datum
from dag_i_malmanad
left join dag on dag_i_malmanad.mat_index_nr = dag.dag_index_nr
left join manad as foregaende on dag_i_malmanad.manad_index_nr - 1 = foregaende.manad_index_nr
order by dag_i_malmanad.deltagande_id, dag_i_malmanad.matpunkt_kod
