-- mart.deltagare: deltaganden som pågått någon dag av året, med personuppgifter och anonyma.
-- Korn: en rad per område, år, registrering och kön. Nyckel: allt utom antalen.
-- Definition: nya SUS, med startdatum senast 31 december och slutdatum saknat eller tidigast 1 januari.
-- Anonyma: de som SUS bara räknat per insats och år (derived.antal_deltagare, slaget anonym), och deltaganden som mist
-- sin pseudonym; var och en är en person. Volyminsatser räknas inte hit.
-- År: de som SUS leverans rymmer, inga efter dess uttagsdatum. Finns området ett år finns varje kombination.
with

deltagande as (select * from derived.deltagande where era_kod = 'nya_sus'),
anonyma as (select * from derived.antal_deltagare where era_kod = 'nya_sus' and slag_kod = 'anonym'),
leverans as (select * from core.leverans),
redovisad_kon as (select * from codes.redovisad_kon),
registrering as (select * from codes.registrering),
manad as (select * from calendar.manad),

sus_period as (
    select
        min(extract(year from period_fran_datum)) as forsta_ar,
        max(extract(year from least(cast(period_till_datum - interval '1' day as date), uttags_datum))) as sista_ar
    from leverans
    where tabell_namn = 'sus_deltagande'
),

kalenderar as (
    select
        manad.ar,
        manad.manad_datum as forsta_datum,
        cast(manad.manad_datum + interval '1' year as date) as nasta_ar_datum
    from manad
    cross join sus_period
    where manad.manad_nr = 1
        and manad.ar >= sus_period.forsta_ar
        and manad.ar <= sus_period.sista_ar
),

antal_per_deltagande as (
    select
        kalenderar.ar,
        deltagande.forbund_id,
        deltagande.person_id,
        case when deltagande.person_id is null then 'anonym' else 'personuppgifter' end as registrering_kod,
        deltagande.kon_kod,
        1 as deltaganden_antal
    from deltagande
    inner join kalenderar
        on deltagande.start_datum < kalenderar.nasta_ar_datum
        and (deltagande.slut_datum is null or deltagande.slut_datum >= kalenderar.forsta_datum)
),

anonyma_per_insats as (
    select ar, forbund_id, 'kvinna' as kon_kod, kvinnor_antal as deltaganden_antal from anonyma
    union all
    select ar, forbund_id, 'man' as kon_kod, man_antal as deltaganden_antal from anonyma
),

deltagare as (
    select ar, forbund_id, person_id, registrering_kod, kon_kod, deltaganden_antal
    from antal_per_deltagande
    union all
    select
        anonyma_per_insats.ar,
        anonyma_per_insats.forbund_id,
        null as person_id,
        'anonym' as registrering_kod,
        anonyma_per_insats.kon_kod,
        anonyma_per_insats.deltaganden_antal
    from anonyma_per_insats
    inner join kalenderar on anonyma_per_insats.ar = kalenderar.ar
    where anonyma_per_insats.deltaganden_antal > 0
),

deltagare_i_omrade as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, ar, person_id, registrering_kod, kon_kod, deltaganden_antal
    from deltagare
    union all
    select 'forbund' as niva_kod, forbund_id as omrade_kod, ar, person_id, registrering_kod, kon_kod, deltaganden_antal
    from deltagare
),

antal as (
    select
        niva_kod,
        omrade_kod,
        ar,
        registrering_kod,
        kon_kod,
        sum(deltaganden_antal) as deltaganden_antal,
        count(distinct person_id)
            + coalesce(sum(deltaganden_antal) filter (where person_id is null), 0) as personer_antal
    from deltagare_i_omrade
    group by grouping sets (
        (niva_kod, omrade_kod, ar, registrering_kod, kon_kod),
        (niva_kod, omrade_kod, ar, registrering_kod),
        (niva_kod, omrade_kod, ar, kon_kod),
        (niva_kod, omrade_kod, ar)
    )
),

omrade_ar as (
    select niva_kod, omrade_kod, ar from deltagare_i_omrade group by niva_kod, omrade_kod, ar
),

cell as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.ar,
        registrering.kod as registrering_kod,
        redovisad_kon.kod as kon_kod
    from omrade_ar
    cross join registrering
    cross join redovisad_kon
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.ar,
    cell.registrering_kod,
    cell.kon_kod,
    cast(coalesce(antal.deltaganden_antal, 0) as bigint) as deltaganden_antal,
    cast(coalesce(antal.personer_antal, 0) as bigint) as personer_antal
from cell
left join antal
    on cell.niva_kod = antal.niva_kod
    and cell.omrade_kod = antal.omrade_kod
    and cell.ar = antal.ar
    and cell.registrering_kod = coalesce(antal.registrering_kod, 'totalt')
    and cell.kon_kod = coalesce(antal.kon_kod, 'totalt')
order by cell.niva_kod, cell.omrade_kod, cell.ar, cell.registrering_kod, cell.kon_kod
