-- derived.antal_deltagare: deltagare som bara är räknade: anonyma, volyminsatser och åren efter SUS.
-- Korn: en rad per era, insats, år och slag. Nyckel: (era_kod, insats_id, ar, slag_kod).
-- Definition: antalet som lämnats, ur den senaste raden om insatsen och året; förbundet är insatsens, ur den senaste
-- raden om insatsen. En insats som inte finns i core är inte Finsams, och räknas inte.
-- Anonyma (nya SUS) räknas i det år de registrerades, och kan stå i flera år. I volyminsatser registrerades inte kön:
-- kvinnor och män är tomma och alla står utan uppgift om kön. Uppföljning Finsam har kvinnor och män från 2023.
-- Räknade deltagare är inga personer som kan följas: de slås aldrig ihop med deltaganden, och en och samma människa
-- kan vara räknad flera gånger. Deltaganden som mist sin pseudonym står i derived.deltagande och inte här.
with

sus_anonyma as (select * from core.sus_anonyma),
sus_volyminsats as (select * from core.sus_volyminsats),
uppfoljning_antal as (select * from core.uppfoljning_antal),

insats_i_ordning as (
    select
        'nya_sus' as era_kod,
        insats_id,
        forbund_id,
        row_number() over (
            partition by insats_id order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from core.sus_insats
    union all
    select
        'uppfoljning' as era_kod,
        insats_id,
        forbund_id,
        row_number() over (
            partition by insats_id order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from core.uppfoljning_insats
),

antal_i_ordning as (
    select
        'nya_sus' as era_kod,
        'anonym' as slag_kod,
        insats_id,
        ar,
        kvinnor_antal,
        man_antal,
        0 as okant_kon_antal,
        row_number() over (
            partition by insats_id, ar order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from sus_anonyma
    union all
    select
        'nya_sus' as era_kod,
        'volym' as slag_kod,
        insats_id,
        ar,
        cast(null as integer) as kvinnor_antal,
        cast(null as integer) as man_antal,
        deltagare_antal as okant_kon_antal,
        row_number() over (
            partition by insats_id, ar order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from sus_volyminsats
    union all
    select
        'uppfoljning' as era_kod,
        'antal' as slag_kod,
        insats_id,
        ar,
        kvinnor_antal,
        man_antal,
        0 as okant_kon_antal,
        row_number() over (
            partition by insats_id, ar order by uttags_datum desc, fil_namn desc, rad_nr desc
        ) as senast_nr
    from uppfoljning_antal
)

select
    antal_i_ordning.era_kod,
    antal_i_ordning.insats_id,
    antal_i_ordning.ar,
    antal_i_ordning.slag_kod,
    insats_i_ordning.forbund_id,
    antal_i_ordning.kvinnor_antal,
    antal_i_ordning.man_antal,
    antal_i_ordning.okant_kon_antal
from antal_i_ordning
inner join insats_i_ordning
    on antal_i_ordning.era_kod = insats_i_ordning.era_kod
    and antal_i_ordning.insats_id = insats_i_ordning.insats_id
    and insats_i_ordning.senast_nr = 1
where antal_i_ordning.senast_nr = 1
order by antal_i_ordning.era_kod, antal_i_ordning.insats_id, antal_i_ordning.ar, antal_i_ordning.slag_kod
