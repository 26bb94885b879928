#!/usr/bin/env python3
"""Whether two programs kept the same rows of AGI, each under hashes of its own: exit 1 where not.

    same_rows.py OURS.parquet BY_HAND.parquet

Compared are the rows without their hashes, and of each person and each employer all rows that are theirs, each as
often as it is there.
"""
import sys
import duckdb

ours, by_hand = sys.argv[1:]
db = duckdb.connect()
db.execute(f"""
create view ours as
select pseudonym::varchar as person, arbetsgivare_pseudonym::varchar as employer,
    strftime(manad, '%Y%m') as month, specifikation_nr as nr, ersattning_arbete_antal as pay
from '{ours}'
""")
db.execute(f"""
create view theirs as
select pseudonym as person, arbetsgivare as employer, RedovisningsPeriod::varchar as month,
    Specifikationsnummer::bigint as nr, KontantErsattningUlagAG::bigint as pay
from '{by_hand}'
""")
# Rows without the hashes; then, of each person and of each employer, all that is known, as often as it is there.
plain = "select month, nr, pay from {}"
grouped = "select {1}, list((month, nr, pay) order by month, nr, pay) as held from {0} group by {1}"
for query in (plain, f"select held from ({grouped.format('{}', 'person')})", f"select held from ({grouped.format('{}', 'employer')})"):
    left, right = query.format("ours"), query.format("theirs")
    (count,) = db.execute(f"select count(*) from ({left} except all {right} union all {right} except all {left})").fetchone()
    if count:
        sys.exit(f"{count} rows differ")
rows, persons, employers = db.execute("select count(*), count(distinct person), count(distinct employer) from ours").fetchone()
print(f"the same {rows} rows of {persons} people and {employers} employers by both\n")
