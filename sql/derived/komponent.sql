-- derived.komponent: levde personen på detta vid mätpunkten: ja, nej eller okänt, och varför okänt.
-- Korn: en rad per deltagande, mätpunkt och komponent. Nyckel: (deltagande_id, matpunkt_kod, komponent_kod).
-- Definition: varje källa (codes.komponentkalla) svarar ur sitt uttag i derived.registerfonster; orsakerna prövas i
-- ordningen i codes.orsak. Ett ja avgör framför allt utom att uttag saknas; nej kräver att allt är observerat.
-- En öppen period gäller till och med uttagsdatum. Omfattning 0 (vilande) är inget ja och ger inga dagar.
-- Flera källor: en som inte gäller då faller bort om en annan gäller; ett ja räcker, sedan gör ett okänt okänt.
-- Omfattning: summan över de perioder som rör fönstret; där registret räknar dagar delar perioderna på dem, och medel-
-- värdet vägt med dagarna gäller (tio hela dagar och tolv halva är 727 promille, inte 1500).
-- Dagar: i dagregister de dagar i mätdagens månad som någon period täcker, var dag en gång; annars de dagar registret
-- räknat; där det inte räknar dagar månadens alla.
-- Sjuklöneperiod: en dag i fönstret är en av arbetsgivarens dagar före ett sjukfall, och dagens månad har lön.
-- Bistånd: varje kommun där personen var folkbokförd någon dag i månaden ska ha rapporterat den.
with

matpunkt as (select * from derived.matpunkt),
personversion as (select * from derived.personversion),
sjukfall as (select * from derived.sjukfall),
leverans as (select * from core.leverans where omfattning_kod = 'hel'),
bistand_tackning as (select * from core.bistand_tackning),
komponentkalla as (select * from codes.komponentkalla),
dag as (select * from calendar.dag),
manad as (select * from calendar.manad),

-- stora tabeller läses en gång per användning, och bara de rader som den behöver
fonster as (select * from derived.registerfonster),
svarande_fonster as (select * from derived.registerfonster where uttags_datum is not null),
dagfonster as (select * from derived.registerfonster where matning_kod = 'dag' and uttags_datum is not null),
sjukpenningfonster as (select * from derived.registerfonster where tabell_namn = 'fk_sjukpenning'),
bistandsfonster as (select * from derived.registerfonster where tabell_namn = 'ekonomiskt_bistand'),

ersatt_spell as (
    select
        *,
        coalesce(till_datum, cast(uttags_datum + interval '1' day as date)) as tackt_till_datum
    from derived.spell
    where omfattning_promille is null or omfattning_promille > 0
),

ersatt_dagspell as (
    select
        *,
        coalesce(till_datum, cast(uttags_datum + interval '1' day as date)) as tackt_till_datum
    from derived.spell
    where (omfattning_promille is null or omfattning_promille > 0)
        and kalla in (select tabell_namn from komponentkalla where matning_kod = 'dag')
),

lonespell as (select * from derived.spell where komponent_kod = 'arbete'),

traff as (
    select
        svarande_fonster.deltagande_id,
        svarande_fonster.matpunkt_kod,
        komponentkalla.rang_nr as kalla_nr,
        cast(
            case
                when count(ersatt_spell.dagar_antal) > 0
                    then round(
                        cast(sum(ersatt_spell.dagar_antal * ersatt_spell.omfattning_promille) as double)
                            / sum(ersatt_spell.dagar_antal)
                    )
                else sum(ersatt_spell.omfattning_promille)
            end as integer
        ) as omfattning_promille,
        cast(sum(ersatt_spell.dagar_antal) as integer) as dagar_antal
    from svarande_fonster
    inner join komponentkalla
        on svarande_fonster.tabell_namn = komponentkalla.tabell_namn
        and svarande_fonster.matning_kod = komponentkalla.matning_kod
    inner join ersatt_spell
        on svarande_fonster.person_id = ersatt_spell.person_id
        and svarande_fonster.uttags_datum = ersatt_spell.uttags_datum
        and komponentkalla.tabell_namn = ersatt_spell.kalla
        and komponentkalla.spell_komponent_kod = ersatt_spell.komponent_kod
        and ersatt_spell.fran_datum < svarande_fonster.till_datum
        and ersatt_spell.tackt_till_datum > svarande_fonster.fran_datum
    group by svarande_fonster.deltagande_id, svarande_fonster.matpunkt_kod, komponentkalla.rang_nr
),

