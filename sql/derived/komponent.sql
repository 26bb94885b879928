-- derived.komponent: did the deltagande's person live on this at the mätpunkt: ja, nej or okand.
-- Grain: one row per deltagande, mätpunkt and komponent. Key: (deltagande_id, matpunkt_kod, komponent_kod).
-- Definition: a spell of the extraction in force covers the day (day registers) or touches the month (month registers).
-- A ja decides whatever else is unknown; nej needs a mature register in force for the whole day or month, with the
-- person in its population (startdatum by population_datum). Mature: t + lag months, on the calendar, by uttagsdatum.
-- An open spell covers through its uttagsdatum. dagar_antal: days in the calendar month, overlaps counted once.
with

deltagande as (select * from derived.deltagande),
matpunkt as (select * from derived.matpunkt),
personversion as (select * from derived.personversion),
spell as (select * from derived.spell),
leverans as (select * from core.leverans where omfattning_kod = 'hel'),
bistand_tackning as (select * from core.bistand_tackning),
komponentkod as (select * from codes.komponent),
dag as (select * from calendar.dag),
manad as (select * from calendar.manad),

forsta_start as (
    select person_id, min(start_datum) as start_datum
    from deltagande
    where person_id is not null
    group by person_id
),

-- a register that no spells are made of yet (tolkad_kod) says nothing, whatever is delivered of it
levererad_tabell as (
    select leverans.tabell_namn
    from leverans
    inner join komponentkod
        on leverans.tabell_namn = komponentkod.tabell_namn
        and komponentkod.tolkad_kod = 'J'
    group by leverans.tabell_namn
),

register as (
    select komponentkod.tabell_namn, komponentkod.matning_kod
    from komponentkod
    inner join levererad_tabell on komponentkod.tabell_namn = levererad_tabell.tabell_namn
    group by komponentkod.tabell_namn, komponentkod.matning_kod
),

registertabell as (
    select tabell_namn from register group by tabell_namn
),

matning as (
    select
        matpunkt.deltagande_id,
        matpunkt.matpunkt_kod,
        matpunkt.person_id,
        matpunkt.mat_datum,
        register.tabell_namn,
        register.matning_kod,
        case register.matning_kod when 'manad' then matpunkt.manad_datum else dag.manad_datum end as manad_datum
    from matpunkt
    inner join dag on matpunkt.mat_datum = dag.datum
    cross join register
    where matpunkt.person_id is not null
),

-- what of each register is looked at: the day or the month; and the calendar month that days are counted in
fonster as (
    select
        matning.*,
        manad.nasta_manad_datum,
        case matning.matning_kod when 'manad' then matning.manad_datum else matning.mat_datum end as fran_datum,
        case matning.matning_kod
            when 'manad' then manad.nasta_manad_datum
            else cast(matning.mat_datum + interval '1' day as date)
        end as till_datum
    from matning
    inner join manad on matning.manad_datum = manad.manad_datum
),

leverans_dag as (
    select
        leverans.tabell_namn,
        dag.datum,
        leverans.uttags_datum,
        leverans.period_till_datum,
        leverans.population_kod,
        leverans.population_datum,
        leverans.efterslapning_manader_antal
    from leverans
    inner join registertabell on leverans.tabell_namn = registertabell.tabell_namn
    inner join dag
        on leverans.period_fran_datum <= dag.datum
        and dag.datum < leverans.period_till_datum
),

leverans_i_ordning as (
    select
        fonster.*,
        leverans_dag.uttags_datum,
        leverans_dag.efterslapning_manader_antal,
        leverans_dag.population_kod = 'alla' or forsta_start.start_datum <= leverans_dag.population_datum
            as i_population,
        row_number() over (
            partition by fonster.deltagande_id, fonster.matpunkt_kod, fonster.tabell_namn, fonster.matning_kod
            order by
                case
                    when leverans_dag.population_kod = 'alla' then 1
                    when forsta_start.start_datum <= leverans_dag.population_datum then 1
                    else 2
                end,
                leverans_dag.uttags_datum desc nulls last,
                leverans_dag.period_till_datum desc nulls last
        ) as val_nr
    from fonster
    inner join forsta_start on fonster.person_id = forsta_start.person_id
    left join leverans_dag
        on fonster.tabell_namn = leverans_dag.tabell_namn
        and fonster.fran_datum = leverans_dag.datum
        and fonster.till_datum <= leverans_dag.period_till_datum
),

efterslapning as (
    select efterslapning_manader_antal as manader_antal from leverans group by efterslapning_manader_antal
),

