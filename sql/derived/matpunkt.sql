-- derived.matpunkt: dagen, fönstret och månaden då varje deltagande mäts.
-- Korn: en rad per deltagande och mätpunkt. Nyckel: (deltagande_id, matpunkt_kod).
-- Definition: codes.matpunkt; från start eller slut räknas först månader, på kalendern och högst till månadens sista
-- dag (lagen 1930:173), sedan dagar. Ordningen är vald: slut 31 augusti + 6 månader - 14 dagar är 14 dagar före
-- sista februari.
-- Fönstret är mätdagen, eller så många dagar från den som kodlistan säger (SUS: veckan direkt före och efter).
-- Månadsregister ser mätdagens månad (samma), eller månaden före den månad där fönstret slutar (foregaende): vid
-- intag alltså månaden före starten, också för den som börjar den första.
-- Utan slutdatum har en mätpunkt efter slutet varken dag eller månad.
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
        matpunktkod.fonster_dagar_antal,
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
        manad.manad_index_nr + ankare.manader_antal as mal_index_nr
    from ankare
    left join dag on ankare.ankare_datum = dag.datum
    left join manad on dag.manad_datum = manad.manad_datum
),

matdag as (
    select
        ankare_manad.*,
        dag.dag_index_nr + ankare_manad.dagar_antal as mat_index_nr
    from ankare_manad
    left join manad on ankare_manad.mal_index_nr = manad.manad_index_nr
    left join dag
        on manad.manad_datum = dag.manad_datum
        and least(ankare_manad.dag_nr, manad.dagar_antal) = dag.dag_nr
)

select
    matdag.deltagande_id,
    matdag.matpunkt_kod,
    matdag.person_id,
    dag.datum as mat_datum,
    fonster_slut.datum as fonster_till_datum,
    case matdag.manadsregister_kod when 'samma' then dag.manad_datum else foregaende.manad_datum end as manad_datum
from matdag
left join dag on matdag.mat_index_nr = dag.dag_index_nr
left join dag as fonster_slut on matdag.mat_index_nr + matdag.fonster_dagar_antal = fonster_slut.dag_index_nr
left join manad as foregaende on fonster_slut.manad_datum = foregaende.nasta_manad_datum
order by matdag.deltagande_id, matdag.matpunkt_kod