-- dagar räknas en gång per person och kalendermånad, hur många mätpunkter som än ligger i den
personmanad as (
    select
        dagfonster.person_id,
        dagfonster.tabell_namn,
        dagfonster.uttags_datum,
        manad.manad_datum,
        manad.nasta_manad_datum
    from dagfonster
    inner join dag on dagfonster.fran_datum = dag.datum
    inner join manad on dag.manad_datum = manad.manad_datum
    group by
        dagfonster.person_id,
        dagfonster.tabell_namn,
        dagfonster.uttags_datum,
        manad.manad_datum,
        manad.nasta_manad_datum
),

spell_i_manad as (
    select
        personmanad.person_id,
        personmanad.tabell_namn,
        personmanad.uttags_datum,
        personmanad.manad_datum,
        ersatt_dagspell.komponent_kod,
        ersatt_dagspell.spell_nr,
        greatest(ersatt_dagspell.fran_datum, personmanad.manad_datum) as fran_datum,
        least(ersatt_dagspell.tackt_till_datum, personmanad.nasta_manad_datum) as till_datum
    from personmanad
    inner join ersatt_dagspell
        on personmanad.person_id = ersatt_dagspell.person_id
        and personmanad.uttags_datum = ersatt_dagspell.uttags_datum
        and personmanad.tabell_namn = ersatt_dagspell.kalla
        and ersatt_dagspell.fran_datum < personmanad.nasta_manad_datum
        and ersatt_dagspell.tackt_till_datum > personmanad.manad_datum
),

spell_efter_forra as (
    select
        *,
        coalesce(
            max(till_datum) over (
                partition by person_id, tabell_namn, uttags_datum, manad_datum, komponent_kod
                order by fran_datum, till_datum, spell_nr
                rows between unbounded preceding and 1 preceding
            ),
            fran_datum
        ) as raknat_till_datum
    from spell_i_manad
),

manadens_dagar as (
    select
        person_id,
        tabell_namn,
        uttags_datum,
        manad_datum,
        komponent_kod,
        cast(sum(greatest(till_datum - greatest(fran_datum, raknat_till_datum), 0)) as integer) as dagar_antal
    from spell_efter_forra
    group by person_id, tabell_namn, uttags_datum, manad_datum, komponent_kod
),

-- arbetsgivarens dagar före varje sjukfall
sjuklonedag as (
    select
        sjukfall.person_id,
        sjukfall.uttags_datum,
        forsta_dag.datum as fran_datum,
        sjukfall.fran_datum as till_datum
    from sjukfall
    inner join dag on sjukfall.fran_datum = dag.datum
    inner join dag as forsta_dag on dag.dag_index_nr - sjukfall.sjuklon_dagar_antal = forsta_dag.dag_index_nr
    where sjukfall.sjuklon_dagar_antal > 0
),

sjuklon_i_fonster as (
    select
        sjukpenningfonster.deltagande_id,
        sjukpenningfonster.matpunkt_kod,
        sjukpenningfonster.person_id,
        greatest(sjukpenningfonster.fran_datum, sjuklonedag.fran_datum) as fran_datum,
        least(sjukpenningfonster.till_datum, sjuklonedag.till_datum) as till_datum
    from sjukpenningfonster
    inner join sjuklonedag
        on sjukpenningfonster.person_id = sjuklonedag.person_id
        and sjukpenningfonster.uttags_datum = sjuklonedag.uttags_datum
        and sjukpenningfonster.fran_datum < sjuklonedag.till_datum
        and sjukpenningfonster.till_datum > sjuklonedag.fran_datum
),

