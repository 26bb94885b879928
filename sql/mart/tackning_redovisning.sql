-- mart.tackning_redovisning: deltagare i SUS ställda mot det antal som förbunden redovisat i sina årsredovisningar.
-- Korn: en rad per område, år, era och källa. Nyckel: (niva_kod, omrade_kod, ar, era_kod, kalla_kod).
-- Definition: kalla_kod är alltid sus: cellen i mart.deltagare med registrering totalt (med personuppgifter och
-- anonyma, utan volyminsatser), för årsredovisningen redovisar deltagare i individinriktade insatser.
-- arsredovisning_antal: det redovisade antalet, en offentlig uppgift; redovisande_antal: förbund som redovisat ett.
-- Noll och noll: inget är redovisat. Den senaste raden om förbund och år gäller.
-- Skillnaden går åt båda hållen: SUS som andel av årsredovisningen är under eller över hundra procent, och i riket tar
-- förbund med fler och med färre ut varandra. Skillnaden lagras inte.
-- År: de som både SUS och en leverans av årsredovisningar rymmer. Ett förbund finns ett år om SUS har deltagare där;
-- ett förbund som bara årsredovisningen nämner ingår i rikets antal.
with

deltagande as (select * from derived.deltagande),
anonyma as (select * from derived.antal_deltagare where slag_kod = 'anonym'),
arsredovisning as (select * from core.arsredovisning),
period as (select * from derived.redovisningsperiod where kvartal_kod = 'hela_aret'),
leverans as (select * from core.leverans),
kalla as (select * from codes.redovisningskalla),

arsredovisning_period as (
    select
        min(extract(year from period_fran_datum)) as forsta_ar,
        max(extract(year from least(cast(period_till_datum - interval '1' day as date), uttags_datum))) as sista_ar
    from leverans
    where tabell_namn = 'arsredovisning'
),

redovisningsar as (
    select period.*
    from period
    inner join arsredovisning_period
        on period.ar >= arsredovisning_period.forsta_ar and period.ar <= arsredovisning_period.sista_ar
),

deltagare as (
    select
        redovisningsar.ar,
        redovisningsar.era_kod,
        deltagande.forbund_id,
        deltagande.person_id,
        1 as deltaganden_antal
    from deltagande
    inner join redovisningsar
        on deltagande.era_kod = redovisningsar.era_kod
        and deltagande.start_datum < redovisningsar.till_datum
        and (deltagande.slut_datum is null or deltagande.slut_datum >= redovisningsar.fran_datum)
    union all
    select
        redovisningsar.ar,
        redovisningsar.era_kod,
        anonyma.forbund_id,
        null as person_id,
        anonyma.kvinnor_antal + anonyma.man_antal as deltaganden_antal
    from anonyma
    inner join redovisningsar on anonyma.era_kod = redovisningsar.era_kod and anonyma.ar = redovisningsar.ar
    where anonyma.kvinnor_antal + anonyma.man_antal > 0
),

redovisning_i_ordning as (
    select
        forbund_id,
        ar,
        deltagare_antal,
        row_number() over (
            partition by forbund_id, ar order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from arsredovisning
),

redovisning as (
    select forbund_id, ar, deltagare_antal from redovisning_i_ordning where senast_nr = 1
),

deltagare_i_omrade as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, ar, era_kod, person_id, deltaganden_antal from deltagare
    union all
    select 'forbund' as niva_kod, forbund_id as omrade_kod, ar, era_kod, person_id, deltaganden_antal from deltagare
),

redovisning_i_omrade as (
    select 'riket' as niva_kod, 'riket' as omrade_kod, ar, deltagare_antal from redovisning
    union all
    select 'forbund' as niva_kod, forbund_id as omrade_kod, ar, deltagare_antal from redovisning
),

antal as (
    select
        niva_kod,
        omrade_kod,
        ar,
        era_kod,
        sum(deltaganden_antal) as deltaganden_antal,
        count(distinct person_id)
            + coalesce(sum(deltaganden_antal) filter (where person_id is null), 0) as personer_antal
    from deltagare_i_omrade
    group by niva_kod, omrade_kod, ar, era_kod
),

redovisat as (
    select
        niva_kod,
        omrade_kod,
        ar,
        sum(deltagare_antal) as arsredovisning_antal,
        count(deltagare_antal) as redovisande_antal
    from redovisning_i_omrade
    group by niva_kod, omrade_kod, ar
)

select
    antal.niva_kod,
    antal.omrade_kod,
    antal.ar,
    antal.era_kod,
    kalla.kod as kalla_kod,
    cast(antal.deltaganden_antal as bigint) as deltaganden_antal,
    cast(antal.personer_antal as bigint) as personer_antal,
    cast(coalesce(redovisat.arsredovisning_antal, 0) as bigint) as arsredovisning_antal,
    cast(coalesce(redovisat.redovisande_antal, 0) as bigint) as redovisande_antal
from antal
cross join kalla
left join redovisat
    on antal.niva_kod = redovisat.niva_kod
    and antal.omrade_kod = redovisat.omrade_kod
    and antal.ar = redovisat.ar
order by antal.niva_kod, antal.omrade_kod, antal.ar, antal.era_kod, kalla.kod
