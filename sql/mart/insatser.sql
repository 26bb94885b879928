-- mart.insatser: insatser som förbunden finansierat någon dag av året.
-- Korn: en rad per område, år, era, inriktning, preciserad inriktning och registrering. Nyckel: allt utom antalen.
-- Definition: insatser med startdatum senast 31 december och slutdatum saknat eller tidigast 1 januari, ur den senaste
-- raden om insatsen. Första SUS: aktiviteter (delaktivitet 0) i Finsam; inriktning fanns inte och är uppgift_saknas.
-- År: de som erans egen leverans av insatser rymmer, inga efter uttagsdatum; det sista kan vara en del av ett år.
-- Preciserad inriktning finns bara i Uppföljning Finsam, och bara under den inriktning som den hör till; en som hör
-- till den andra inriktningen är uppgift_saknas. Insatsregistrering säger om deltagarna följs: deltagarregistrering i
-- SUS, uppföljningsmetod i Uppföljning Finsam. En insats som står i två eror räknas i var och en.
-- planerat_antal: planerat antal deltagare i insatsbudgeten för just det året (nya SUS), det största av budgettypernas;
-- insatsens eget planerade antal gäller alla år och används inte. planerade_antal: insatser som har ett planerat antal.
-- Finns området ett år finns varje kombination som eran kan ha.
with

sus_insats as (select * from core.sus_insats),
sus1_aktivitet as (select * from core.sus1_aktivitet where samverkansform_kod = 'FINSAM' and delaktivitet_nr = 0),
uppfoljning_insats as (select * from core.uppfoljning_insats),
sus_insatsbudget as (select * from core.sus_insatsbudget),
leverans as (select * from core.leverans),
insatsinriktning as (select * from codes.insatsinriktning),
insatsprecisering as (select * from codes.insatsprecisering),
insatsregistrering as (select * from codes.insatsregistrering),
manad as (select * from calendar.manad),

period as (
    select
        case tabell_namn
            when 'sus1_aktivitet' then 'sus1' when 'sus_insats' then 'nya_sus' else 'uppfoljning'
        end as era_kod,
        min(extract(year from period_fran_datum)) as forsta_ar,
        max(extract(year from least(cast(period_till_datum - interval '1' day as date), uttags_datum))) as sista_ar
    from leverans
    where tabell_namn in ('sus1_aktivitet', 'sus_insats', 'uppfoljning_insats')
    group by tabell_namn
),

kalenderar as (
    select
        period.era_kod,
        manad.ar,
        manad.manad_datum as forsta_datum,
        cast(manad.manad_datum + interval '1' year as date) as nasta_ar_datum
    from manad
    inner join period on manad.ar >= period.forsta_ar and manad.ar <= period.sista_ar
    where manad.manad_nr = 1
),

