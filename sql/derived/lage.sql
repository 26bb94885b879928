-- derived.lage: vad som gäller vid mätpunkten: offentlig försörjning, arbete, studier, inkomst och steg.
-- Korn: en rad per deltagande och mätpunkt. Nyckel: (deltagande_id, matpunkt_kod).
-- Definition: sagt ur derived.komponent med tre värden: ja OCH okänt är okänt, nej OCH okänt är nej.
-- Är deltagandet inte observerat är allt okänt, och belopp, summa och steg saknas.
-- Offentlig försörjning: någon komponent med offentlig_kod J. Summan av deras omfattningar redovisas som den är, också
-- över 1000 promille; den saknas när försörjningen är okänd, och är en nedre gräns när någon annan komponent är okänd.
-- Subvention: subventionerat arbete eller nystartsjobb på mätdagen, bredvid lön i månaden.
-- Inkomst: lön i den månad där arbete läses; 0 när arbete är nej, också för den som fick under gränsen för arbete.
-- Inkomstnivå: tolv gånger lönen mot årets inkomstbasbelopp (codes.inkomstniva). Saknas beloppet saknas
-- nivån, utom för den som inte hade lön: ingen lön är nivå 0 vilket år som helst.
-- Steg (codes.steg): det första som gäller från 5 till 0; det saknas där något okänt lämnar det öppet.
with

status as (select * from derived.status),
komponent as (select * from derived.komponent),
hierarki as (select * from derived.hierarki),
registerfonster as (select * from derived.registerfonster),
spell_arbete as (select * from derived.spell_arbete),
komponentkod as (select * from codes.komponent),
komponentkalla as (select * from codes.komponentkalla),
inkomstbasbelopp as (select * from codes.inkomstbasbelopp),
inkomstniva as (select * from codes.inkomstniva),
dag as (select * from calendar.dag),

-- sant, falskt eller tomt när komponenten är ja, nej eller okänd
komponentsvar as (
    select
        komponent.deltagande_id,
        komponent.matpunkt_kod,
        komponent.komponent_kod,
        komponentkod.offentlig_kod = 'J' as offentlig,
        komponent.omfattning_promille,
        case komponent.varde_kod when 'ja' then true when 'nej' then false end as svar
    from komponent
    inner join komponentkod on komponent.komponent_kod = komponentkod.kod
),

komponenter as (
    select
        deltagande_id,
        matpunkt_kod,
        case
            when count(*) filter (where offentlig and svar) > 0 then true
            when count(*) filter (where offentlig and svar is null) = 0 then false
        end as offentlig,
        coalesce(sum(omfattning_promille) filter (where offentlig and svar), 0) as omfattning_promille,
        bool_and(svar) filter (where komponent_kod = 'arbete') as arbete,
        bool_and(svar) filter (where komponent_kod = 'subventionerat_arbete') as subventionerat_arbete,
        bool_and(svar) filter (where komponent_kod = 'nystartsjobb') as nystartsjobb,
        bool_and(svar) filter (where komponent_kod = 'studiemedel') as studier,
        bool_and(svar) filter (where komponent_kod = 'inskriven') as inskriven
    from komponentsvar
    group by deltagande_id, matpunkt_kod
),

arbetsmarknadsstod as (
    select
        deltagande_id,
        matpunkt_kod,
        case varde_kod when 'ja' then true when 'nej' then false end as arbetsmarknadsstod
    from hierarki
    where hierarki_kod = 'finsam3' and grupp_kod = 'arbetsmarknadsstod'
),

lonefonster as (
    select
        registerfonster.deltagande_id,
        registerfonster.matpunkt_kod,
        registerfonster.person_id,
        registerfonster.uttags_datum,
        registerfonster.fran_datum,
        registerfonster.till_datum
    from registerfonster
    inner join komponentkalla
        on registerfonster.tabell_namn = komponentkalla.tabell_namn
        and registerfonster.matning_kod = komponentkalla.matning_kod
    where komponentkalla.komponent_kod = 'arbete'
),

lon as (
    select
        lonefonster.deltagande_id,
        lonefonster.matpunkt_kod,
        lonefonster.fran_datum,
        sum(spell_arbete.belopp_antal) as belopp_antal
    from lonefonster
    left join spell_arbete
        on lonefonster.person_id = spell_arbete.person_id
        and lonefonster.uttags_datum = spell_arbete.uttags_datum
        and spell_arbete.fran_datum < lonefonster.till_datum
        and spell_arbete.till_datum > lonefonster.fran_datum
    group by lonefonster.deltagande_id, lonefonster.matpunkt_kod, lonefonster.fran_datum
),