matdag as (
    select mat_datum as datum from matpunkt where mat_datum is not null group by mat_datum
),

mogen_dag as (
    select
        dag.datum,
        efterslapning.manader_antal,
        mal.datum as mogen_datum
    from matdag
    inner join dag on matdag.datum = dag.datum
    cross join efterslapning
    inner join manad on dag.manad_datum = manad.manad_datum
    inner join manad as mal_manad on manad.manad_index_nr + efterslapning.manader_antal = mal_manad.manad_index_nr
    inner join dag as mal
        on mal_manad.manad_datum = mal.manad_datum
        and least(dag.dag_nr, mal_manad.dagar_antal) = mal.dag_nr
),

-- the one extraction that answers for the person at the mätpunkt, if any
tackning as (
    select
        leverans_i_ordning.*,
        leverans_i_ordning.uttags_datum is not null as i_period,
        coalesce(mogen_dag.mogen_datum <= leverans_i_ordning.uttags_datum, false) as mogen
    from leverans_i_ordning
    left join mogen_dag
        on leverans_i_ordning.mat_datum = mogen_dag.datum
        and leverans_i_ordning.efterslapning_manader_antal = mogen_dag.manader_antal
    where leverans_i_ordning.val_nr = 1
),

spell_i_manad as (
    select
        tackning.deltagande_id,
        tackning.matpunkt_kod,
        spell.komponent_kod,
        spell.spell_nr,
        spell.omfattning_promille,
        spell.fran_datum < tackning.till_datum
            and coalesce(spell.till_datum, cast(spell.uttags_datum + interval '1' day as date)) > tackning.fran_datum
            as traffar,
        greatest(spell.fran_datum, tackning.manad_datum) as fran_datum,
        least(
            coalesce(spell.till_datum, cast(spell.uttags_datum + interval '1' day as date)),
            tackning.nasta_manad_datum
        ) as till_datum
    from tackning
    inner join spell
        on tackning.person_id = spell.person_id
        and tackning.tabell_namn = spell.kalla
        and tackning.uttags_datum = spell.uttags_datum
        and spell.fran_datum < tackning.nasta_manad_datum
        and coalesce(spell.till_datum, cast(spell.uttags_datum + interval '1' day as date)) > tackning.manad_datum
),

spell_efter_forra as (
    select
        *,
        coalesce(
            max(till_datum) over (
                partition by deltagande_id, matpunkt_kod, komponent_kod
                order by fran_datum, till_datum, spell_nr
                rows between unbounded preceding and 1 preceding
            ),
            fran_datum
        ) as raknat_till_datum
    from spell_i_manad
),

manadens_spell as (
    select
        deltagande_id,
        matpunkt_kod,
        komponent_kod,
        max(case when traffar then 1 else 0 end) as traff_antal,
        sum(case when traffar then omfattning_promille end) as omfattning_promille,
        sum(greatest(till_datum - greatest(fran_datum, raknat_till_datum), 0)) as dagar_antal
    from spell_efter_forra
    group by deltagande_id, matpunkt_kod, komponent_kod
),

-- a sjukfall begins with a period that no earlier one reaches within five days of (SFB 27 kap. 32 §)
fk_period as (
    select
        person_id,
        uttags_datum,
        fran_datum,
        max(coalesce(till_datum, cast(uttags_datum + interval '1' day as date))) over (
            partition by person_id, uttags_datum
            order by fran_datum, komponent_kod, spell_nr
            rows between unbounded preceding and 1 preceding
        ) as forra_till_datum
    from spell
    where komponent_kod in ('sjukpenning', 'rehabiliteringspenning')
),

sjukfall as (
    select person_id, uttags_datum, fran_datum
    from fk_period
    where forra_till_datum is null or fran_datum - forra_till_datum >= 5
),

lonemanad as (
    select spell.person_id, spell.fran_datum as manad_datum
    from spell
    inner join leverans
        on spell.kalla = leverans.tabell_namn
        and spell.uttags_datum = leverans.uttags_datum
        and leverans.period_fran_datum <= spell.fran_datum
        and spell.fran_datum < leverans.period_till_datum
    where spell.komponent_kod = 'arbete'
    group by spell.person_id, spell.fran_datum
),

sjuklonedag as (
    select tackning.deltagande_id, tackning.matpunkt_kod
    from tackning
    inner join sjukfall
        on tackning.person_id = sjukfall.person_id
        and tackning.uttags_datum = sjukfall.uttags_datum
        and tackning.mat_datum < sjukfall.fran_datum
        and sjukfall.fran_datum - tackning.mat_datum <= 14
    inner join lonemanad
        on tackning.person_id = lonemanad.person_id
        and tackning.manad_datum = lonemanad.manad_datum
    where tackning.tabell_namn = 'fk_sjukpenning'
    group by tackning.deltagande_id, tackning.matpunkt_kod
),

