-- derived.overensstammelse: SUS uppgift om försörjningen bredvid registrens, källa för källa.
-- Korn: en rad per deltagande, mätpunkt (intag, avslut, sex_manader) och komponent som SUS hade en ruta för.
-- Nyckel: (deltagande_id, matpunkt_kod, komponent_kod).
-- Definition: SUS frågade efter försörjningen direkt före och direkt efter insatsen, det vill säga inom en vecka.
-- Därför ställs SUS vid intag mot registren veckan före (direkt_fore) och vid avslut mot veckan efter (direkt_efter),
-- enligt slaget sus_vecka i codes.matpunkt; mätpunkter utan en sådan vecka ställs mot registren på mätdagen.
-- Registren är okand där deltagandet inte är observerat vid den mätpunkten.
-- Båda: ja i båda. Bara SUS, bara registren: ja i det ena, nej i det andra. Ingen: nej i båda. Okand i någotdera gör
-- utfallet okand. Bara om källan fanns jämförs, aldrig omfattningen: SUS procent är en annan sak än registrens.
with

sus_forsorjning as (select * from derived.sus_forsorjning),
komponent as (select * from derived.komponent),
status as (select * from derived.status),

sus_vecka as (
    select grund_kod, kod as register_matpunkt_kod from codes.matpunkt where slag_kod = 'sus_vecka'
),

sus_uppgift as (
    select
        sus_forsorjning.deltagande_id,
        sus_forsorjning.matpunkt_kod,
        sus_forsorjning.komponent_kod,
        sus_forsorjning.varde_kod as sus_kod,
        coalesce(sus_vecka.register_matpunkt_kod, sus_forsorjning.matpunkt_kod) as register_matpunkt_kod
    from sus_forsorjning
    left join sus_vecka on sus_forsorjning.matpunkt_kod = sus_vecka.grund_kod
),

bada_uppgifter as (
    select
        sus_uppgift.deltagande_id,
        sus_uppgift.matpunkt_kod,
        sus_uppgift.komponent_kod,
        sus_uppgift.sus_kod,
        case
            when status.observationsstatus_kod = 'observerad' then coalesce(komponent.varde_kod, 'okand')
            else 'okand'
        end as register_kod
    from sus_uppgift
    left join status
        on sus_uppgift.deltagande_id = status.deltagande_id
        and sus_uppgift.register_matpunkt_kod = status.matpunkt_kod
    left join komponent
        on sus_uppgift.deltagande_id = komponent.deltagande_id
        and sus_uppgift.register_matpunkt_kod = komponent.matpunkt_kod
        and sus_uppgift.komponent_kod = komponent.komponent_kod
)

select
    deltagande_id,
    matpunkt_kod,
    komponent_kod,
    sus_kod,
    register_kod,
    case
        when sus_kod = 'okand' or register_kod = 'okand' then 'okand'
        when sus_kod = 'ja' and register_kod = 'ja' then 'bada'
        when sus_kod = 'ja' then 'bara_sus'
        when register_kod = 'ja' then 'bara_register'
        else 'ingen'
    end as utfall_kod
from bada_uppgifter
order by deltagande_id, matpunkt_kod, komponent_kod
