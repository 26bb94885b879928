-- mart.ekonomi: vad insatserna och förbunden kostat, enligt SUS och enligt förbundens årsredovisningar.
-- Korn: en rad per område, år, ekonomipost och inriktning. Nyckel: (niva_kod, omrade_kod, ar, ekonomipost_kod,
-- inriktning_kod).
-- Definition: SUS insatsbudget per budgettyp (codes.ekonomipost), summerad över insatserna i core.sus_insats, och
-- årsredovisningens budget, utfall, administration och eget kapital. Den senaste raden om insats, år och budgettyp
-- gäller, liksom om förbund och år. Inriktning (individ, struktur) finns bara för insatsernas poster.
-- Bidragsgivare, med annat än noll kronor: på förbundsnivå insatser (för årsredovisningen förbundet), i riket förbund.
-- storst_kronor och nast_storst_kronor är de två största bidragsgivarnas delar, till beloppet utan tecken.
-- Ett belopp som inte är redovisat är inte noll: ej_redovisade_antal räknar insatser utan utfall, och för
-- årsredovisningens poster förbund utan uppgift. Ett förbund har ett år om någon källa nämner det, och då finns varje
-- post: noll där inget är redovisat.
with

sus_insats as (select * from core.sus_insats),
sus_insatsbudget as (select * from core.sus_insatsbudget),
arsredovisning as (select * from core.arsredovisning),
ekonomipost as (select * from codes.ekonomipost),
insatsinriktning as (select * from codes.insatsinriktning),

