-- mart.deltagare: deltaganden som pågått någon dag av året eller kvartalet, efter registrering, bakgrund och kön.
-- Korn: en rad per område, år, kvartal, era, registrering, bakgrund och kön. Nyckel: allt utom antalen.
-- Definition: startdatum senast sista dagen, slutdatum saknat eller tidigast första dagen (år och kvartal:
-- derived.redovisningsperiod). anonym: som SUS bara räknat per insats och år, och deltaganden som mist sin pseudonym;
-- var och en är en person. volym (volyminsatser): för sig, utan kön, utanför totalt. Antal efter SUS räknas inte hit.
-- Kvartal bara för riket och personuppgifter: de anonyma är räknade per år. Län och kommun (vid start; okand där länet
-- inte är känt) bara för personuppgifter. Bakgrund bara för personuppgifter och hela året: varje uppdelning för riket
-- (per kön) och län, trettio (under 30 år) på alla nivåer. Första SUS saknar utbildning, inriktning och volym.
-- Åldern är den vid start. Född: personens senaste version. Förbundet som det är nu: derived.forbund_nu.
-- Ett år finns för ett område och en era om något är räknat där, och då finns varje kombination: noll där ingen är.
with

deltagande as (select * from derived.deltagande where era_kod in ('sus1', 'nya_sus')),
antal_deltagare as (
    select * from derived.antal_deltagare where era_kod = 'nya_sus' and slag_kod in ('anonym', 'volym')
),
personversion as (select * from derived.personversion),
redovisningsperiod as (select * from derived.redovisningsperiod),
forbund_nu as (select * from derived.forbund_nu),
sus_deltagande as (select * from core.sus_deltagande),
sus_insats as (select * from core.sus_insats),
aldersgrupp as (select * from codes.aldersgrupp),
bakgrund as (select * from codes.bakgrund),
kvartal as (select * from codes.kvartal),
niva as (select * from codes.niva),
redovisad_kon as (select * from codes.redovisad_kon),
registrering as (select * from codes.registrering),

aldersgrans as (
    select min(fran_alder_nr) as lagst_nr, max(till_alder_nr) as hogst_nr from aldersgrupp
),

senaste_version as (
    select person_id, fodd_kod, row_number() over (partition by person_id order by version_nr desc) as senast_nr
    from personversion
),

-- koden i den lista som var och en av uppdelningarna bygger på
registrerad as (
    select
        deltagande.deltagande_id,
        deltagande.era_kod,
        deltagande.alder_ar,
        aldersgrupp.kod as aldersgrupp_kod,
        coalesce(sus_deltagande.utbildning_kod, 'SAKNAS') as utbildning_kod,
        senaste_version.fodd_kod,
        sus_insats.inriktning_kod
    from deltagande
    left join aldersgrupp
        on deltagande.alder_ar >= aldersgrupp.fran_alder_nr
        and deltagande.alder_ar <= aldersgrupp.till_alder_nr
    left join sus_deltagande
        on deltagande.era_kod = 'nya_sus'
        and deltagande.deltagande_id = sus_deltagande.deltagande_id
    left join sus_insats
        on deltagande.era_kod = 'nya_sus'
        and deltagande.insats_id = sus_insats.insats_id
    left join senaste_version
        on deltagande.person_id = senaste_version.person_id
        and senaste_version.senast_nr = 1
    where deltagande.person_id is not null
),

bakgrund_per_deltagande as (
    select deltagande_id, 'totalt' as bakgrund_kod, '' as uppdelning_kod from deltagande
    union all
    select
        registrerad.deltagande_id,
        case
            when bakgrund.kod is not null then bakgrund.kod
            when registrerad.alder_ar < aldersgrans.lagst_nr then 'alder_under_16'
            when registrerad.alder_ar > aldersgrans.hogst_nr then 'alder_over_65'
            else 'alder_okand'
        end as bakgrund_kod,
        'alder' as uppdelning_kod
    from registrerad
    cross join aldersgrans
    left join bakgrund
        on bakgrund.uppdelning_kod = 'alder'
        and registrerad.aldersgrupp_kod = bakgrund.grupp_kod
    union all
    select
        deltagande_id,
        case
            when alder_ar < 30 then 'under_30'
            when alder_ar >= 30 then 'fran_30'
            else 'trettio_okand'
        end as bakgrund_kod,
        'trettio' as uppdelning_kod
    from registrerad
    union all
    select registrerad.deltagande_id, coalesce(bakgrund.kod, 'fodd_okand') as bakgrund_kod, 'fodd' as uppdelning_kod
    from registrerad
    left join bakgrund on bakgrund.uppdelning_kod = 'fodd' and registrerad.fodd_kod = bakgrund.grupp_kod
    union all
    select registrerad.deltagande_id, bakgrund.kod as bakgrund_kod, bakgrund.uppdelning_kod
    from registrerad
    inner join bakgrund
        on (bakgrund.uppdelning_kod = 'utbildning' and registrerad.utbildning_kod = bakgrund.grupp_kod)
        or (bakgrund.uppdelning_kod = 'inriktning' and registrerad.inriktning_kod = bakgrund.grupp_kod)
    where registrerad.era_kod = 'nya_sus'
),

