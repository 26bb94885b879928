-- derived.sus_utfall: sysselsättningen och utfallet enligt SUS egna definitioner.
-- Korn: en rad per deltagande och mätpunkt (intag, avslut, sex_manader). Nyckel: (deltagande_id, matpunkt_kod).
-- Definition: arbete och studier är registrerad sysselsättning av vilken omfattning som helst över noll procent, också
-- utan angiven omfattning; subventionerat arbete är arbete. Noll procent är varken arbete eller studier.
-- Arbetssökande är den som aktivt söker arbete och varken arbetar eller studerar; övrigt den som är ingetdera.
-- Till arbete eller studier: arbetar eller studerar vid mätpunkten (avslut, sex_manader), vad som än var före.
-- Börjat eller ökat: av dem, den som vid intag inte arbetade eller inte studerade och nu gör det, eller nu gör det i
-- större omfattning (20 av 40 timmar är 50 procent; arbetets delar läggs ihop, med och utan subvention). Saknas
-- omfattningen vid någotdera tillfället är en ökning okand, om inte det andra slaget har börjat eller ökat.
-- Okand: ingen sysselsättning registrerad vid tillfället. Första SUS hade en sysselsättning utan omfattning, och dess
-- löneprocent är ingen arbetstid; nya SUS frågade inte efter sex månader. Bara deltagandets senaste leverans räknas.
with

deltagande as (select * from derived.deltagande),
sus_sysselsattning as (select * from core.sus_sysselsattning),
sus1_deltagare as (select * from core.sus1_deltagare),
mattillfalle as (select * from codes.mattillfalle),
sus1_mattillfalle as (select * from codes.sus1_mattillfalle),

tillfalle as (
    select kod as matpunkt_kod from codes.matpunkt where kod in ('intag', 'avslut', 'sex_manader')
),

levererad_rad as (
    select
        'nya_sus' as era_kod,
        deltagande_id,
        mattillfalle_kod,
        sysselsattning_kod,
        omfattning_procent,
        uttags_datum,
        max(uttags_datum) over (partition by deltagande_id) as senaste_uttags_datum
    from sus_sysselsattning
    union all
    select
        'sus1' as era_kod,
        'sus1-' || deltagande_id as deltagande_id,
        mattillfalle_kod,
        sysselsattning_kod,
        cast(null as integer) as omfattning_procent,
        uttags_datum,
        max(uttags_datum) over (partition by deltagande_id) as senaste_uttags_datum
    from sus1_deltagare
),

tillfalle_per_era as (
    select 'nya_sus' as era_kod, kod as mattillfalle_kod, matpunkt_kod from mattillfalle
    union all
    select 'sus1' as era_kod, kod as mattillfalle_kod, matpunkt_kod from sus1_mattillfalle
),

rad as (
    select
        levererad_rad.era_kod,
        levererad_rad.deltagande_id,
        tillfalle_per_era.matpunkt_kod,
        levererad_rad.sysselsattning_kod,
        levererad_rad.omfattning_procent,
        levererad_rad.sysselsattning_kod in ('ARBETE', 'ARBETE_SUBV')
            and coalesce(levererad_rad.omfattning_procent > 0, true) as arbetar,
        levererad_rad.sysselsattning_kod = 'STUDIER'
            and coalesce(levererad_rad.omfattning_procent > 0, true) as studerar
    from levererad_rad
    inner join tillfalle_per_era
        on levererad_rad.era_kod = tillfalle_per_era.era_kod
        and levererad_rad.mattillfalle_kod = tillfalle_per_era.mattillfalle_kod
    where levererad_rad.uttags_datum = levererad_rad.senaste_uttags_datum
        and levererad_rad.sysselsattning_kod is not null
),

-- omfattningen är tom där någon del av den inte är angiven
registrerat as (
    select
        era_kod,
        deltagande_id,
        matpunkt_kod,
        max(case when arbetar then 1 else 0 end) = 1 as arbetar,
        max(case when arbetar and sysselsattning_kod = 'ARBETE_SUBV' then 1 else 0 end) = 1 as arbetar_med_subvention,
        max(case when studerar then 1 else 0 end) = 1 as studerar,
        max(case when sysselsattning_kod = 'ARBETSSOKANDE' then 1 else 0 end) = 1 as soker_arbete,
        case
            when max(case when arbetar and omfattning_procent is null then 1 else 0 end) = 0
                then sum(case when arbetar then omfattning_procent else 0 end)
        end as arbete_procent,
        case
            when max(case when studerar and omfattning_procent is null then 1 else 0 end) = 0
                then sum(case when studerar then omfattning_procent else 0 end)
        end as studier_procent
    from rad
    group by era_kod, deltagande_id, matpunkt_kod
),

nu_och_fore as (
    select
        deltagande.deltagande_id,
        deltagande.era_kod,
        tillfalle.matpunkt_kod,
        nu.deltagande_id is not null as nu_registrerat,
        nu.arbetar,
        nu.arbetar_med_subvention,
        nu.studerar,
        nu.soker_arbete,
        nu.arbete_procent,
        nu.studier_procent,
        fore.deltagande_id is not null as fore_registrerat,
        fore.arbetar as arbetade,
        fore.studerar as studerade,
        fore.arbete_procent as fore_arbete_procent,
        fore.studier_procent as fore_studier_procent
    from deltagande
    cross join tillfalle
    left join registrerat as nu
        on deltagande.era_kod = nu.era_kod
        and deltagande.deltagande_id = nu.deltagande_id
        and tillfalle.matpunkt_kod = nu.matpunkt_kod
    left join registrerat as fore
        on deltagande.era_kod = fore.era_kod
        and deltagande.deltagande_id = fore.deltagande_id
        and fore.matpunkt_kod = 'intag'
)

select
    deltagande_id,
    matpunkt_kod,
    case when not nu_registrerat then 'okand' when arbetar then 'ja' else 'nej' end as arbete_kod,
    case when not nu_registrerat then 'okand' when arbetar_med_subvention then 'ja' else 'nej' end
        as arbete_med_subvention_kod,
    case when not nu_registrerat then 'okand' when studerar then 'ja' else 'nej' end as studier_kod,
    case
        when not nu_registrerat then 'okand'
        when soker_arbete and not arbetar and not studerar then 'ja'
        else 'nej'
    end as arbetssokande_kod,
    case
        when not nu_registrerat then 'okand'
        when not arbetar and not studerar and not soker_arbete then 'ja'
        else 'nej'
    end as ovrigt_kod,
    case
        when matpunkt_kod = 'intag' then null
        when not nu_registrerat then 'okand'
        when arbetar or studerar then 'ja'
        else 'nej'
    end as till_arbete_studier_kod,
    case
        when matpunkt_kod = 'intag' then null
        when not nu_registrerat then 'okand'
        when not arbetar and not studerar then 'nej'
        when not fore_registrerat then 'okand'
        when (arbetar and not arbetade) or (studerar and not studerade) then 'ja'
        when arbete_procent > fore_arbete_procent or studier_procent > fore_studier_procent then 'ja'
        when arbetar and (arbete_procent is null or fore_arbete_procent is null) then 'okand'
        when studerar and (studier_procent is null or fore_studier_procent is null) then 'okand'
        else 'nej'
    end as borjat_eller_okat_kod,
    era_kod
from nu_och_fore
order by deltagande_id, matpunkt_kod
