-- mart.kanslighet: vad försörjningen vid intag, avslut och sex månader hade varit om mätdagen legat lite annorlunda.
-- Korn: en rad per område, slutår, era, mätpunkt, försörjning och värde. Nyckel: allt utom antalen.
-- Definition: deltagandena i mart.tackning (totalt), vid de mätpunkter som publiceras (forskjutning 0) och vid de
-- förskjutna 14 och 30 dagar (codes.matpunkt, slaget kanslighet). Finsams tre grupper (derived.hierarki, finsam3).
-- Värdet är ja, nej eller okänt för den som var observerad den dagen, annars dess observationsstatus (derived.status);
-- värdena summerar till alla avslutade, så att också de som en förskjutning gör omätbara syns.
-- Månadsregister läses för den förskjutna dagens månad, vid intag månaden före den (derived.matpunkt).
-- Bara riket, hela året och båda könen tillsammans. Tät: noll där ingen är.
with

avslutat as (select * from derived.avslutat where niva_kod = 'riket' and kvartal_kod = 'hela_aret'),
status as (select * from derived.status),
hierarki as (select * from derived.hierarki where hierarki_kod = 'finsam3'),
matpunktkod as (select * from codes.matpunkt),
gruppkod as (select * from codes.hierarkigrupp where hierarki_kod = 'finsam3'),
varde as (select * from codes.kanslighetsvarde),

provad_matpunkt as (
    select kod from matpunktkod where publiceras_kod = 'J' or slag_kod = 'kanslighet'
),

varde_per_deltagande as (
    select
        avslutat.slut_ar,
        avslutat.era_kod,
        avslutat.person_id,
        hierarki.matpunkt_kod,
        hierarki.grupp_kod as forsorjning_kod,
        case status.observationsstatus_kod
            when 'observerad' then hierarki.varde_kod
            else status.observationsstatus_kod
        end as varde_kod
    from avslutat
    inner join hierarki on avslutat.deltagande_id = hierarki.deltagande_id
    inner join provad_matpunkt on hierarki.matpunkt_kod = provad_matpunkt.kod
    inner join status
        on hierarki.deltagande_id = status.deltagande_id
        and hierarki.matpunkt_kod = status.matpunkt_kod
),

antal as (
    select
        slut_ar,
        era_kod,
        matpunkt_kod,
        forsorjning_kod,
        varde_kod,
        count(*) as deltaganden_antal,
        count(distinct person_id) + count(*) filter (where person_id is null) as personer_antal
    from varde_per_deltagande
    group by slut_ar, era_kod, matpunkt_kod, forsorjning_kod, varde_kod
),

riket_ar as (
    select slut_ar, era_kod from avslutat group by slut_ar, era_kod
),

cell as (
    select
        riket_ar.slut_ar,
        riket_ar.era_kod,
        provad_matpunkt.kod as matpunkt_kod,
        gruppkod.grupp_kod as forsorjning_kod,
        varde.kod as varde_kod
    from riket_ar
    cross join provad_matpunkt
    cross join gruppkod
    cross join varde
)

select
    'riket' as niva_kod,
    'riket' as omrade_kod,
    cell.slut_ar,
    cell.era_kod,
    cell.matpunkt_kod,
    cell.forsorjning_kod,
    cell.varde_kod,
    coalesce(antal.deltaganden_antal, 0) as deltaganden_antal,
    coalesce(antal.personer_antal, 0) as personer_antal
from cell
left join antal
    on cell.slut_ar = antal.slut_ar
    and cell.era_kod = antal.era_kod
    and cell.matpunkt_kod = antal.matpunkt_kod
    and cell.forsorjning_kod = antal.forsorjning_kod
    and cell.varde_kod = antal.varde_kod
order by cell.slut_ar, cell.era_kod, cell.matpunkt_kod, cell.forsorjning_kod, cell.varde_kod