pagande as (
    select
        redovisningsperiod.ar,
        redovisningsperiod.kvartal_kod,
        deltagande.era_kod,
        deltagande.deltagande_id,
        deltagande.person_id,
        case when deltagande.person_id is null then 'anonym' else 'personuppgifter' end as registrering_kod,
        deltagande.kon_kod,
        deltagande.forbund_id,
        coalesce(deltagande.lans_kod, 'okand') as lan_kod,
        case when deltagande.lans_kod is null then 'okand' else deltagande.kommun_kod end as kommun_kod
    from deltagande
    inner join redovisningsperiod
        on deltagande.era_kod = redovisningsperiod.era_kod
        and deltagande.start_datum < redovisningsperiod.till_datum
        and (deltagande.slut_datum is null or deltagande.slut_datum >= redovisningsperiod.fran_datum)
),

raknade_per_kon as (
    select ar, slag_kod, forbund_id, 'kvinna' as kon_kod, kvinnor_antal as deltaganden_antal from antal_deltagare
    union all
    select ar, slag_kod, forbund_id, 'man' as kon_kod, man_antal as deltaganden_antal from antal_deltagare
    union all
    select ar, slag_kod, forbund_id, 'uppgift_saknas' as kon_kod, okant_kon_antal as deltaganden_antal
    from antal_deltagare
),

deltagare as (
    select
        pagande.ar,
        pagande.kvartal_kod,
        pagande.era_kod,
        pagande.person_id,
        pagande.registrering_kod,
        bakgrund_per_deltagande.bakgrund_kod,
        bakgrund_per_deltagande.uppdelning_kod,
        pagande.kon_kod,
        pagande.forbund_id,
        pagande.lan_kod,
        pagande.kommun_kod,
        1 as deltaganden_antal
    from pagande
    inner join bakgrund_per_deltagande
        on pagande.deltagande_id = bakgrund_per_deltagande.deltagande_id
        and (pagande.kvartal_kod = 'hela_aret' or bakgrund_per_deltagande.bakgrund_kod = 'totalt')
    union all
    select
        raknade_per_kon.ar,
        redovisningsperiod.kvartal_kod,
        redovisningsperiod.era_kod,
        null as person_id,
        raknade_per_kon.slag_kod as registrering_kod,
        'totalt' as bakgrund_kod,
        '' as uppdelning_kod,
        raknade_per_kon.kon_kod,
        raknade_per_kon.forbund_id,
        null as lan_kod,
        null as kommun_kod,
        raknade_per_kon.deltaganden_antal
    from raknade_per_kon
    inner join redovisningsperiod
        on raknade_per_kon.ar = redovisningsperiod.ar
        and redovisningsperiod.era_kod = 'nya_sus'
        and redovisningsperiod.kvartal_kod = 'hela_aret'
    where raknade_per_kon.deltaganden_antal > 0
),

deltagare_i_omrade as (
    select
        deltagare.*,
        niva.kod as niva_kod,
        case niva.kod
            when 'riket' then 'riket'
            when 'lan' then deltagare.lan_kod
            when 'forbund' then deltagare.forbund_id
            when 'forbund_nu' then coalesce(forbund_nu.forbund_nu_id, deltagare.forbund_id)
            when 'kommun' then deltagare.kommun_kod
        end as omrade_kod
    from deltagare
    inner join niva
        on niva.kod = 'riket'
        or (niva.kod = 'lan' and deltagare.kvartal_kod = 'hela_aret')
        or (deltagare.kvartal_kod = 'hela_aret' and deltagare.uppdelning_kod in ('', 'trettio'))
    left join forbund_nu on deltagare.forbund_id = forbund_nu.forbund_id
),

redovisad_registrering as (
    select kod as registrering_kod, kod as redovisad_kod from registrering where kod <> 'totalt'
    union all
    select kod as registrering_kod, 'totalt' as redovisad_kod from registrering where uppdelning_kod = 'individ'
),

redovisat_kon as (
    select kod as kon_kod, kod as redovisad_kod from redovisad_kon where kod <> 'totalt'
    union all
    select kod as kon_kod, 'totalt' as redovisad_kod from redovisad_kon where kod <> 'totalt'
),

