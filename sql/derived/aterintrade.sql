-- derived.aterintrade: har personen kommit in i en insats igen före mätpunkten, eller är hen i en annan då?
-- Korn: en rad per deltagande och mätpunkt efter slut. Nyckel: (deltagande_id, matpunkt_kod).
-- Definition: codes.matpunkt med slag_kod matpunkt och ankare slut; utan mätdag (inget slutdatum) ingen rad.
-- aterinskriven_kod: ja om ett annat deltagande för personen, i vilken insats som helst, började efter slutdagen och
-- senast på mätdagen. annan_pagar_kod: ja om ett annat pågår på mätdagen, start- och slutdag inräknade; utan slutdatum
-- pågår det. Den som började i en annan insats före slutdagen kan alltså ha annan_pagar ja och aterinskriven nej.
-- SUS vet inget efter sitt uttag: ligger mätdagen efter deltagandets uttagsdatum är annan_pagar okand, och
-- aterinskriven okand om ingen återkomst redan synts. Utan person är båda okand.
with

deltagande as (select * from derived.deltagande),
matpunkt as (select * from derived.matpunkt where mat_datum is not null),
matpunktkod as (select * from codes.matpunkt where slag_kod = 'matpunkt' and ankare_kod = 'slut'),

matning as (
    select
        matpunkt.deltagande_id,
        matpunkt.matpunkt_kod,
        matpunkt.mat_datum,
        deltagande.person_id,
        deltagande.slut_datum,
        deltagande.uttags_datum
    from matpunkt
    inner join matpunktkod on matpunkt.matpunkt_kod = matpunktkod.kod
    inner join deltagande on matpunkt.deltagande_id = deltagande.deltagande_id
),

annat as (
    select
        matning.deltagande_id,
        matning.matpunkt_kod,
        count(*) filter (where deltagande.start_datum > matning.slut_datum) as borjade_antal,
        count(*) filter (where deltagande.slut_datum is null or matning.mat_datum <= deltagande.slut_datum)
            as pagar_antal
    from matning
    inner join deltagande
        on matning.person_id = deltagande.person_id
        and matning.deltagande_id <> deltagande.deltagande_id
        and deltagande.start_datum <= matning.mat_datum
    group by matning.deltagande_id, matning.matpunkt_kod
)

select
    matning.deltagande_id,
    matning.matpunkt_kod,
    case
        when matning.person_id is null then 'okand'
        when annat.borjade_antal > 0 then 'ja'
        when matning.mat_datum > matning.uttags_datum then 'okand'
        else 'nej'
    end as aterinskriven_kod,
    case
        when matning.person_id is null then 'okand'
        when matning.mat_datum > matning.uttags_datum then 'okand'
        when annat.pagar_antal > 0 then 'ja'
        else 'nej'
    end as annan_pagar_kod
from matning
left join annat
    on matning.deltagande_id = annat.deltagande_id
    and matning.matpunkt_kod = annat.matpunkt_kod
order by matning.deltagande_id, matning.matpunkt_kod
