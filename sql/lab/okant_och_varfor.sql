-- lab.okant_och_varfor: varför en komponent är okänd vid publicerade mätpunkter, störst orsak först.
-- Korn och nyckel: en rad per komponent, mätpunkt och orsak; nyckel komponent_kod, matpunkt_kod, orsak_kod.
-- Definition: deltaganden som är observerade men där registret inte kan svara. Det är där en ny leverans gör nytta.
select
    komponent.komponent_kod,
    komponent.matpunkt_kod,
    komponent.orsak_kod,
    orsak.titel_sv as orsak,
    count(*) as deltaganden_antal
from derived.komponent as komponent
inner join derived.status as status
    on komponent.deltagande_id = status.deltagande_id and komponent.matpunkt_kod = status.matpunkt_kod
inner join codes.matpunkt as punkt on komponent.matpunkt_kod = punkt.kod and punkt.publiceras_kod = 'J'
left join codes.orsak as orsak on komponent.orsak_kod = orsak.kod
where komponent.varde_kod = 'okand' and status.observationsstatus_kod = 'observerad'
group by komponent.komponent_kod, komponent.matpunkt_kod, komponent.orsak_kod, orsak.titel_sv
order by count(*) desc, komponent.komponent_kod, komponent.matpunkt_kod, komponent.orsak_kod
