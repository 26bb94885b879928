-- derived.sus_forsorjning: försörjningen som handläggaren registrerade i SUS, på registrens komponenter.
-- Korn: en rad per deltagande, mätpunkt (intag, avslut, sex_manader) och komponent som systemet hade en ruta för.
-- Nyckel: (deltagande_id, matpunkt_kod, komponent_kod).
-- Definition, nya SUS: komponenterna i codes.sus_forsorjning; ikryssad är ja. Är något kryssat vid tillfället är de
-- övriga nej: också när det enda krysset är ingen eller annan offentlig försörjning. Flera kryss kan gälla, och ett
-- kryss gäller före ett samtidigt "ingen". Omfattning finns inte; sexmånadersuppföljning fanns inte, så den är okand.
-- Definition, första SUS: procent av försörjningen per källa. Över noll är ja, med procenten i promille som
-- omfattning; noll, eller tomt på en ifylld rad, är nej. Lön är arbete. En rad utan en enda procent är okand.
-- Procenten är källans del av försörjningen och inte ersättningens grad: de två systemens tal blandas aldrig.
-- Okand: ingenting registrerat vid tillfället. Tillfället är mätpunkten i codes.mattillfalle och sus1_mattillfalle.
-- Bara den senaste leveransens uppgifter om deltagandet räknas.
with

deltagande as (select * from derived.deltagande),
sus_forsorjning as (select * from core.sus_forsorjning),
sus1_deltagare as (select * from core.sus1_deltagare),
komponentkod as (select * from codes.komponent),
sus_forsorjningskod as (select * from codes.sus_forsorjning),
mattillfalle as (select * from codes.mattillfalle),
sus1_mattillfalle as (select * from codes.sus1_mattillfalle),

tillfalle as (
    select kod as matpunkt_kod from codes.matpunkt where kod in ('intag', 'avslut', 'sex_manader')
),

levererat_kryss as (
    select *, max(uttags_datum) over (partition by deltagande_id) as senaste_uttags_datum
    from sus_forsorjning
),

kryss as (
    select levererat_kryss.deltagande_id, mattillfalle.matpunkt_kod, levererat_kryss.forsorjning_kod
    from levererat_kryss
    inner join mattillfalle on levererat_kryss.mattillfalle_kod = mattillfalle.kod
    where levererat_kryss.uttags_datum = levererat_kryss.senaste_uttags_datum
),

kryssat_tillfalle as (
    select deltagande_id, matpunkt_kod from kryss group by deltagande_id, matpunkt_kod
),

kryssad_komponent as (
    select kryss.deltagande_id, kryss.matpunkt_kod, sus_forsorjningskod.komponent_kod
    from kryss
    inner join sus_forsorjningskod on kryss.forsorjning_kod = sus_forsorjningskod.kod
    where sus_forsorjningskod.komponent_kod is not null
    group by kryss.deltagande_id, kryss.matpunkt_kod, sus_forsorjningskod.komponent_kod
),

nya_sus_komponent as (
    select komponent_kod from sus_forsorjningskod where komponent_kod is not null group by komponent_kod
),

nya_sus as (
    select
        deltagande.deltagande_id,
        tillfalle.matpunkt_kod,
        nya_sus_komponent.komponent_kod,
        case
            when kryssad_komponent.deltagande_id is not null then 'ja'
            when kryssat_tillfalle.deltagande_id is not null then 'nej'
            else 'okand'
        end as varde_kod,
        cast(null as integer) as omfattning_promille,
        deltagande.era_kod
    from deltagande
    cross join tillfalle
    cross join nya_sus_komponent
    left join kryssat_tillfalle
        on deltagande.deltagande_id = kryssat_tillfalle.deltagande_id
        and tillfalle.matpunkt_kod = kryssat_tillfalle.matpunkt_kod
    left join kryssad_komponent
        on deltagande.deltagande_id = kryssad_komponent.deltagande_id
        and tillfalle.matpunkt_kod = kryssad_komponent.matpunkt_kod
        and nya_sus_komponent.komponent_kod = kryssad_komponent.komponent_kod
    where deltagande.era_kod = 'nya_sus'
),

procentrad_i_ordning as (
    select
        sus1_deltagare.*,
        sus1_mattillfalle.matpunkt_kod,
        max(sus1_deltagare.uttags_datum) over (partition by sus1_deltagare.deltagande_id) as senaste_uttags_datum,
        coalesce(
            sjukpenning_procent, rehabiliteringspenning_procent, sjukersattning_procent, aktivitetsersattning_procent,
            a_kassa_procent, aktivitetsstod_procent, forsorjningsstod_procent, studiestod_procent, lon_procent,
            annan_procent
        ) is not null as ifylld
    from sus1_deltagare
    inner join sus1_mattillfalle on sus1_deltagare.mattillfalle_kod = sus1_mattillfalle.kod
),

procentrad as (
    select * from procentrad_i_ordning where uttags_datum = senaste_uttags_datum and ifylld
),

sus1_komponent as (
    select kod as komponent_kod
    from komponentkod
    where kod in (
        'sjukpenning', 'rehabiliteringspenning', 'sjukersattning', 'aktivitetsersattning', 'a_kassa',
        'aktivitetsstod', 'ekonomiskt_bistand', 'studiemedel', 'arbete'
    )
),

sus1_procent as (
    select
        deltagande.deltagande_id,
        tillfalle.matpunkt_kod,
        sus1_komponent.komponent_kod,
        procentrad.deltagande_id is not null as registrerad,
        coalesce(
            case sus1_komponent.komponent_kod
                when 'sjukpenning' then procentrad.sjukpenning_procent
                when 'rehabiliteringspenning' then procentrad.rehabiliteringspenning_procent
                when 'sjukersattning' then procentrad.sjukersattning_procent
                when 'aktivitetsersattning' then procentrad.aktivitetsersattning_procent
                when 'a_kassa' then procentrad.a_kassa_procent
                when 'aktivitetsstod' then procentrad.aktivitetsstod_procent
                when 'ekonomiskt_bistand' then procentrad.forsorjningsstod_procent
                when 'studiemedel' then procentrad.studiestod_procent
                when 'arbete' then procentrad.lon_procent
            end,
            0
        ) as procent,
        deltagande.era_kod
    from deltagande
    cross join tillfalle
    cross join sus1_komponent
    left join procentrad
        on deltagande.deltagande_id = 'sus1-' || procentrad.deltagande_id
        and tillfalle.matpunkt_kod = procentrad.matpunkt_kod
    where deltagande.era_kod = 'sus1'
),

sus1 as (
    select
        deltagande_id,
        matpunkt_kod,
        komponent_kod,
        case when procent > 0 then 'ja' when registrerad then 'nej' else 'okand' end as varde_kod,
        cast(case when procent > 0 then procent * 10 end as integer) as omfattning_promille,
        era_kod
    from sus1_procent
)

select deltagande_id, matpunkt_kod, komponent_kod, varde_kod, omfattning_promille, era_kod
from nya_sus
union all
select deltagande_id, matpunkt_kod, komponent_kod, varde_kod, omfattning_promille, era_kod
from sus1
order by deltagande_id, matpunkt_kod, komponent_kod
