-- derived.forbund_nu: vilket förbund som varje förbund är nu.
-- Korn: en rad per förbund i referenslistan. Nyckel: forbund_id.
-- Definition: slutet på kedjan av efterträdare (core.forbund), hur lång den än är; utan efterträdare är förbundet sitt
-- eget. En efterträdare som inte finns i referenslistan räknas inte, inte heller förbundet självt.
-- En kedja som leder in i en cirkel har inget slut: då är förbundet sitt eget.
-- Ett förbund som listan inte nämner har ingen rad, och är sitt eget för den som läser tabellen.
with recursive

forbund as (select * from core.forbund),

lank as (
    select forbund.forbund_id, eftertradare.forbund_id as eftertradare_id
    from forbund
    inner join forbund as eftertradare on forbund.eftertradare_id = eftertradare.forbund_id
    where forbund.forbund_id <> eftertradare.forbund_id
),

-- `union` behåller varje par en gång, och det är så vandringen runt en cirkel tar slut
kedja as (
    select forbund_id, eftertradare_id as led_id from lank
    union
    select kedja.forbund_id, lank.eftertradare_id as led_id
    from kedja
    inner join lank on kedja.led_id = lank.forbund_id
),

slut as (
    select kedja.forbund_id, kedja.led_id as forbund_nu_id
    from kedja
    left join lank on kedja.led_id = lank.forbund_id
    where lank.forbund_id is null
)

select forbund.forbund_id, coalesce(slut.forbund_nu_id, forbund.forbund_id) as forbund_nu_id
from forbund
left join slut on forbund.forbund_id = slut.forbund_id
order by forbund.forbund_id
