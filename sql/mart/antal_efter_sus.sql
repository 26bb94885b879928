-- mart.antal_efter_sus: deltagare åren efter SUS, då bara antalet kvinnor och män räknas.
-- Korn: en rad per område, år, inriktning och kön. Nyckel: allt utom antalen.
-- Definition: derived.antal_deltagare, slaget antal i eran uppfoljning: inskrivna kvinnor och män per insats och år,
-- som förbunden lämnat dem. Inriktningen är insatsens, ur den senaste raden om insatsen.
-- Var och en är räknad för sig: samma människa kan stå i flera insatser, och deltaganden och personer är samma tal.
-- cellnyckel_nr: summan av deras postnycklar, modulo 2^32.
-- Insatser vars deltagare inte följs har inget antal; hur många de är står i mart.insatser.
-- Kön finns för alla; uppgift_saknas är för att tabellen ska läsas som de andra, och är noll så länge det lämnas.
-- Ett år finns för ett område om någon insats där lämnat ett antal, också noll, och då finns varje kombination. Det
-- sista året kan vara en del av ett år.
with

antal_deltagare as (
    select * from derived.antal_deltagare where era_kod = 'uppfoljning' and slag_kod = 'antal'
),
antalsnyckel as (select * from derived.antalsnyckel),
uppfoljning_insats as (select * from core.uppfoljning_insats),
insatsinriktning as (select * from codes.insatsinriktning),
redovisad_kon as (select * from codes.redovisad_kon),

insats_i_ordning as (
    select
        insats_id,
        inriktning_kod,
        row_number() over (
            partition by insats_id order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from uppfoljning_insats
),

antal_per_insats as (
    select
        antal_deltagare.ar,
        antal_deltagare.era_kod,
        antal_deltagare.forbund_id,
        insatsinriktning.kod as inriktning_kod,
        coalesce(antal_deltagare.kvinnor_antal, 0) as kvinnor_antal,
        coalesce(antal_deltagare.man_antal, 0) as man_antal,
        antal_deltagare.okant_kon_antal,
        antalsnyckel.kvinnor_nyckel_nr,
        antalsnyckel.man_nyckel_nr,
        antalsnyckel.okant_kon_nyckel_nr
    from antal_deltagare
    inner join insats_i_ordning
        on antal_deltagare.insats_id = insats_i_ordning.insats_id
        and insats_i_ordning.senast_nr = 1
    inner join insatsinriktning on insats_i_ordning.inriktning_kod = insatsinriktning.inriktning_kod
    left join antalsnyckel
        on antal_deltagare.era_kod = antalsnyckel.era_kod
        and antal_deltagare.insats_id = antalsnyckel.insats_id
        and antal_deltagare.ar = antalsnyckel.ar
        and antal_deltagare.slag_kod = antalsnyckel.slag_kod
),

antal_i_omrade as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, * from antal_per_insats
    union all
    select 'forbund' as niva_kod, forbund_id as omrade_kod, * from antal_per_insats
),

antal as (
    select
        niva_kod,
        omrade_kod,
        ar,
        era_kod,
        coalesce(inriktning_kod, 'totalt') as inriktning_kod,
        sum(kvinnor_antal) as kvinnor_antal,
        sum(man_antal) as man_antal,
        sum(okant_kon_antal) as okant_kon_antal,
        sum(kvinnor_nyckel_nr) as kvinnor_nyckel_nr,
        sum(man_nyckel_nr) as man_nyckel_nr,
        sum(okant_kon_nyckel_nr) as okant_kon_nyckel_nr
    from antal_i_omrade
    group by grouping sets (
        (niva_kod, omrade_kod, ar, era_kod, inriktning_kod),
        (niva_kod, omrade_kod, ar, era_kod)
    )
),

omrade_ar as (
    select niva_kod, omrade_kod, ar, era_kod from antal_i_omrade group by niva_kod, omrade_kod, ar, era_kod
),

antal_per_kon as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.ar,
        omrade_ar.era_kod,
        insatsinriktning.kod as inriktning_kod,
        redovisad_kon.kod as kon_kod,
        cast(
            case redovisad_kon.kod
                when 'kvinna' then coalesce(antal.kvinnor_antal, 0)
                when 'man' then coalesce(antal.man_antal, 0)
                when 'uppgift_saknas' then coalesce(antal.okant_kon_antal, 0)
                else coalesce(antal.kvinnor_antal + antal.man_antal + antal.okant_kon_antal, 0)
            end as bigint
        ) as deltaganden_antal,
        case
            when antal.era_kod is null then 0
            when redovisad_kon.kod = 'kvinna' then antal.kvinnor_nyckel_nr
            when redovisad_kon.kod = 'man' then antal.man_nyckel_nr
            when redovisad_kon.kod = 'uppgift_saknas' then antal.okant_kon_nyckel_nr
            else antal.kvinnor_nyckel_nr + antal.man_nyckel_nr + antal.okant_kon_nyckel_nr
        end as nyckel_summa
    from omrade_ar
    inner join insatsinriktning on insatsinriktning.kod in ('individ', 'struktur', 'totalt')
    cross join redovisad_kon
    left join antal
        on omrade_ar.niva_kod = antal.niva_kod
        and omrade_ar.omrade_kod = antal.omrade_kod
        and omrade_ar.ar = antal.ar
        and omrade_ar.era_kod = antal.era_kod
        and insatsinriktning.kod = antal.inriktning_kod
)

select
    niva_kod,
    omrade_kod,
    ar,
    era_kod,
    inriktning_kod,
    kon_kod,
    deltaganden_antal,
    deltaganden_antal as personer_antal,
    cast(mod(nyckel_summa, 4294967296) as bigint) as cellnyckel_nr
from antal_per_kon
order by niva_kod, omrade_kod, ar, era_kod, inriktning_kod, kon_kod
