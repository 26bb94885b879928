#!/usr/bin/env python3
"""What one would write by hand in DuckDB's stock client: the rows of the participants, the number hashed.

    by_hand.py hashed|plain INPUT.csv|INPUT.parquet PARTICIPANTS.csv OUTPUT.parquet

No check of any kind. `hashed` keeps what finsam promises, that rows meet on pseudonyms only: the number is exchanged,
and the join is on what it was exchanged for. `plain` joins on the number itself and hashes what is left, which is the
least work there is.
"""
import sys
import duckdb

order, source, participants, out = sys.argv[1:]
reader = f"read_csv('{source}', delim = ';', header = true, types = {{'AgRegistreradId': 'varchar', 'BetalningsmottagarId': 'varchar'}})"
if source.endswith(".parquet"):
    reader = f"read_parquet('{source}')"
people = f"read_csv('{participants}', types = {{'nummer': 'varchar'}})"
query = {
    "hashed": f"""
        select sha256('nyckel' || AgRegistreradId) as arbetsgivare, * exclude (AgRegistreradId)
        from (select sha256('nyckel' || BetalningsmottagarId) as pseudonym, * exclude (BetalningsmottagarId) from {reader})
        where pseudonym in (select sha256('nyckel' || nummer) from {people})
    """,
    "plain": f"""
        select sha256('nyckel' || AgRegistreradId) as arbetsgivare, sha256('nyckel' || BetalningsmottagarId) as pseudonym,
            * exclude (AgRegistreradId, BetalningsmottagarId)
        from {reader}
        where BetalningsmottagarId in (select nummer from {people})
    """,
}[order]
db = duckdb.connect()
db.execute("set threads = 2")
db.execute("set preserve_insertion_order = false")
db.execute(f"copy ({query}) to '{out}' (format parquet, compression zstd)")
