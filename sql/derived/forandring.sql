-- derived.forandring: förändringen från intag till en senare mätpunkt.
-- Korn: en rad per deltagande och senare mätpunkt. Nyckel: (deltagande_id, matpunkt_kod).
-- Definition: mätpunkterna i codes.matpunkt med slag_kod matpunkt, utom intag; läget är derived.lage.
-- till_arbete_studier_kod: arbete eller studier vid mätpunkten, vad som än gällde vid intag.
-- borjat_kod: nej till båda vid intag och ja vid mätpunkten. okat_kod: ja både vid intag och vid mätpunkten, och högre
-- inkomstnivå (undre gränsen i codes.inkomstniva) eller större omfattning av studiemedel (0 när studiemedel är nej).
-- Den som går från studier till arbete, eller tvärtom, har därmed ökat det ena; att det andra minskat räknas inte.
-- borjat_eller_okat_kod: något av dem. Trevärt: ett okänt villkor gör svaret okand om inget annat redan avgör det.
-- stegforflyttning_antal: steget (codes.steg) vid mätpunkten minus steget vid intag; tomt om något av dem är okänt.
with

lage as (select * from derived.lage),
komponent as (select * from derived.komponent where komponent_kod = 'studiemedel'),
matpunktkod as (select * from codes.matpunkt where slag_kod = 'matpunkt'),
inkomstniva as (select * from codes.inkomstniva),
steg as (select * from codes.steg),

niva as (
    select
        lage.deltagande_id,
        lage.matpunkt_kod,
        lage.arbete_eller_studier_kod,
        -- nivån utan lön har ingen undre gräns
        case when inkomstniva.kod is not null then coalesce(inkomstniva.ibb_fran_nr, -1) end as inkomstniva_nr,
        case komponent.varde_kod
            when 'ja' then komponent.omfattning_promille
            when 'nej' then 0
        end as studier_promille,
        steg.rang_nr as steg_nr
    from lage
    inner join matpunktkod on lage.matpunkt_kod = matpunktkod.kod
    left join komponent
        on lage.deltagande_id = komponent.deltagande_id
        and lage.matpunkt_kod = komponent.matpunkt_kod
    left join inkomstniva on lage.inkomstniva_kod = inkomstniva.kod
    left join steg on lage.steg_kod = steg.kod
),

jamforelse as (
    select
        senare.deltagande_id,
        senare.matpunkt_kod,
        senare.arbete_eller_studier_kod as till_arbete_studier_kod,
        case
            when intag.arbete_eller_studier_kod = 'ja' or senare.arbete_eller_studier_kod = 'nej' then 'nej'
            when intag.arbete_eller_studier_kod = 'nej' and senare.arbete_eller_studier_kod = 'ja' then 'ja'
            else 'okand'
        end as borjat_kod,
        case
            when intag.arbete_eller_studier_kod = 'nej' or senare.arbete_eller_studier_kod = 'nej' then 'nej'
            when intag.arbete_eller_studier_kod = 'okand' or senare.arbete_eller_studier_kod = 'okand' then 'okand'
            when senare.inkomstniva_nr > intag.inkomstniva_nr then 'ja'
            when senare.studier_promille > intag.studier_promille then 'ja'
            when senare.inkomstniva_nr is null or intag.inkomstniva_nr is null then 'okand'
            when senare.studier_promille is null or intag.studier_promille is null then 'okand'
            else 'nej'
        end as okat_kod,
        cast(senare.steg_nr - intag.steg_nr as integer) as stegforflyttning_antal
    from niva as senare
    inner join niva as intag
        on senare.deltagande_id = intag.deltagande_id
        and intag.matpunkt_kod = 'intag'
    where senare.matpunkt_kod <> 'intag'
)

select
    deltagande_id,
    matpunkt_kod,
    till_arbete_studier_kod,
    borjat_kod,
    okat_kod,
    case
        when borjat_kod = 'ja' or okat_kod = 'ja' then 'ja'
        when borjat_kod = 'okand' or okat_kod = 'okand' then 'okand'
        else 'nej'
    end as borjat_eller_okat_kod,
    stegforflyttning_antal
from jamforelse
order by deltagande_id, matpunkt_kod