insats_i_ordning as (
    select
        insats_id,
        forbund_id,
        inriktning_kod,
        row_number() over (
            partition by insats_id order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from sus_insats
),

budget_i_ordning as (
    select
        *,
        row_number() over (
            partition by insats_id, ar, budgettyp_kod order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from sus_insatsbudget
),

budgetrad as (
    select
        budget_i_ordning.insats_id,
        budget_i_ordning.ar,
        budget_i_ordning.budgettyp_kod,
        budget_i_ordning.budget_belopp_antal,
        budget_i_ordning.utfall_belopp_antal,
        insats_i_ordning.forbund_id,
        insatsinriktning.kod as inriktning_kod
    from budget_i_ordning
    inner join insats_i_ordning
        on budget_i_ordning.insats_id = insats_i_ordning.insats_id
        and insats_i_ordning.senast_nr = 1
    inner join insatsinriktning on insats_i_ordning.inriktning_kod = insatsinriktning.inriktning_kod
    where budget_i_ordning.senast_nr = 1
),

redovisning_i_ordning as (
    select
        *,
        row_number() over (
            partition by forbund_id, ar order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from arsredovisning
),

forbund_ar as (
    select forbund_id, ar from budgetrad group by forbund_id, ar
    union
    select forbund_id, ar from redovisning_i_ordning
),

insatsdel as (
    select
        budgetrad.forbund_id,
        budgetrad.ar,
        ekonomipost.kod as ekonomipost_kod,
        budgetrad.inriktning_kod,
        budgetrad.insats_id as bidragsgivare_id,
        case
            when ekonomipost.kod in ('insatser_budget', 'esf_budget') then budgetrad.budget_belopp_antal
            else budgetrad.utfall_belopp_antal
        end as belopp
    from budgetrad
    inner join ekonomipost on budgetrad.budgettyp_kod = ekonomipost.budgettyp_kod
),

forbundsdel as (
    select
        forbund_ar.forbund_id,
        forbund_ar.ar,
        ekonomipost.kod as ekonomipost_kod,
        forbund_ar.forbund_id as bidragsgivare_id,
        case ekonomipost.kod
            when 'forbund_budget' then redovisning_i_ordning.budget_belopp_antal
            when 'forbund_utfall' then redovisning_i_ordning.utfall_belopp_antal
            when 'administration' then redovisning_i_ordning.administration_belopp_antal
            when 'eget_kapital' then redovisning_i_ordning.eget_kapital_belopp_antal
        end as belopp
    from forbund_ar
    inner join ekonomipost on ekonomipost.budgettyp_kod is null
    left join redovisning_i_ordning
        on forbund_ar.forbund_id = redovisning_i_ordning.forbund_id
        and forbund_ar.ar = redovisning_i_ordning.ar
        and redovisning_i_ordning.senast_nr = 1
),

del as (
    select forbund_id, ar, ekonomipost_kod, inriktning_kod, bidragsgivare_id, belopp from insatsdel
    union all
    select forbund_id, ar, ekonomipost_kod, 'totalt' as inriktning_kod, bidragsgivare_id, belopp from insatsdel
    union all
    select forbund_id, ar, ekonomipost_kod, 'totalt' as inriktning_kod, bidragsgivare_id, belopp from forbundsdel
),

bidrag as (
    select
        'forbund' as niva_kod,
        forbund_id as omrade_kod,
        ar,
        ekonomipost_kod,
        inriktning_kod,
        bidragsgivare_id,
        coalesce(belopp, 0) as belopp,
        case when belopp is null then 1 else 0 end as ej_redovisade_antal
    from del
    union all
    select
        'riket' as niva_kod,
        'riket' as omrade_kod,
        ar,
        ekonomipost_kod,
        inriktning_kod,
        forbund_id as bidragsgivare_id,
        coalesce(sum(belopp), 0) as belopp,
        count(*) - count(belopp) as ej_redovisade_antal
    from del
    group by ar, ekonomipost_kod, inriktning_kod, forbund_id
),

bidrag_i_ordning as (
    select
        *,
        row_number() over (
            partition by niva_kod, omrade_kod, ar, ekonomipost_kod, inriktning_kod
            order by abs(belopp) desc, bidragsgivare_id
        ) as storlek_nr
    from bidrag
),

summa as (
    select
        niva_kod,
        omrade_kod,
        ar,
        ekonomipost_kod,
        inriktning_kod,
        sum(belopp) as belopp_kronor,
        count(*) filter (where belopp <> 0) as bidragsgivare_antal,
        sum(belopp) filter (where storlek_nr = 1) as storst_kronor,
        sum(belopp) filter (where storlek_nr = 2) as nast_storst_kronor,
        sum(ej_redovisade_antal) as ej_redovisade_antal
    from bidrag_i_ordning
    group by niva_kod, omrade_kod, ar, ekonomipost_kod, inriktning_kod
),

omrade_ar as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, ar from forbund_ar group by ar
    union all
    select 'forbund' as niva_kod, forbund_id as omrade_kod, ar from forbund_ar
),

cell as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.ar,
        ekonomipost.kod as ekonomipost_kod,
        insatsinriktning.kod as inriktning_kod
    from omrade_ar
    cross join ekonomipost
    inner join insatsinriktning
        on insatsinriktning.kod = 'totalt'
        or (insatsinriktning.inriktning_kod is not null and ekonomipost.budgettyp_kod is not null)
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.ar,
    cell.ekonomipost_kod,
    cell.inriktning_kod,
    cast(coalesce(summa.belopp_kronor, 0) as bigint) as belopp_kronor,
    cast(coalesce(summa.bidragsgivare_antal, 0) as bigint) as bidragsgivare_antal,
    cast(coalesce(summa.storst_kronor, 0) as bigint) as storst_kronor,
    cast(coalesce(summa.nast_storst_kronor, 0) as bigint) as nast_storst_kronor,
    cast(coalesce(summa.ej_redovisade_antal, 0) as bigint) as ej_redovisade_antal
from cell
left join summa
    on cell.niva_kod = summa.niva_kod
    and cell.omrade_kod = summa.omrade_kod
    and cell.ar = summa.ar
    and cell.ekonomipost_kod = summa.ekonomipost_kod
    and cell.inriktning_kod = summa.inriktning_kod
order by cell.niva_kod, cell.omrade_kod, cell.ar, cell.ekonomipost_kod, cell.inriktning_kod
