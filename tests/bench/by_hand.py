#!/usr/bin/env python3
"""What one would write by hand in DuckDB's stock client: the rows of the participants, the number hashed.

    by_hand.py INPUT.csv|INPUT.parquet PARTICIPANTS.csv OUTPUT.parquet

No check of any kind. The number is hashed after the join, which is the cheapest order.
"""
import sys
import duckdb

source, participants, out = sys.argv[1:]
reader = f"read_csv('{source}', delim = ';', header = true, types = {{'AgRegistreradId': 'varchar', 'BetalningsmottagarId': 'varchar'}})"
if source.endswith(".parquet"):
    reader = f"read_parquet('{source}')"
db = duckdb.connect()
db.execute("set threads = 2")
db.execute("set preserve_insertion_order = false")
db.execute(f"""
copy (
    select sha256('nyckel' || AgRegistreradId) as arbetsgivare, sha256('nyckel' || BetalningsmottagarId) as pseudonym,
        * exclude (AgRegistreradId, BetalningsmottagarId)
    from {reader}
    where BetalningsmottagarId in (select nummer from read_csv('{participants}', types = {{'nummer': 'varchar'}}))
) to '{out}' (format parquet, compression zstd)
""")