observerat as (
    select
        komponenter.*,
        arbetsmarknadsstod.arbetsmarknadsstod,
        dag.ar as inkomst_ar,
        case
            when komponenter.arbete then lon.belopp_antal
            when not komponenter.arbete then 0
        end as inkomst_antal
    from komponenter
    inner join status
        on komponenter.deltagande_id = status.deltagande_id
        and komponenter.matpunkt_kod = status.matpunkt_kod
        and status.observationsstatus_kod = 'observerad'
    left join arbetsmarknadsstod
        on komponenter.deltagande_id = arbetsmarknadsstod.deltagande_id
        and komponenter.matpunkt_kod = arbetsmarknadsstod.matpunkt_kod
    left join lon
        on komponenter.deltagande_id = lon.deltagande_id
        and komponenter.matpunkt_kod = lon.matpunkt_kod
    left join dag on lon.fran_datum = dag.datum
),

sagt as (
    select
        observerat.deltagande_id,
        observerat.matpunkt_kod,
        observerat.offentlig,
        case when observerat.offentlig is not null then observerat.omfattning_promille end as omfattning_promille,
        observerat.arbete,
        observerat.arbete and (observerat.subventionerat_arbete or observerat.nystartsjobb) as med_subvention,
        observerat.arbete and not (observerat.subventionerat_arbete or observerat.nystartsjobb) as utan_subvention,
        observerat.studier,
        observerat.arbete or observerat.studier as arbete_eller_studier,
        observerat.inskriven,
        observerat.arbetsmarknadsstod or observerat.inskriven as pa_vag,
        observerat.inkomst_antal,
        inkomstniva.kod as inkomstniva_kod
    from observerat
    left join inkomstbasbelopp on observerat.inkomst_ar = inkomstbasbelopp.ar_nr
    left join inkomstniva
        on (
            inkomstniva.ibb_fran_nr is null
            or inkomstniva.ibb_fran_nr * inkomstbasbelopp.belopp_antal < 12 * observerat.inkomst_antal
        )
        and (
            inkomstniva.ibb_till_nr is null
            or 12 * observerat.inkomst_antal <= inkomstniva.ibb_till_nr * inkomstbasbelopp.belopp_antal
            or observerat.inkomst_antal = 0
        )
)

select
    status.deltagande_id,
    status.matpunkt_kod,
    case when sagt.offentlig then 'ja' when not sagt.offentlig then 'nej' else 'okand' end
        as offentlig_forsorjning_kod,
    cast(sagt.omfattning_promille as integer) as omfattning_summa_promille,
    case when sagt.omfattning_promille > 1000 then 'J' when sagt.omfattning_promille <= 1000 then 'N' end
        as over_tusen_kod,
    case when sagt.arbete then 'ja' when not sagt.arbete then 'nej' else 'okand' end as arbete_kod,
    case when sagt.med_subvention then 'ja' when not sagt.med_subvention then 'nej' else 'okand' end
        as arbete_med_subvention_kod,
    case when sagt.utan_subvention then 'ja' when not sagt.utan_subvention then 'nej' else 'okand' end
        as arbete_utan_subvention_kod,
    case when sagt.studier then 'ja' when not sagt.studier then 'nej' else 'okand' end as studier_kod,
    case when sagt.arbete_eller_studier then 'ja' when not sagt.arbete_eller_studier then 'nej' else 'okand' end
        as arbete_eller_studier_kod,
    case when sagt.inskriven then 'ja' when not sagt.inskriven then 'nej' else 'okand' end as inskriven_kod,
    cast(sagt.inkomst_antal as bigint) as inkomst_antal,
    sagt.inkomstniva_kod,
    case
        when sagt.arbete and not sagt.offentlig then '5'
        when sagt.arbete and sagt.offentlig then '4'
        when not sagt.arbete and sagt.studier then '3'
        when not sagt.arbete and not sagt.studier and sagt.pa_vag then '2'
        when not sagt.arbete and not sagt.studier and not sagt.pa_vag and sagt.offentlig then '1'
        when not sagt.arbete and not sagt.studier and not sagt.pa_vag and not sagt.offentlig then '0'
    end as steg_kod
from status
left join sagt
    on status.deltagande_id = sagt.deltagande_id
    and status.matpunkt_kod = sagt.matpunkt_kod
order by status.deltagande_id, status.matpunkt_kod
