-- lab.mart_mot_derived: räknar om en av marterna från derived och visar de celler där antalen skiljer sig.
-- Korn och nyckel: en rad per slutår, era, mätpunkt och observationsstatus som inte stämmer; nyckel de fyra. Inga ska
-- finnas.
-- Definition: mart.tackning för riket och båda könen, mot avslutade deltaganden i derived.status. En förlaga för den
-- som vill granska en publicerad siffra bakåt.
with omraknat as (
    select
        cast(extract(year from deltagande.slut_datum) as integer) as slut_ar,
        deltagande.era_kod,
        status.matpunkt_kod,
        status.observationsstatus_kod,
        count(*) as deltaganden_antal
    from derived.deltagande as deltagande
    inner join derived.status as status on deltagande.deltagande_id = status.deltagande_id
    where deltagande.slut_datum is not null
    group by
        extract(year from deltagande.slut_datum),
        deltagande.era_kod,
        status.matpunkt_kod,
        status.observationsstatus_kod
)
select
    tackning.slut_ar,
    tackning.era_kod,
    tackning.matpunkt_kod,
    tackning.observationsstatus_kod,
    tackning.deltaganden_antal as mart_antal,
    coalesce(omraknat.deltaganden_antal, 0) as derived_antal
from mart.tackning as tackning
left join omraknat
    on tackning.slut_ar = omraknat.slut_ar and tackning.era_kod = omraknat.era_kod
    and tackning.matpunkt_kod = omraknat.matpunkt_kod
    and tackning.observationsstatus_kod = omraknat.observationsstatus_kod
where tackning.niva_kod = 'riket' and tackning.kvartal_kod = 'hela_aret' and tackning.kon_kod = 'totalt'
    and tackning.observationsstatus_kod <> 'totalt'
    and tackning.deltaganden_antal <> coalesce(omraknat.deltaganden_antal, 0)
order by tackning.slut_ar, tackning.era_kod, tackning.matpunkt_kod, tackning.observationsstatus_kod
