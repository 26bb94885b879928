-- derived.registerfonster: vad varje register tillfrågas om vid mätpunkten, och vilket uttag som svarar.
-- Korn: en rad per deltagande, mätpunkt, register och mätsätt. Nyckel: (deltagande_id, matpunkt_kod, tabell_namn,
-- matning_kod). Bara deltaganden med person och mätdag, och bara register som levererats.
-- Definition: dagregister tillfrågas om mätpunktens fönster, veckoregister om de ISO-veckor som fönstret rör,
-- månadsregister om mätpunktens månad eller (nasta_manad) månaden efter.
-- Ett enda uttag svarar: dess period rymmer hela fönstret (för det som betalas ut senare: utbetalningens månad). Först
-- går ett uttag vars population har personen (alla, eller första start senast populationens datum), sedan det nyaste,
-- sedan det vars period slutar sist. Utan uttag finns varken population eller mognad.
-- Moget: fönstrets sista dag + eftersläpningen (+ en månad för nasta_manad, + utbetalningens månader), på kalendern,
-- infaller senast på uttagsdatum. Dagen och inte månadens slut prövas: eftersläpningen är vid på månader.
with

deltagande as (select * from derived.deltagande),
matpunkt as (select * from derived.matpunkt),
leverans as (select * from core.leverans where omfattning_kod = 'hel'),
komponentkalla as (select * from codes.komponentkalla),
dag as (select * from calendar.dag),
manad as (select * from calendar.manad),

forsta_start as (
    select person_id, min(start_datum) as start_datum
    from deltagande
    where person_id is not null
    group by person_id
),

register as (
    select
        komponentkalla.tabell_namn,
        komponentkalla.matning_kod,
        max(komponentkalla.utbetalning_manader_antal)
            + case komponentkalla.matning_kod when 'nasta_manad' then 1 else 0 end as senare_manader_antal
    from komponentkalla
    inner join leverans on komponentkalla.tabell_namn = leverans.tabell_namn
    group by komponentkalla.tabell_namn, komponentkalla.matning_kod
),

-- många deltaganden delar sina dagar: varje uppsättning dagar slås upp en gång
matdag as (
    select mat_datum, fonster_till_datum, manad_datum
    from matpunkt
    where person_id is not null
    group by mat_datum, fonster_till_datum, manad_datum
),

matmanad as (
    select
        matdag.mat_datum,
        matdag.fonster_till_datum,
        matdag.manad_datum,
        forsta_dag.vecka_datum,
        cast(sista_dag.vecka_datum + interval '7' day as date) as nasta_vecka_datum,
        sista_dag.dag_nr as sista_dag_nr,
        sista_manad.manad_index_nr as sista_index_nr,
        manad.manad_index_nr,
        manad.nasta_manad_datum,
        nasta_manad.nasta_manad_datum as nastnasta_manad_datum
    from matdag
    inner join dag as forsta_dag on matdag.mat_datum = forsta_dag.datum
    inner join dag as sista_dag
        on cast(matdag.fonster_till_datum - interval '1' day as date) = sista_dag.datum
    inner join manad as sista_manad on sista_dag.manad_datum = sista_manad.manad_datum
    inner join manad on matdag.manad_datum = manad.manad_datum
    inner join manad as nasta_manad on manad.nasta_manad_datum = nasta_manad.manad_datum
),

-- vad registret tillfrågas om, och hur många månader senare det betalas och är känt
fonster as (
    select
        matmanad.mat_datum,
        matmanad.fonster_till_datum,
        matmanad.manad_datum,
        matmanad.sista_dag_nr,
        matmanad.sista_index_nr + register.senare_manader_antal as mogen_index_nr,
        matmanad.manad_index_nr + register.senare_manader_antal as betald_index_nr,
        register.tabell_namn,
        register.matning_kod,
        case register.matning_kod
            when 'dag' then matmanad.mat_datum
            when 'vecka' then matmanad.vecka_datum
            when 'manad' then matmanad.manad_datum
            else matmanad.nasta_manad_datum
        end as fran_datum,
        case register.matning_kod
            when 'dag' then matmanad.fonster_till_datum
            when 'vecka' then matmanad.nasta_vecka_datum
            when 'manad' then matmanad.nasta_manad_datum
            else matmanad.nastnasta_manad_datum
        end as till_datum
    from matmanad
    cross join register
),

