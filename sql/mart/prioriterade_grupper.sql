-- mart.prioriterade_grupper: årets deltagare i regeringens prioriterade grupper, och hur länge de haft sin ersättning.
-- Korn: en rad per område, år, era, grupp, värde och kön. Nyckel: allt utom antalen och summan.
-- Definition: deltagandena i mart.deltagare med personuppgifter, pågående någon dag av året, efter läget vid intag.
-- Grupperna (codes.prioriterad_grupp) överlappar; var och en delar alla i ja, nej och okänt: ja när alla gruppens
-- villkor (ersättning, dagar, ålder) är uppfyllda, nej när något inte är det, annars okänt.
-- Sjukpenning: också rehabiliteringspenning. Okänt för den som inte var observerad vid intag. Dagar: från sjukfallets
-- (derived.sjukfall) eller den obrutna aktivitetsersättningens första dag till och med mätdagen, vilande tid
-- inräknad. Är sjukfallet kortare än gränsen men äldre än registrets första dag är det okänt. Ålder: vid start.
-- dagar_summa: dagarna hos dem som har ersättningen, annars 0; för under_30 den obrutna tiden i offentlig försörjning.
-- alla_antal: alla i landet med ersättningen under året (core.forman_totaler), bara riket och ja; 0 där det saknas.
-- Områden: riket, län (okand där det inte är känt) och förbund. Tät: noll där ingen är.
with

deltagande as (select * from derived.deltagande),
status as (select * from derived.status where matpunkt_kod = 'intag' and observationsstatus_kod = 'observerad'),
matpunkt as (select * from derived.matpunkt where matpunkt_kod = 'intag'),
registerfonster as (select * from derived.registerfonster where matpunkt_kod = 'intag' and matning_kod = 'dag'),
sjukfall as (select * from derived.sjukfall),
obruten_tid as (select * from derived.tid_i_forsorjning),
redovisningsar as (select * from derived.redovisningsperiod where kvartal_kod = 'hela_aret'),
leverans as (select * from core.leverans),
forman_totaler as (select * from core.forman_totaler),
gruppkod as (select * from codes.prioriterad_grupp),
varde as (select * from codes.varde),
kon as (select * from codes.kon),
redovisad_kon as (select * from codes.redovisad_kon),

komponent as (
    select * from derived.komponent
    where matpunkt_kod = 'intag'
        and komponent_kod in ('sjukpenning', 'rehabiliteringspenning', 'aktivitetsersattning')
),

ersattningsspell as (
    select
        *,
        coalesce(till_datum, cast(uttags_datum + interval '1' day as date)) as raknad_till_datum
    from derived.spell
    where komponent_kod = 'aktivitetsersattning'
),

-- tider med aktivitetsersättning som avlöser eller överlappar varandra är en
spell_efter_forra as (
    select
        *,
        max(raknad_till_datum) over (
            partition by person_id, uttags_datum order by fran_datum, spell_nr
            rows between unbounded preceding and 1 preceding
        ) as forra_till_datum
    from ersattningsspell
),

spell_i_ordning as (
    select
        *,
        sum(case when fran_datum <= forra_till_datum then 0 else 1 end) over (
            partition by person_id, uttags_datum order by fran_datum, spell_nr
            rows between unbounded preceding and current row
        ) as tid_nr
    from spell_efter_forra
),

tid_med_stod as (
    select
        person_id,
        uttags_datum,
        'fk_sjukersattning' as tabell_namn,
        'aktivitetsersattning' as stod_kod,
        min(fran_datum) as fran_datum,
        max(raknad_till_datum) as till_datum
    from spell_i_ordning
    group by person_id, uttags_datum, tid_nr
    union all
    select
        person_id,
        uttags_datum,
        'fk_sjukpenning' as tabell_namn,
        'sjukpenning' as stod_kod,
        fran_datum,
        coalesce(till_datum, cast(uttags_datum + interval '1' day as date)) as till_datum
    from sjukfall
),

register as (
    select tabell_namn, uttags_datum, min(period_fran_datum) as fran_datum
    from leverans
    group by tabell_namn, uttags_datum
),

