-- release.forbund_som_heter(sokt_namn): förbunden vars namn innehåller en text, med deras id.
-- Korn och nyckel: en rad per förbund; nyckel forbund_id.
-- Versaler och gemener skiljs inte åt. Ett förbund som har bytt namn eller gått upp i ett annat har kvar sitt id.
-- Exempel: from forbund_som_heter('umeå');
select distinct forbund_id, forbund_namn
from main.deltagare_forbund
where forbund_namn ilike '%' || sokt_namn || '%'
order by forbund_namn, forbund_id
