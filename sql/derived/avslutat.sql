-- derived.avslutat: deltaganden som har slutat, i varje område, år och kvartal där de räknas.
-- Korn: en rad per deltagande, nivå och kvartal. Nyckel: (deltagande_id, niva_kod, kvartal_kod).
-- Definition: slutdatum i ett år som eran redovisas för (derived.redovisningsperiod), också efter uttaget; med och utan
-- person. Alla resultat efter insatsen redovisas efter detta år.
-- Områden: riket, länet vid start (okand där det inte är känt, också för den som saknar identitet), förbundet som det
-- var och förbundet som det är nu (derived.forbund_nu; ett förbund utan rad där är sitt eget).
-- Kvartalet är slutdatumets, och finns bara för riket; hela_aret finns för varje nivå.
-- person_id och kon_kod är deltagandets egna: det är de som räknas.
with

deltagande as (select * from derived.deltagande where slut_datum is not null),
redovisningsperiod as (select * from derived.redovisningsperiod),
forbund_nu as (select * from derived.forbund_nu),
niva as (select * from codes.niva where kod in ('riket', 'lan', 'forbund', 'forbund_nu'))

select
    deltagande.deltagande_id,
    niva.kod as niva_kod,
    case niva.kod
        when 'riket' then 'riket'
        when 'lan' then coalesce(deltagande.lans_kod, 'okand')
        when 'forbund' then deltagande.forbund_id
        else coalesce(forbund_nu.forbund_nu_id, deltagande.forbund_id)
    end as omrade_kod,
    redovisningsperiod.ar as slut_ar,
    redovisningsperiod.kvartal_kod,
    deltagande.era_kod,
    deltagande.person_id,
    deltagande.kon_kod
from deltagande
inner join redovisningsperiod
    on deltagande.era_kod = redovisningsperiod.era_kod
    and deltagande.slut_datum >= redovisningsperiod.fran_datum
    and deltagande.slut_datum < redovisningsperiod.till_datum
inner join niva on niva.kod = 'riket' or redovisningsperiod.kvartal_kod = 'hela_aret'
left join forbund_nu on deltagande.forbund_id = forbund_nu.forbund_id
order by deltagande.deltagande_id, niva.kod, redovisningsperiod.kvartal_kod