pagaende_tid as (
    select
        matpunkt.deltagande_id,
        tid_med_stod.stod_kod,
        max(matpunkt.mat_datum - tid_med_stod.fran_datum + 1) as dagar_antal,
        min(tid_med_stod.fran_datum) <= min(register.fran_datum) as borjan_okand
    from matpunkt
    inner join registerfonster on matpunkt.deltagande_id = registerfonster.deltagande_id
    inner join register
        on registerfonster.tabell_namn = register.tabell_namn
        and registerfonster.uttags_datum = register.uttags_datum
    inner join tid_med_stod
        on matpunkt.person_id = tid_med_stod.person_id
        and registerfonster.tabell_namn = tid_med_stod.tabell_namn
        and registerfonster.uttags_datum = tid_med_stod.uttags_datum
        and tid_med_stod.fran_datum <= matpunkt.mat_datum
        and matpunkt.mat_datum < tid_med_stod.till_datum
    group by matpunkt.deltagande_id, tid_med_stod.stod_kod
),

stod_vid_intag as (
    select
        komponent.deltagande_id,
        case komponent.komponent_kod when 'aktivitetsersattning' then 'aktivitetsersattning' else 'sjukpenning' end
            as stod_kod,
        count(*) filter (where komponent.varde_kod = 'ja') as ja_antal,
        count(*) filter (where komponent.varde_kod = 'okand') as okanda_antal
    from komponent
    inner join status on komponent.deltagande_id = status.deltagande_id
    group by komponent.deltagande_id, stod_kod
),

svar as (
    select
        deltagande.deltagande_id,
        gruppkod.kod as prioriterad_kod,
        case
            when gruppkod.stod_kod is null or stod_vid_intag.ja_antal > 0 then 'ja'
            when stod_vid_intag.okanda_antal = 0 then 'nej'
            else 'okand'
        end as stod_svar,
        case
            when gruppkod.dagar_minst_nr is null or coalesce(stod_vid_intag.ja_antal, 0) = 0 then 'ja'
            when pagaende_tid.dagar_antal >= gruppkod.dagar_minst_nr then 'ja'
            when pagaende_tid.borjan_okand then 'okand'
            when pagaende_tid.dagar_antal < gruppkod.dagar_minst_nr then 'nej'
            else 'okand'
        end as dagar_svar,
        case
            when gruppkod.alder_under_nr is null or deltagande.alder_ar < gruppkod.alder_under_nr then 'ja'
            when deltagande.alder_ar >= gruppkod.alder_under_nr then 'nej'
            else 'okand'
        end as alder_svar,
        case
            when gruppkod.stod_kod is null then obruten_tid.dagar_antal
            when stod_vid_intag.ja_antal > 0 then pagaende_tid.dagar_antal
        end as dagar_antal
    from deltagande
    cross join gruppkod
    left join stod_vid_intag
        on deltagande.deltagande_id = stod_vid_intag.deltagande_id
        and gruppkod.stod_kod = stod_vid_intag.stod_kod
    left join pagaende_tid
        on deltagande.deltagande_id = pagaende_tid.deltagande_id
        and gruppkod.stod_kod = pagaende_tid.stod_kod
    left join obruten_tid on deltagande.deltagande_id = obruten_tid.deltagande_id
    where deltagande.person_id is not null
),

varde_per_deltagande as (
    select
        deltagande_id,
        prioriterad_kod,
        case
            when stod_svar = 'nej' or dagar_svar = 'nej' or alder_svar = 'nej' then 'nej'
            when stod_svar = 'okand' or dagar_svar = 'okand' or alder_svar = 'okand' then 'okand'
            else 'ja'
        end as varde_kod,
        coalesce(dagar_antal, 0) as dagar_antal
    from svar
),

deltagare as (
    select
        redovisningsar.ar,
        deltagande.deltagande_id,
        deltagande.person_id,
        deltagande.forbund_id,
        coalesce(deltagande.lans_kod, 'okand') as lans_kod,
        deltagande.era_kod,
        deltagande.kon_kod
    from deltagande
    inner join redovisningsar
        on deltagande.era_kod = redovisningsar.era_kod
        and deltagande.start_datum < redovisningsar.till_datum
        and (deltagande.slut_datum is null or deltagande.slut_datum >= redovisningsar.fran_datum)
    where deltagande.person_id is not null
),