sjuklon as (
    select sjuklon_i_fonster.deltagande_id, sjuklon_i_fonster.matpunkt_kod, 'sjukpenning' as komponent_kod
    from sjuklon_i_fonster
    inner join lonespell
        on sjuklon_i_fonster.person_id = lonespell.person_id
        and lonespell.fran_datum < sjuklon_i_fonster.till_datum
        and lonespell.till_datum > sjuklon_i_fonster.fran_datum
    inner join leverans
        on lonespell.kalla = leverans.tabell_namn
        and lonespell.uttags_datum = leverans.uttags_datum
        and leverans.period_fran_datum <= lonespell.fran_datum
        and lonespell.fran_datum < leverans.period_till_datum
    group by sjuklon_i_fonster.deltagande_id, sjuklon_i_fonster.matpunkt_kod
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

bistandsmanad as (
    select person_id, fran_datum, till_datum
    from bistandsfonster
    group by person_id, fran_datum, till_datum
),

kommunrapport as (
    select
        bistandsmanad.person_id,
        bistandsmanad.fran_datum,
        'ekonomiskt_bistand' as komponent_kod,
        count(personversion.kommun_kod) as kommuner_antal,
        count(rapporterad_manad.kommun_kod) as rapporterade_antal
    from bistandsmanad
    inner join personversion
        on bistandsmanad.person_id = personversion.person_id
        and personversion.fran_datum < bistandsmanad.till_datum
        and (personversion.till_datum is null or personversion.till_datum > bistandsmanad.fran_datum)
    left join rapporterad_manad
        on personversion.kommun_kod = rapporterad_manad.kommun_kod
        and bistandsmanad.fran_datum = rapporterad_manad.manad
    group by bistandsmanad.person_id, bistandsmanad.fran_datum
),

-- vad uttaget säger där ingen period rör fönstret: orsaken till att inget är känt, eller ingen orsak för nej
tom_kalla as (
    select
        fonster.deltagande_id,
        fonster.matpunkt_kod,
        komponentkalla.rang_nr as kalla_nr,
        coalesce(komponentkalla.giltig_fran_datum <= fonster.fran_datum, true)
            and coalesce(fonster.fran_datum <= komponentkalla.giltig_till_datum, true) as giltig,
        case
            when komponentkalla.giltig_fran_datum > fonster.fran_datum
                or komponentkalla.giltig_till_datum < fonster.fran_datum
                or fonster.uttags_datum is null
                then 'utanfor_period'
            when fonster.i_population_kod = 'N' then 'utanfor_population'
            when fonster.mogen_kod = 'N' then 'ej_mogen'
            when komponentkalla.komponent_kod = 'ekonomiskt_bistand' and coalesce(kommunrapport.kommuner_antal, 0) = 0
                then 'kommun_okand'
            when kommunrapport.rapporterade_antal < kommunrapport.kommuner_antal then 'kommun_ej_rapporterad'
            when sjuklon.komponent_kod is not null then 'sjuklonperiod'
        end as orsak_kod,
        case when fonster.matning_kod = 'dag' then coalesce(manadens_dagar.dagar_antal, 0) else 0 end as dagar_antal,
        case when fonster.matning_kod <> 'dag' then fonster.till_datum - fonster.fran_datum end as fonster_dagar_antal
    from fonster
    inner join komponentkalla
        on fonster.tabell_namn = komponentkalla.tabell_namn
        and fonster.matning_kod = komponentkalla.matning_kod
    inner join dag on fonster.fran_datum = dag.datum
    left join manadens_dagar
        on fonster.person_id = manadens_dagar.person_id
        and fonster.tabell_namn = manadens_dagar.tabell_namn
        and fonster.uttags_datum = manadens_dagar.uttags_datum
        and komponentkalla.spell_komponent_kod = manadens_dagar.komponent_kod
        and dag.manad_datum = manadens_dagar.manad_datum
    left join kommunrapport
        on fonster.person_id = kommunrapport.person_id
        and fonster.fran_datum = kommunrapport.fran_datum
        and komponentkalla.komponent_kod = kommunrapport.komponent_kod
    left join sjuklon
        on fonster.deltagande_id = sjuklon.deltagande_id
        and fonster.matpunkt_kod = sjuklon.matpunkt_kod
        and komponentkalla.komponent_kod = sjuklon.komponent_kod
),

levererad_tabell as (
    select tabell_namn from leverans group by tabell_namn
),

-- utan person, dag eller register tillfrågas inget uttag; om källan gäller då sägs ändå
obesvarat as (
    select
        matpunkt.deltagande_id,
        matpunkt.matpunkt_kod,
        komponentkalla.rang_nr as kalla_nr,
        case
            when matpunkt.person_id is null then 'ej_kopplingsbar'
            when matpunkt.mat_datum is null then 'pagar'
            else 'register_saknas'
        end as orsak_kod,
        komponentkalla.giltig_fran_datum,
        komponentkalla.giltig_till_datum,
        case komponentkalla.matning_kod
            when 'dag' then matpunkt.mat_datum
            when 'vecka' then dag.vecka_datum
            when 'manad' then matpunkt.manad_datum
            else manad.nasta_manad_datum
        end as fran_datum
    from matpunkt
    cross join komponentkalla
    left join levererad_tabell on komponentkalla.tabell_namn = levererad_tabell.tabell_namn
    left join dag on matpunkt.mat_datum = dag.datum
    left join manad on matpunkt.manad_datum = manad.manad_datum
    where matpunkt.person_id is null or matpunkt.mat_datum is null or levererad_tabell.tabell_namn is null
),

-- en period som rör fönstret är ett ja, om det finns ett uttag och källan gäller
svar as (
    select
        tom_kalla.deltagande_id,
        tom_kalla.matpunkt_kod,
        tom_kalla.kalla_nr,
        tom_kalla.giltig,
        case
            when traff.kalla_nr is null then tom_kalla.orsak_kod
            when tom_kalla.orsak_kod = 'utanfor_period' then tom_kalla.orsak_kod
        end as orsak_kod,
        traff.kalla_nr is not null as traffas,
        traff.omfattning_promille,
        case
            when traff.kalla_nr is null then tom_kalla.dagar_antal
            else coalesce(traff.dagar_antal, tom_kalla.fonster_dagar_antal, tom_kalla.dagar_antal)
        end as dagar_antal
    from tom_kalla
    left join traff
        on tom_kalla.deltagande_id = traff.deltagande_id
        and tom_kalla.matpunkt_kod = traff.matpunkt_kod
        and tom_kalla.kalla_nr = traff.kalla_nr
    union all
    select
        deltagande_id,
        matpunkt_kod,
        kalla_nr,
        coalesce(giltig_fran_datum <= fran_datum, true) and coalesce(fran_datum <= giltig_till_datum, true) as giltig,
        orsak_kod,
        false as traffas,
        cast(null as integer) as omfattning_promille,
        0 as dagar_antal
    from obesvarat
),

kalla as (
    select
        rang_nr as kalla_nr,
        komponent_kod,
        tabell_namn,
        count(*) over (partition by komponent_kod) as kallor_antal
    from komponentkalla
),

-- den källa som avgör där det finns flera: den första som är ja, annars okänd, annars nej, av dem som gäller då
avgorande as (
    select
        svar.deltagande_id,
        svar.matpunkt_kod,
        kalla.komponent_kod,
        case
            when count(*) filter (where svar.giltig) = 0 then min(svar.kalla_nr)
            when count(*) filter (where svar.traffas and svar.orsak_kod is null) > 0
                then min(svar.kalla_nr) filter (where svar.traffas and svar.orsak_kod is null)
            when count(*) filter (where svar.giltig and svar.orsak_kod is not null) > 0
                then min(svar.kalla_nr) filter (where svar.giltig and svar.orsak_kod is not null)
            else min(svar.kalla_nr) filter (where svar.giltig)
        end as kalla_nr,
        sum(svar.omfattning_promille) filter (where svar.traffas and svar.orsak_kod is null) as omfattning_promille,
        case
            when count(*) filter (where svar.traffas and svar.orsak_kod is null) > 0
                then sum(svar.dagar_antal) filter (where svar.traffas and svar.orsak_kod is null)
            else sum(svar.dagar_antal) filter (where svar.orsak_kod is null)
        end as dagar_antal
    from svar
    inner join kalla on svar.kalla_nr = kalla.kalla_nr
    where kalla.kallor_antal > 1
    group by svar.deltagande_id, svar.matpunkt_kod, kalla.komponent_kod
),

avgjort as (
    select
        svar.deltagande_id,
        svar.matpunkt_kod,
        kalla.komponent_kod,
        kalla.tabell_namn as kalla,
        svar.orsak_kod,
        svar.traffas,
        case when kalla.kallor_antal > 1 then avgorande.omfattning_promille else svar.omfattning_promille end
            as omfattning_promille,
        case when kalla.kallor_antal > 1 then avgorande.dagar_antal else svar.dagar_antal end as dagar_antal
    from svar
    inner join kalla on svar.kalla_nr = kalla.kalla_nr
    left join avgorande
        on svar.deltagande_id = avgorande.deltagande_id
        and svar.matpunkt_kod = avgorande.matpunkt_kod
        and svar.kalla_nr = avgorande.kalla_nr
    where kalla.kallor_antal = 1 or avgorande.kalla_nr is not null
)

select
    deltagande_id,
    matpunkt_kod,
    komponent_kod,
    case when orsak_kod is not null then 'okand' when traffas then 'ja' else 'nej' end as varde_kod,
    orsak_kod,
    cast(case when orsak_kod is null then omfattning_promille end as integer) as omfattning_promille,
    cast(case when orsak_kod is null then dagar_antal end as integer) as dagar_antal,
    kalla
from avgjort
order by deltagande_id, matpunkt_kod, komponent_kod