-- en rad per person (eller alla utan person) i varje cell: det är snabbare än att räkna olika personer
person_i_cell as (
    select
        deltagare_i_omrade.niva_kod,
        deltagare_i_omrade.omrade_kod,
        deltagare_i_omrade.ar,
        deltagare_i_omrade.kvartal_kod,
        deltagare_i_omrade.era_kod,
        redovisad_registrering.redovisad_kod as registrering_kod,
        deltagare_i_omrade.bakgrund_kod,
        redovisat_kon.redovisad_kod as kon_kod,
        deltagare_i_omrade.person_id,
        sum(deltagare_i_omrade.deltaganden_antal) as deltaganden_antal
    from deltagare_i_omrade
    inner join redovisad_registrering
        on deltagare_i_omrade.registrering_kod = redovisad_registrering.registrering_kod
    inner join redovisat_kon on deltagare_i_omrade.kon_kod = redovisat_kon.kon_kod
    where deltagare_i_omrade.bakgrund_kod = 'totalt'
        or (
            redovisad_registrering.redovisad_kod <> 'totalt'
            and (deltagare_i_omrade.niva_kod = 'riket' or redovisat_kon.redovisad_kod = 'totalt')
        )
    group by
        deltagare_i_omrade.niva_kod,
        deltagare_i_omrade.omrade_kod,
        deltagare_i_omrade.ar,
        deltagare_i_omrade.kvartal_kod,
        deltagare_i_omrade.era_kod,
        redovisad_registrering.redovisad_kod,
        deltagare_i_omrade.bakgrund_kod,
        redovisat_kon.redovisad_kod,
        deltagare_i_omrade.person_id
),

antal as (
    select
        niva_kod,
        omrade_kod,
        ar,
        kvartal_kod,
        era_kod,
        registrering_kod,
        bakgrund_kod,
        kon_kod,
        sum(deltaganden_antal) as deltaganden_antal,
        sum(case when person_id is null then deltaganden_antal else 1 end) as personer_antal
    from person_i_cell
    group by niva_kod, omrade_kod, ar, kvartal_kod, era_kod, registrering_kod, bakgrund_kod, kon_kod
),

omrade_ar as (
    select niva_kod, omrade_kod, ar, era_kod
    from deltagare_i_omrade
    where omrade_kod is not null
    group by niva_kod, omrade_kod, ar, era_kod
),

cell as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.ar,
        kvartal.kod as kvartal_kod,
        omrade_ar.era_kod,
        registrering.kod as registrering_kod,
        bakgrund.kod as bakgrund_kod,
        redovisad_kon.kod as kon_kod
    from omrade_ar
    inner join registrering
        on registrering.kod = 'personuppgifter'
        or (
            omrade_ar.niva_kod in ('riket', 'forbund', 'forbund_nu')
            and (registrering.kod <> 'volym' or omrade_ar.era_kod = 'nya_sus')
        )
    inner join kvartal
        on kvartal.kod = 'hela_aret'
        or (omrade_ar.niva_kod = 'riket' and registrering.kod = 'personuppgifter')
    inner join bakgrund
        on bakgrund.kod = 'totalt'
        or (
            registrering.kod = 'personuppgifter'
            and kvartal.kod = 'hela_aret'
            and (omrade_ar.niva_kod in ('riket', 'lan') or bakgrund.uppdelning_kod = 'trettio')
            and (omrade_ar.era_kod = 'nya_sus' or bakgrund.uppdelning_kod not in ('utbildning', 'inriktning'))
        )
    inner join redovisad_kon
        on redovisad_kon.kod = 'totalt'
        or (registrering.kod <> 'volym' and (bakgrund.kod = 'totalt' or omrade_ar.niva_kod = 'riket'))
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.ar,
    cell.kvartal_kod,
    cell.era_kod,
    cell.registrering_kod,
    cell.bakgrund_kod,
    cell.kon_kod,
    cast(coalesce(antal.deltaganden_antal, 0) as bigint) as deltaganden_antal,
    cast(coalesce(antal.personer_antal, 0) as bigint) as personer_antal
from cell
left join antal
    on cell.niva_kod = antal.niva_kod
    and cell.omrade_kod = antal.omrade_kod
    and cell.ar = antal.ar
    and cell.kvartal_kod = antal.kvartal_kod
    and cell.era_kod = antal.era_kod
    and cell.registrering_kod = antal.registrering_kod
    and cell.bakgrund_kod = antal.bakgrund_kod
    and cell.kon_kod = antal.kon_kod
order by
    cell.niva_kod,
    cell.omrade_kod,
    cell.ar,
    cell.kvartal_kod,
    cell.era_kod,
    cell.registrering_kod,
    cell.bakgrund_kod,
    cell.kon_kod
