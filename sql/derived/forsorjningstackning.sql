-- derived.forsorjningstackning: dagar då alla levererade register för offentlig försörjning kan svara.
-- Korn: en rad per obruten följd av dagar med samma population. Nyckel: fran_datum.
-- Definition: en dag är täckt när varje komponent med offentlig_kod J som har ett levererat register har minst en
-- källa som gäller dagen (codes.komponentkalla), och alla sådana källor är i period och mogna. I period: dagen ligger
-- i en hel leverans som är i kraft; för register som betalas i efterskott läggs utbetalningsmånaderna till dagen.
-- Mogen: dagen plus de månaderna plus eftersläpningen, på kalendern, är senast uttagsdatum.
-- start_senast_datum: täckt bara för den vars första deltagande började senast då (urvalets dag); tomt: för alla.
-- Ett register som inte alls är levererat ingår inte i måttet, och en lucka mellan två leveranser är inte täckt.
-- Kommuner som inte rapporterat en månad och arbetsgivarens sjuklöneperiod prövas inte här, bara per mätpunkt.
with

komponentkod as (select * from codes.komponent where offentlig_kod = 'J'),
komponentkalla as (select * from codes.komponentkalla),
leverans as (
    select *
    from core.leverans
    where omfattning_kod = 'hel' and (population_kod = 'alla' or population_datum is not null)
),
dag as (select * from calendar.dag),
manad as (select * from calendar.manad),

levererad_tabell as (
    select tabell_namn from leverans group by tabell_namn
),

kalla as (
    select
        komponentkalla.kod,
        komponentkalla.komponent_kod,
        komponentkalla.tabell_namn,
        komponentkalla.giltig_fran_datum,
        komponentkalla.giltig_till_datum,
        komponentkalla.utbetalning_manader_antal
    from komponentkalla
    inner join komponentkod on komponentkalla.komponent_kod = komponentkod.kod
    inner join levererad_tabell on komponentkalla.tabell_namn = levererad_tabell.tabell_namn
),

matt_komponent as (
    select komponent_kod from kalla group by komponent_kod
),

matta_komponenter as (
    select count(*) as komponenter_antal from matt_komponent
),

leverans_for_kalla as (
    select
        kalla.kod,
        kalla.giltig_fran_datum,
        kalla.giltig_till_datum,
        kalla.utbetalning_manader_antal as till_utbetalning_antal,
        kalla.utbetalning_manader_antal + leverans.efterslapning_manader_antal as till_mogen_antal,
        leverans.uttags_datum,
        leverans.period_fran_datum,
        leverans.period_till_datum,
        leverans.population_kod,
        leverans.population_datum
    from kalla
    inner join leverans on kalla.tabell_namn = leverans.tabell_namn
),

forskjutning as (
    select till_utbetalning_antal as manader_antal from leverans_for_kalla
    union
    select till_mogen_antal as manader_antal from leverans_for_kalla
),

-- varje dag plus ett antal kalendermånader, högst till månadens sista dag
forskjuten_dag as (
    select dag.datum, forskjutning.manader_antal, mal.datum as mal_datum
    from dag
    inner join manad on dag.manad_datum = manad.manad_datum
    cross join forskjutning
    inner join manad as mal_manad on manad.manad_index_nr + forskjutning.manader_antal = mal_manad.manad_index_nr
    inner join dag as mal
        on mal_manad.manad_datum = mal.manad_datum
        and least(dag.dag_nr, mal_manad.dagar_antal) = mal.dag_nr
),

-- flera leveranser kan täcka dagen: en för alla täcker alla, annars gäller det urval som drogs sist
tackt_kalla as (
    select
        leverans_for_kalla.kod,
        utbetalning.datum,
        case when count(*) filter (where leverans_for_kalla.population_kod = 'alla') = 0
            then max(leverans_for_kalla.population_datum)
        end as start_senast_datum
    from leverans_for_kalla
    inner join forskjuten_dag as utbetalning
        on leverans_for_kalla.till_utbetalning_antal = utbetalning.manader_antal
        and leverans_for_kalla.period_fran_datum <= utbetalning.mal_datum
        and utbetalning.mal_datum < leverans_for_kalla.period_till_datum
    inner join forskjuten_dag as mogen
        on leverans_for_kalla.till_mogen_antal = mogen.manader_antal
        and utbetalning.datum = mogen.datum
        and mogen.mal_datum <= leverans_for_kalla.uttags_datum
    group by leverans_for_kalla.kod, utbetalning.datum
),

provad_dag as (
    select datum from tackt_kalla group by datum
),

-- min lämnar det tomma (alla) därhän
tackt_dag as (
    select provad_dag.datum, min(tackt_kalla.start_senast_datum) as start_senast_datum
    from provad_dag
    inner join kalla
        on (kalla.giltig_fran_datum is null or kalla.giltig_fran_datum <= provad_dag.datum)
        and (kalla.giltig_till_datum is null or provad_dag.datum <= kalla.giltig_till_datum)
    left join tackt_kalla
        on kalla.kod = tackt_kalla.kod
        and provad_dag.datum = tackt_kalla.datum
    cross join matta_komponenter
    group by provad_dag.datum, matta_komponenter.komponenter_antal
    having count(tackt_kalla.kod) = count(*)
        and count(distinct kalla.komponent_kod) = matta_komponenter.komponenter_antal
),

dag_i_foljd as (
    select
        tackt_dag.datum,
        tackt_dag.start_senast_datum,
        dag.dag_index_nr
            - row_number() over (partition by tackt_dag.start_senast_datum order by tackt_dag.datum) as foljd_nr
    from tackt_dag
    inner join dag on tackt_dag.datum = dag.datum
)

select
    min(datum) as fran_datum,
    cast(max(datum) + interval '1' day as date) as till_datum,
    start_senast_datum
from dag_i_foljd
group by start_senast_datum, foljd_nr
order by fran_datum
