-- derived.hierarki: försörjningen vid mätpunkten enligt varje namngiven indelning, grupp för grupp.
-- Korn: en rad per deltagande, mätpunkt, indelning och grupp. Nyckel: (deltagande_id, matpunkt_kod, hierarki_kod,
-- grupp_kod). avgorande_komponent_kod är den komponent som gjorde gruppen ja eller okänd.
-- Definition: codes.hierarki, hierarkigrupp och hierarkisteg. Är deltagandet inte observerat, eller gäller indelningen
-- inte på mätdagen, är alla grupper okända.
-- flera (finsam3): varje grupp för sig; ja om en komponent är ja, annars okänd om en är okänd, annars nej.
-- forsta (bas): den första grupp som är ja eller okänd avgör. Är den okänd är också alla efter den okända, för rangen
-- gäller framför det som syns längre ned. Ingen: gruppen utan komponenter.
-- storsta (storsta_andel): den komponent som är ja med störst omfattning; utan omfattning sist, lika efter rang. Kan en
-- okänd komponent ha varit större är båda okända; högre än 1000 promille antas ingen okänd vara.
with

matpunkt as (select * from derived.matpunkt),
status as (select * from derived.status),
komponent as (select * from derived.komponent),
komponentkod as (select * from codes.komponent),
hierarkikod as (select * from codes.hierarki),
hierarkigrupp as (select * from codes.hierarkigrupp),
hierarkisteg as (select * from codes.hierarkisteg),

-- mätningarna numreras i nyckelns ordning: långa nycklar jämförs en gång i stället för i varje steg
matning as (
    select
        matpunkt.deltagande_id,
        matpunkt.matpunkt_kod,
        matpunkt.mat_datum,
        status.observationsstatus_kod = 'observerad' as observerad,
        row_number() over (order by matpunkt.deltagande_id, matpunkt.matpunkt_kod) as mat_nr
    from matpunkt
    inner join status
        on matpunkt.deltagande_id = status.deltagande_id
        and matpunkt.matpunkt_kod = status.matpunkt_kod
),

-- bara det som är ja eller okänt kan göra en grupp till något annat än nej
steg as (
    select
        matning.mat_nr,
        hierarkikod.rang_nr as hierarki_nr,
        hierarkikod.regel_kod,
        hierarkigrupp.rang_nr as grupp_nr,
        hierarkisteg.rang_nr as steg_nr,
        komponent.varde_kod = 'ja' as ar_ja,
        komponent.omfattning_promille,
        komponentkod.omfattning_kod = 'J' as har_omfattning
    from komponent
    inner join matning
        on komponent.deltagande_id = matning.deltagande_id
        and komponent.matpunkt_kod = matning.matpunkt_kod
    inner join komponentkod on komponent.komponent_kod = komponentkod.kod
    inner join hierarkisteg on komponent.komponent_kod = hierarkisteg.komponent_kod
    inner join hierarkigrupp
        on hierarkisteg.hierarki_kod = hierarkigrupp.hierarki_kod
        and hierarkisteg.grupp_kod = hierarkigrupp.grupp_kod
    inner join hierarkikod on hierarkisteg.hierarki_kod = hierarkikod.kod
    where komponent.varde_kod <> 'nej' and matning.observerad
),

ja_i_ordning as (
    select
        mat_nr,
        hierarki_nr,
        steg_nr,
        omfattning_promille,
        row_number() over (
            partition by mat_nr, hierarki_nr order by omfattning_promille desc nulls last, steg_nr
        ) as val_nr
    from steg
    where ar_ja and regel_kod = 'storsta'
),

storst as (
    select * from ja_i_ordning where val_nr = 1
),

-- vad steget gör med sin grupp; för `storsta` gör bara den största ja, och bara den som kan vara större öppet
provat_steg as (
    select
        steg.mat_nr,
        steg.hierarki_nr,
        steg.grupp_nr,
        steg.steg_nr,
        steg.ar_ja and (steg.regel_kod <> 'storsta' or steg.steg_nr = storst.steg_nr) as gor_ja,
        case
            when steg.ar_ja then false
            when steg.regel_kod <> 'storsta' or storst.steg_nr is null then true
            when not steg.har_omfattning then storst.omfattning_promille is null and steg.steg_nr < storst.steg_nr
            when coalesce(storst.omfattning_promille, 0) < 1000 then true
            else storst.omfattning_promille = 1000 and steg.steg_nr < storst.steg_nr
        end as gor_oppet
    from steg
    left join storst
        on steg.mat_nr = storst.mat_nr
        and steg.hierarki_nr = storst.hierarki_nr
),

