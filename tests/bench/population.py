#!/usr/bin/env python3
"""Writes a register of the full population for the comparison of tests/bench.sh, with DuckDB's stock client.

    population.py FOLDER PEOPLE     agi.csv, agi.parquet (two rows a person), deltagare.csv (3 % of the people)

No number can belong to a living person: twelve digits with birth years 1800-1846 (as pipeline/generate/nummer.rs).
"""
import sys
import duckdb

folder, people = sys.argv[1], int(sys.argv[2])
DAYS = 17166  # 1800-01-01 to 1846-12-31
assert people <= DAYS * 999
db = duckdb.connect()
db.execute("set threads = 2")
db.execute("set preserve_insertion_order = true")


def digit(text, place):
    return f"(ascii(substr({text}, {place}, 1)) - 48)"


def luhn(nine):
    """The check digit of nine digits."""
    terms = []
    for place in range(1, 10):
        value = digit(nine, place)
        terms.append(f"({value} * 2) // 10 + ({value} * 2) % 10" if place % 2 else value)
    return f"((10 - ({' + '.join(terms)}) % 10) % 10)"


db.execute(f"""
create table person as
select nr, century || nine || {luhn('nine')} as nummer
from (
    select nr, left(born, 2) as century, substr(born, 3) || lpad((nr // {DAYS} + 1)::varchar, 3, '0') as nine
    from (select range as nr, strftime(date '1800-01-01' + (range % {DAYS})::integer, '%Y%m%d') as born from range({people}))
)
""")
db.execute(f"""
create table arbetsgivare as
select nr, '16' || nine || {luhn('nine')} as nummer
from (select range as nr, '556' || lpad(range::varchar, 6, '0') as nine from range({max(people // 50, 1)}))
""")
# Every person once a month, in an order that is nobody's: the file is sorted by month and employer.
db.execute(f"""
create table agi as
select a.nummer as AgRegistreradId, p.nummer as BetalningsmottagarId, 202201 + r.month as RedovisningsPeriod,
    1 as Specifikationsnummer, 9000 + r.nr * 7919 % 61000 as KontantErsattningUlagAG,
    case when r.nr % 37 = 0 then 100 + r.nr % 900 end as KontantErsattningEjUlagSA, null::integer as Borttag
from (select range // {people} as month, range % {people} as nr, range as place from range({2 * people})) r
join person p on p.nr = (r.nr * 7368787 + r.month * 31) % {people}
join arbetsgivare a on a.nr = r.nr // 50
order by r.place
""")
db.execute(f"copy agi to '{folder}/agi.csv' (format csv, delimiter ';', header)")
db.execute(f"copy agi to '{folder}/agi.parquet' (format parquet)")
db.execute(f"copy (select nummer from person where nr % 100 in (7, 41, 83)) to '{folder}/deltagare.csv' (format csv, header)")
