-- mart.indikator: svaren på enkäten Indikatorer för finansiell samordning.
-- Korn: en rad per område, mätperiod, formulär, indikator och svar. Nyckel: allt utom antalen.
-- Definition: ett svar är en respondents svar på en fråga; indikatorns frågor räknas ihop. Formuläret säger vilken
-- respondentgrupp som svarat (codes.indikator_formular); formulären läggs aldrig ihop, för frågorna är inte desamma.
-- ar är mätperiodens slutår. deltaganden_antal är svar, personer_antal respondenter: respondent_id är ett löpnummer
-- inom förbund, mätperiod och formulär. totalt är svaren på skalan 1–5; vet_ej står bredvid och ingår inte i totalt.
-- index_summa: svarets värde gånger 20, summerat; delad med svaren är den indikatorns index (20–100). Varje svar väger
-- lika, också där en respondent svarat på flera frågor. vet_ej har inget värde.
-- Förbund har bara totalt: så få har svarat att de enskilda svaren är några stycken. Ingen insats redovisas.
-- Ett område finns en mätperiod om någon svarat där, och då finns varje kombination: noll där ingen svarat.
with

indikator_svar as (select * from core.indikator_svar),
formular as (select * from codes.indikator_formular),
indikator as (select * from codes.indikator),
svarsskala as (select * from codes.svarsskala),
redovisat_svar as (select * from codes.redovisat_svar),

svar_i_ordning as (
    select
        forbund_id,
        matperiod_ar,
        formular_kod,
        respondent_id,
        indikator_kod,
        svar_kod,
        row_number() over (
            partition by forbund_id, matperiod_ar, formular_kod, respondent_id, indikator_kod, fraga_nr
            order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from indikator_svar
),

svar as (
    select
        svar_i_ordning.forbund_id,
        svar_i_ordning.matperiod_ar as ar,
        svar_i_ordning.formular_kod,
        svar_i_ordning.indikator_kod,
        svar_i_ordning.forbund_id || ' ' || svar_i_ordning.respondent_id as respondent_id,
        redovisat_svar.kod as svar_kod,
        redovisat_svar.uppdelning_kod,
        coalesce(svarsskala.varde_nr, 0) * 20 as index_varde
    from svar_i_ordning
    inner join svarsskala on svar_i_ordning.svar_kod = svarsskala.kod
    inner join redovisat_svar on svar_i_ordning.svar_kod = redovisat_svar.svar_kod
    where svar_i_ordning.senast_nr = 1
),

svar_i_omrade as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, *, svar_kod as redovisat_kod from svar
    union all
    select 'riket' as niva_kod, 'riket' as omrade_kod, *, 'totalt' as redovisat_kod
    from svar
    where uppdelning_kod is not null
    union all
    select 'forbund' as niva_kod, forbund_id as omrade_kod, *, 'totalt' as redovisat_kod
    from svar
    where uppdelning_kod is not null
),

antal as (
    select
        niva_kod,
        omrade_kod,
        ar,
        formular_kod,
        indikator_kod,
        redovisat_kod,
        count(*) as deltaganden_antal,
        count(distinct respondent_id) as personer_antal,
        sum(index_varde) as index_summa
    from svar_i_omrade
    group by niva_kod, omrade_kod, ar, formular_kod, indikator_kod, redovisat_kod
),

omrade_ar as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, ar from svar group by ar
    union all
    select 'forbund' as niva_kod, forbund_id as omrade_kod, ar from svar group by forbund_id, ar
),

cell as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.ar,
        formular.kod as formular_kod,
        indikator.kod as indikator_kod,
        redovisat_svar.kod as svar_kod
    from omrade_ar
    cross join formular
    cross join indikator
    inner join redovisat_svar on redovisat_svar.kod = 'totalt' or omrade_ar.niva_kod = 'riket'
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.ar,
    cell.formular_kod,
    cell.indikator_kod,
    cell.svar_kod,
    coalesce(antal.deltaganden_antal, 0) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal,
    cast(coalesce(antal.index_summa, 0) as bigint) as index_summa
from cell
left join antal
    on cell.niva_kod = antal.niva_kod
    and cell.omrade_kod = antal.omrade_kod
    and cell.ar = antal.ar
    and cell.formular_kod = antal.formular_kod
    and cell.indikator_kod = antal.indikator_kod
    and cell.svar_kod = antal.redovisat_kod
order by cell.niva_kod, cell.omrade_kod, cell.ar, cell.formular_kod, cell.indikator_kod, cell.svar_kod