insats_i_ordning as (
    select
        'sus1' as era_kod,
        aktivitet_id as insats_id,
        forbund_id,
        cast(null as varchar) as inriktning_kod,
        cast(null as varchar) as preciserad_inriktning_kod,
        'sus1' as registrering_kod,
        start_datum,
        slut_datum,
        row_number() over (
            partition by aktivitet_id order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from sus1_aktivitet
    union all
    select
        'nya_sus' as era_kod,
        insats_id,
        forbund_id,
        inriktning_kod,
        cast(null as varchar) as preciserad_inriktning_kod,
        registrering_kod,
        start_datum,
        slut_datum,
        row_number() over (
            partition by insats_id order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from sus_insats
    union all
    select
        'uppfoljning' as era_kod,
        insats_id,
        forbund_id,
        inriktning_kod,
        preciserad_inriktning_kod,
        uppfoljningsmetod_kod as registrering_kod,
        start_datum,
        slut_datum,
        row_number() over (
            partition by insats_id order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from uppfoljning_insats
),

insats as (
    select
        insats_i_ordning.era_kod,
        insats_i_ordning.insats_id,
        insats_i_ordning.forbund_id,
        insats_i_ordning.start_datum,
        insats_i_ordning.slut_datum,
        coalesce(insatsinriktning.kod, 'uppgift_saknas') as inriktning_kod,
        coalesce(insatsprecisering.kod, 'uppgift_saknas') as preciserad_inriktning_kod,
        coalesce(insatsregistrering.kod, 'uppgift_saknas') as insatsregistrering_kod
    from insats_i_ordning
    left join insatsinriktning on insats_i_ordning.inriktning_kod = insatsinriktning.inriktning_kod
    left join insatsprecisering
        on insats_i_ordning.preciserad_inriktning_kod = insatsprecisering.preciserad_inriktning_kod
        and insatsinriktning.kod = insatsprecisering.insatsinriktning_kod
    left join insatsregistrering
        on insats_i_ordning.era_kod = insatsregistrering.era_kod
        and insats_i_ordning.registrering_kod
        = coalesce(insatsregistrering.deltagarregistrering_kod, insatsregistrering.uppfoljningsmetod_kod)
    where insats_i_ordning.senast_nr = 1
),

budget_i_ordning as (
    select
        insats_id,
        ar,
        planerat_antal,
        row_number() over (
            partition by insats_id, ar, budgettyp_kod order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from sus_insatsbudget
),

plan as (
    select 'nya_sus' as era_kod, insats_id, ar, max(planerat_antal) as planerat_antal
    from budget_i_ordning
    where senast_nr = 1
    group by insats_id, ar
),

pagaende as (
    select
        insats.era_kod,
        insats.forbund_id,
        insats.inriktning_kod,
        insats.preciserad_inriktning_kod,
        insats.insatsregistrering_kod,
        kalenderar.ar,
        plan.planerat_antal
    from insats
    inner join kalenderar
        on insats.era_kod = kalenderar.era_kod
        and insats.start_datum < kalenderar.nasta_ar_datum
        and (insats.slut_datum is null or insats.slut_datum >= kalenderar.forsta_datum)
    left join plan
        on insats.era_kod = plan.era_kod
        and insats.insats_id = plan.insats_id
        and kalenderar.ar = plan.ar
),

pagaende_i_omrade as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, * from pagaende
    union all
    select 'forbund' as niva_kod, forbund_id as omrade_kod, * from pagaende
),

antal as (
    select
        niva_kod,
        omrade_kod,
        ar,
        era_kod,
        coalesce(inriktning_kod, 'totalt') as inriktning_kod,
        coalesce(preciserad_inriktning_kod, 'totalt') as preciserad_inriktning_kod,
        coalesce(insatsregistrering_kod, 'totalt') as insatsregistrering_kod,
        count(*) as insatser_antal,
        sum(planerat_antal) as planerat_antal,
        count(planerat_antal) as planerade_antal
    from pagaende_i_omrade
    group by grouping sets (
        (niva_kod, omrade_kod, ar, era_kod, inriktning_kod, preciserad_inriktning_kod, insatsregistrering_kod),
        (niva_kod, omrade_kod, ar, era_kod, inriktning_kod, preciserad_inriktning_kod),
        (niva_kod, omrade_kod, ar, era_kod, inriktning_kod, insatsregistrering_kod),
        (niva_kod, omrade_kod, ar, era_kod, inriktning_kod),
        (niva_kod, omrade_kod, ar, era_kod, insatsregistrering_kod),
        (niva_kod, omrade_kod, ar, era_kod)
    )
),

omrade_ar as (
    select niva_kod, omrade_kod, ar, era_kod from pagaende_i_omrade group by niva_kod, omrade_kod, ar, era_kod
),

cell as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.ar,
        omrade_ar.era_kod,
        insatsinriktning.kod as inriktning_kod,
        insatsprecisering.kod as preciserad_inriktning_kod,
        insatsregistrering.kod as insatsregistrering_kod
    from omrade_ar
    inner join insatsinriktning
        on insatsinriktning.kod = 'totalt'
        or (insatsinriktning.kod = 'uppgift_saknas') = (omrade_ar.era_kod = 'sus1')
    inner join insatsprecisering
        on insatsprecisering.kod = 'totalt'
        or (
            omrade_ar.era_kod = 'uppfoljning'
            and insatsinriktning.kod <> 'totalt'
            and coalesce(insatsprecisering.insatsinriktning_kod, insatsinriktning.kod) = insatsinriktning.kod
        )
    inner join insatsregistrering
        on insatsregistrering.kod = 'totalt' or insatsregistrering.era_kod = omrade_ar.era_kod
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.ar,
    cell.era_kod,
    cell.inriktning_kod,
    cell.preciserad_inriktning_kod,
    cell.insatsregistrering_kod,
    cast(coalesce(antal.insatser_antal, 0) as bigint) as insatser_antal,
    cast(coalesce(antal.planerat_antal, 0) as bigint) as planerat_antal,
    cast(coalesce(antal.planerade_antal, 0) as bigint) as planerade_antal
from cell
left join antal
    on cell.niva_kod = antal.niva_kod
    and cell.omrade_kod = antal.omrade_kod
    and cell.ar = antal.ar
    and cell.era_kod = antal.era_kod
    and cell.inriktning_kod = antal.inriktning_kod
    and cell.preciserad_inriktning_kod = antal.preciserad_inriktning_kod
    and cell.insatsregistrering_kod = antal.insatsregistrering_kod
order by
    cell.niva_kod,
    cell.omrade_kod,
    cell.ar,
    cell.era_kod,
    cell.inriktning_kod,
    cell.preciserad_inriktning_kod,
    cell.insatsregistrering_kod