grupp as (
    select
        mat_nr,
        hierarki_nr,
        grupp_nr,
        min(steg_nr) filter (where gor_ja) as ja_steg_nr,
        min(steg_nr) filter (where gor_oppet) as oppet_steg_nr
    from provat_steg
    where gor_ja or gor_oppet
    group by mat_nr, hierarki_nr, grupp_nr
),

grupp_i_ordning as (
    select
        *,
        row_number() over (partition by mat_nr, hierarki_nr order by grupp_nr) as val_nr,
        min(oppet_steg_nr) over (partition by mat_nr, hierarki_nr) as nagot_oppet_nr,
        min(ja_steg_nr) over (partition by mat_nr, hierarki_nr) as nagot_ja_nr
    from grupp
),

-- indelningens första grupp som inte är nej
forsta as (
    select * from grupp_i_ordning where val_nr = 1
),

grupp_utan_komponent as (
    select hierarkigrupp.kod
    from hierarkigrupp
    left join hierarkisteg
        on hierarkigrupp.hierarki_kod = hierarkisteg.hierarki_kod
        and hierarkigrupp.grupp_kod = hierarkisteg.grupp_kod
    where hierarkisteg.kod is null
),

fraga as (
    select
        matning.mat_nr,
        matning.deltagande_id,
        matning.matpunkt_kod,
        hierarkikod.kod as hierarki_kod,
        hierarkikod.rang_nr as hierarki_nr,
        hierarkikod.regel_kod,
        hierarkigrupp.grupp_kod,
        hierarkigrupp.rang_nr as grupp_nr,
        grupp_utan_komponent.kod is not null as utan_komponent,
        matning.observerad
            and coalesce(hierarkikod.giltig_fran_datum <= matning.mat_datum, true)
            and coalesce(matning.mat_datum <= hierarkikod.giltig_till_datum, true) as galler
    from matning
    cross join hierarkikod
    inner join hierarkigrupp on hierarkikod.kod = hierarkigrupp.hierarki_kod
    left join grupp_utan_komponent on hierarkigrupp.kod = grupp_utan_komponent.kod
),

svar as (
    select
        fraga.*,
        case
            when not fraga.galler then 'okand'
            when forsta.mat_nr is null then case when fraga.utan_komponent then 'ja' else 'nej' end
            when fraga.regel_kod = 'flera' then
                case
                    when grupp.ja_steg_nr is not null then 'ja'
                    when grupp.oppet_steg_nr is not null then 'okand'
                    else 'nej'
                end
            when fraga.regel_kod = 'forsta' and forsta.ja_steg_nr is not null then
                case when fraga.grupp_nr = forsta.grupp_nr then 'ja' else 'nej' end
            when fraga.regel_kod = 'forsta' then
                case when fraga.grupp_nr >= forsta.grupp_nr then 'okand' else 'nej' end
            when forsta.nagot_oppet_nr is null then
                case when grupp.ja_steg_nr is not null then 'ja' else 'nej' end
            when grupp.mat_nr is not null or (fraga.utan_komponent and forsta.nagot_ja_nr is null) then 'okand'
            else 'nej'
        end as varde_kod,
        case fraga.regel_kod
            when 'flera' then coalesce(grupp.ja_steg_nr, grupp.oppet_steg_nr)
            when 'forsta' then coalesce(forsta.ja_steg_nr, forsta.oppet_steg_nr)
            else coalesce(forsta.nagot_oppet_nr, forsta.nagot_ja_nr)
        end as avgorande_steg_nr
    from fraga
    left join grupp
        on fraga.mat_nr = grupp.mat_nr
        and fraga.hierarki_nr = grupp.hierarki_nr
        and fraga.grupp_nr = grupp.grupp_nr
    left join forsta
        on fraga.mat_nr = forsta.mat_nr
        and fraga.hierarki_nr = forsta.hierarki_nr
)

select
    svar.deltagande_id,
    svar.matpunkt_kod,
    svar.hierarki_kod,
    svar.grupp_kod,
    svar.varde_kod,
    case when svar.galler and svar.varde_kod <> 'nej' then hierarkisteg.komponent_kod end as avgorande_komponent_kod
from svar
left join hierarkisteg
    on svar.hierarki_kod = hierarkisteg.hierarki_kod
    and svar.avgorande_steg_nr = hierarkisteg.rang_nr
order by svar.mat_nr, svar.hierarki_kod, svar.grupp_kod