deltagare_i_omrade as (
    select deltagare.*, 'riket' as niva_kod, 'riket' as omrade_kod from deltagare
    union all
    select deltagare.*, 'lan' as niva_kod, lans_kod as omrade_kod from deltagare
    union all
    select deltagare.*, 'forbund' as niva_kod, forbund_id as omrade_kod from deltagare
),

antal as (
    select
        deltagare_i_omrade.niva_kod,
        deltagare_i_omrade.omrade_kod,
        deltagare_i_omrade.ar,
        deltagare_i_omrade.era_kod,
        varde_per_deltagande.prioriterad_kod,
        varde_per_deltagande.varde_kod,
        deltagare_i_omrade.kon_kod,
        count(*) as deltaganden_antal,
        count(distinct deltagare_i_omrade.person_id) as personer_antal,
        sum(varde_per_deltagande.dagar_antal) as dagar_summa
    from deltagare_i_omrade
    inner join varde_per_deltagande on deltagare_i_omrade.deltagande_id = varde_per_deltagande.deltagande_id
    group by grouping sets (
        (niva_kod, omrade_kod, ar, era_kod, prioriterad_kod, varde_kod, kon_kod),
        (niva_kod, omrade_kod, ar, era_kod, prioriterad_kod, varde_kod)
    )
),

alla_med_ersattning as (
    select
        forman_totaler.ersattning_kod,
        forman_totaler.ar,
        coalesce(kon.redovisad_kod, 'totalt') as kon_kod,
        sum(forman_totaler.personer_antal) as personer_antal
    from forman_totaler
    inner join kon on forman_totaler.kon_kod = kon.kod
    group by grouping sets (
        (forman_totaler.ersattning_kod, forman_totaler.ar, kon.redovisad_kod),
        (forman_totaler.ersattning_kod, forman_totaler.ar)
    )
),

omrade_ar as (
    select niva_kod, omrade_kod, ar, era_kod from deltagare_i_omrade group by niva_kod, omrade_kod, ar, era_kod
),

cell as (
    select
        omrade_ar.niva_kod,
        omrade_ar.omrade_kod,
        omrade_ar.ar,
        omrade_ar.era_kod,
        gruppkod.kod as prioriterad_kod,
        gruppkod.ersattning_kod,
        varde.kod as varde_kod,
        redovisad_kon.kod as kon_kod
    from omrade_ar
    cross join gruppkod
    cross join varde
    cross join redovisad_kon
)

select
    cell.niva_kod,
    cell.omrade_kod,
    cell.ar,
    cell.era_kod,
    cell.prioriterad_kod,
    cell.varde_kod,
    cell.kon_kod,
    coalesce(antal.deltaganden_antal, 0) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal,
    cast(coalesce(antal.dagar_summa, 0) as bigint) as dagar_summa,
    cast(coalesce(alla_med_ersattning.personer_antal, 0) as bigint) as alla_antal
from cell
left join antal
    on cell.niva_kod = antal.niva_kod
    and cell.omrade_kod = antal.omrade_kod
    and cell.ar = antal.ar
    and cell.era_kod = antal.era_kod
    and cell.prioriterad_kod = antal.prioriterad_kod
    and cell.varde_kod = antal.varde_kod
    and cell.kon_kod = coalesce(antal.kon_kod, 'totalt')
left join alla_med_ersattning
    on cell.niva_kod = 'riket'
    and cell.varde_kod = 'ja'
    and cell.ersattning_kod = alla_med_ersattning.ersattning_kod
    and cell.ar = alla_med_ersattning.ar
    and cell.kon_kod = alla_med_ersattning.kon_kod
order by
    cell.niva_kod,
    cell.omrade_kod,
    cell.ar,
    cell.era_kod,
    cell.prioriterad_kod,
    cell.varde_kod,
    cell.kon_kod