-- de dagar som ett uttag ska ha: de som frågan gäller, eller månaden då de betalas
period as (
    select
        fonster.*,
        case
            when fonster.matning_kod in ('dag', 'vecka') then fonster.fran_datum
            else betald_manad.manad_datum
        end as period_fran_datum,
        case
            when fonster.matning_kod in ('dag', 'vecka') then fonster.till_datum
            else betald_manad.nasta_manad_datum
        end as period_till_datum
    from fonster
    left join manad as betald_manad on fonster.betald_index_nr = betald_manad.manad_index_nr
),

tackande_leverans as (
    select
        period.*,
        leverans.uttags_datum,
        leverans.efterslapning_manader_antal,
        leverans.period_till_datum as leverans_till_datum,
        case
            when leverans.population_kod <> 'alla' then coalesce(leverans.population_datum, date '0001-01-01')
            else date '9999-12-31'
        end as population_datum
    from period
    left join leverans
        on period.tabell_namn = leverans.tabell_namn
        and leverans.period_fran_datum <= period.period_fran_datum
        and period.period_till_datum <= leverans.period_till_datum
),

leverans_i_ordning as (
    select
        *,
        row_number() over (
            partition by tabell_namn, matning_kod, mat_datum, fonster_till_datum, manad_datum
            order by uttags_datum desc nulls last, leverans_till_datum desc nulls last
        ) as val_nr,
        max(population_datum) over (
            partition by tabell_namn, matning_kod, mat_datum, fonster_till_datum, manad_datum
            order by uttags_datum desc nulls last, leverans_till_datum desc nulls last
            rows between unbounded preceding and 1 preceding
        ) as forre_population_datum,
        max(population_datum) over (
            partition by tabell_namn, matning_kod, mat_datum, fonster_till_datum, manad_datum
        ) as sista_population_datum
    from tackande_leverans
),

-- ett uttag svarar för dem vars första start dess population har och inget uttag före det i ordningen har; det första
-- i ordningen svarar också för dem som inget har
svar as (
    select
        *,
        coalesce(forre_population_datum, date '0001-01-01') as start_efter_datum,
        population_datum as start_senast_datum,
        'J' as i_population_kod
    from leverans_i_ordning
    union all
    select
        *,
        sista_population_datum as start_efter_datum,
        date '9999-12-31' as start_senast_datum,
        'N' as i_population_kod
    from leverans_i_ordning
    where val_nr = 1
),

moget_svar as (
    select
        svar.mat_datum,
        svar.fonster_till_datum,
        svar.manad_datum,
        svar.tabell_namn,
        svar.matning_kod,
        svar.fran_datum,
        svar.till_datum,
        svar.uttags_datum,
        svar.start_efter_datum,
        svar.start_senast_datum,
        case when svar.uttags_datum is null then 'N' else svar.i_population_kod end as i_population_kod,
        case when dag.datum <= svar.uttags_datum then 'J' else 'N' end as mogen_kod
    from svar
    left join manad on svar.mogen_index_nr + svar.efterslapning_manader_antal = manad.manad_index_nr
    left join dag
        on manad.manad_datum = dag.manad_datum
        and least(svar.sista_dag_nr, manad.dagar_antal) = dag.dag_nr
)

select
    matpunkt.deltagande_id,
    matpunkt.matpunkt_kod,
    moget_svar.tabell_namn,
    moget_svar.matning_kod,
    matpunkt.person_id,
    moget_svar.fran_datum,
    moget_svar.till_datum,
    moget_svar.uttags_datum,
    moget_svar.i_population_kod,
    moget_svar.mogen_kod
from matpunkt
inner join forsta_start on matpunkt.person_id = forsta_start.person_id
inner join moget_svar
    on matpunkt.mat_datum = moget_svar.mat_datum
    and matpunkt.fonster_till_datum = moget_svar.fonster_till_datum
    and matpunkt.manad_datum = moget_svar.manad_datum
    and moget_svar.start_efter_datum < forsta_start.start_datum
    and forsta_start.start_datum <= moget_svar.start_senast_datum
order by matpunkt.deltagande_id, matpunkt.matpunkt_kod, moget_svar.tabell_namn, moget_svar.matning_kod
