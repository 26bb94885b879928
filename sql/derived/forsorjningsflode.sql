-- derived.forsorjningsflode: från vilken källa vid intag till vilken vid en senare mätpunkt.
-- Korn: en rad per deltagande, mätpunkt och par av källor. Nyckel: (deltagande_id, matpunkt_kod, fran_kod, till_kod).
-- Definition: källorna är komponenterna i hierarkin storsta_andel (codes.hierarkisteg). På varje sida står var och en
-- som är ja; är ingen ja står okand om någon är okand, annars ingen. Ett ja avgör alltså vad som än är okänt.
-- Är deltagandet inte observerat på ena sidan står bara okand där, också om något register har ett ja.
-- Varje källa vid intag paras med varje källa vid mätpunkten: den som lever på två källor räknas i båda, och paren
-- är flera än deltagandena. Mätpunkterna är de i codes.matpunkt med slag_kod matpunkt, utom intag.
with

komponent as (select * from derived.komponent),
status as (select * from derived.status),
matpunktkod as (select * from codes.matpunkt where slag_kod = 'matpunkt'),
hierarkisteg as (select * from codes.hierarkisteg where hierarki_kod = 'storsta_andel'),

provad_komponent as (
    select
        status.deltagande_id,
        status.matpunkt_kod,
        komponent.komponent_kod,
        case when status.observationsstatus_kod = 'observerad' then komponent.varde_kod else 'okand' end as varde_kod
    from status
    inner join matpunktkod on status.matpunkt_kod = matpunktkod.kod
    inner join komponent
        on status.deltagande_id = komponent.deltagande_id
        and status.matpunkt_kod = komponent.matpunkt_kod
    inner join hierarkisteg on komponent.komponent_kod = hierarkisteg.komponent_kod
),

kalla as (
    select deltagande_id, matpunkt_kod, komponent_kod as kalla_kod
    from provad_komponent
    where varde_kod = 'ja'
    union all
    select
        deltagande_id,
        matpunkt_kod,
        case when count(*) filter (where varde_kod = 'okand') > 0 then 'okand' else 'ingen' end as kalla_kod
    from provad_komponent
    group by deltagande_id, matpunkt_kod
    having count(*) filter (where varde_kod = 'ja') = 0
)

select
    senare.deltagande_id,
    senare.matpunkt_kod,
    intag.kalla_kod as fran_kod,
    senare.kalla_kod as till_kod
from kalla as senare
inner join kalla as intag
    on senare.deltagande_id = intag.deltagande_id
    and intag.matpunkt_kod = 'intag'
where senare.matpunkt_kod <> 'intag'
order by senare.deltagande_id, senare.matpunkt_kod, fran_kod, till_kod