rapport_i_ordning as (
    select
        kommun_kod,
        manad,
        rapporterad_kod,
        row_number() over (
            partition by kommun_kod, manad order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from bistand_tackning
),

rapporterad_manad as (
    select kommun_kod, manad from rapport_i_ordning where senast_nr = 1 and rapporterad_kod = 'J'
),

personmanad as (
    select person_id, manad_datum, nasta_manad_datum
    from tackning
    where tabell_namn = 'ekonomiskt_bistand'
    group by person_id, manad_datum, nasta_manad_datum
),

-- every kommun where the person was registered some day of the month must have reported it
kommunrapport as (
    select
        personmanad.person_id,
        personmanad.manad_datum,
        count(personversion.kommun_kod) as kommuner_antal,
        count(rapporterad_manad.kommun_kod) as rapporterade_antal
    from personmanad
    inner join personversion
        on personmanad.person_id = personversion.person_id
        and personversion.fran_datum < personmanad.nasta_manad_datum
        and (personversion.till_datum is null or personversion.till_datum > personmanad.manad_datum)
    left join rapporterad_manad
        on personversion.kommun_kod = rapporterad_manad.kommun_kod
        and personmanad.manad_datum = rapporterad_manad.manad
    group by personmanad.person_id, personmanad.manad_datum
),

provad_komponent as (
    select
        matpunkt.deltagande_id,
        matpunkt.matpunkt_kod,
        komponentkod.kod as komponent_kod,
        komponentkod.tabell_namn as kalla,
        case
            when matpunkt.person_id is null then 'ej_kopplingsbar'
            when matpunkt.mat_datum is null then 'pagar'
            when levererad_tabell.tabell_namn is null then 'register_saknas'
            when tackning.i_period is null or not tackning.i_period then 'utanfor_period'
            when tackning.fran_datum < komponentkod.giltig_fran_datum
                or tackning.fran_datum > komponentkod.giltig_till_datum
                then 'utanfor_period'
            when manadens_spell.traff_antal = 1 then null
            when not tackning.i_population or tackning.i_population is null then 'utanfor_population'
            when not tackning.mogen then 'ej_mogen'
            when komponentkod.kod = 'ekonomiskt_bistand' and coalesce(kommunrapport.kommuner_antal, 0) = 0
                then 'kommun_okand'
            when komponentkod.kod = 'ekonomiskt_bistand'
                and kommunrapport.rapporterade_antal < kommunrapport.kommuner_antal
                then 'kommun_ej_rapporterad'
            when komponentkod.kod = 'sjukpenning' and sjuklonedag.deltagande_id is not null then 'sjuklonperiod'
        end as orsak_kod,
        manadens_spell.traff_antal,
        manadens_spell.omfattning_promille,
        manadens_spell.dagar_antal
    from matpunkt
    cross join komponentkod
    left join levererad_tabell on komponentkod.tabell_namn = levererad_tabell.tabell_namn
    left join tackning
        on matpunkt.deltagande_id = tackning.deltagande_id
        and matpunkt.matpunkt_kod = tackning.matpunkt_kod
        and komponentkod.tabell_namn = tackning.tabell_namn
        and komponentkod.matning_kod = tackning.matning_kod
    left join manadens_spell
        on matpunkt.deltagande_id = manadens_spell.deltagande_id
        and matpunkt.matpunkt_kod = manadens_spell.matpunkt_kod
        and komponentkod.kod = manadens_spell.komponent_kod
    left join sjuklonedag
        on matpunkt.deltagande_id = sjuklonedag.deltagande_id
        and matpunkt.matpunkt_kod = sjuklonedag.matpunkt_kod
    left join kommunrapport
        on tackning.person_id = kommunrapport.person_id
        and tackning.manad_datum = kommunrapport.manad_datum
)

select
    deltagande_id,
    matpunkt_kod,
    komponent_kod,
    case when orsak_kod is not null then 'okand' when traff_antal = 1 then 'ja' else 'nej' end as varde_kod,
    orsak_kod,
    cast(case when orsak_kod is null then omfattning_promille end as integer) as omfattning_promille,
    cast(case when orsak_kod is null then coalesce(dagar_antal, 0) end as integer) as dagar_antal,
    kalla
from provad_komponent
order by deltagande_id, matpunkt_kod, komponent_kod
