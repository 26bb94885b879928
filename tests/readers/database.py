"""Stock DuckDB, of three versions, reads finsam.duckdb: tables, words, questions, comments; and Parquet itself."""

import os
import subprocess
import sys
from pathlib import Path

VERSIONS = ["1.0.0", "1.1.3", "1.5.*"]
WITHIN = "FINSAM_READER_DUCKDB"


def of_version(version):
    """This reader again, with a DuckDB that was put beside the others of its Python."""
    place = Path(sys.prefix) / f"duckdb-{version.rstrip('.*')}"
    if not place.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(place), f"duckdb=={version}"]
        subprocess.run(pip, check=True)
    environment = {**os.environ, "PYTHONPATH": str(place), WITHIN: version}
    return subprocess.run([sys.executable, __file__, *sys.argv[1:]], env=environment, check=False).returncode


def tables_are_the_same(database, folder, tables, faults):
    for name, (columns, rows) in tables.items():
        order = f"from main.{name}"
        found = database.execute(f"select * {order}").fetchall()
        faults.same([column[0] for column in database.description], columns, f"{name}: columns")
        faults.same(len(found), len(rows), f"{name}: rows")
        for number, (got, expected) in enumerate(zip(found, rows)):
            faults.same(list(got), expected, f"{name} row {number}")
        parquet = database.execute(f"select * from read_parquet('{folder}/{name}.parquet')").fetchall()
        faults.check(parquet == found, f"{name}: as Parquet")
        words_stand_for_codes(database, name, columns, rows, faults)
        comments = "select count(comment) from duckdb_columns() where schema_name = 'main' and table_name = ?"
        faults.same(database.execute(comments, [name]).fetchone()[0], len(columns), f"{name}: columns explained")


def words_stand_for_codes(database, name, columns, rows, faults):
    found = database.execute(f"select * from titlar.{name}").fetchall()
    shown = [column[0] for column in database.description]
    faults.same(len(shown), len(columns), f"titlar.{name}: columns")
    known = {}
    for _, code, word in database.execute("select kodlista, kod, titel from kod").fetchall():
        known.setdefault(code, set()).add(word)
    coded = [place for place, column in enumerate(columns) if shown[place] != column]
    faults.check(columns.index("status_kod") in coded, f"titlar.{name}: status in words")

    def plain(rows):
        return sorted([str(value) for place, value in enumerate(row) if place not in coded] for row in rows)

    faults.check(plain(found) == plain(rows), f"titlar.{name}: numbers as in the table")
    for place in coded:
        words = {row[place] for row in found}
        allowed = set().union(*(known.get(row[place], {row[place]}) for row in rows))
        faults.check(words <= allowed, f"titlar.{name} {shown[place]}: {sorted(map(str, words - allowed))[:3]}")


def questions_have_answers(database, tables, faults):
    area = database.execute("select forbund_id from forbund_som_heter('') limit 1").fetchone()[0]
    years = [row[0] for row in database.execute("select distinct slut_ar from forsorjning_riket order by 1").fetchall()]
    asked = {
        "forbund_som_heter": "forbund_som_heter('')",
        "deltagare_serie": "deltagare_serie('riket')",
        "forsorjning_vid": f"forsorjning_vid('{area}', 'intag')",
        "jamfor_ar": f"jamfor_ar('riket', {years[0]}, {years[-1]})",
        "arbete_eller_studier": "arbete_eller_studier('riket')",
    }
    told = database.execute(
        "select function_name, comment from duckdb_functions() where function_type = 'table_macro' and not internal"
    ).fetchall()
    faults.same(sorted(name for name, _ in told), sorted(asked), "questions")
    for name, comment in told:
        faults.check(comment and comment.startswith(f"{name}("), f"{name}: says what it is")
        faults.check(database.execute(f"select count(*) from {asked[name]}").fetchone()[0] > 0, f"{name}: no answer")
    columns, rows = tables["forsorjning_riket"]
    at = {column: columns.index(column) for column in columns}
    wanted = [row for row in rows if row[at["varde_kod"]] == "ja" and row[at["matpunkt_kod"]] == "avslut"]
    found = database.execute("select deltaganden_antal from forsorjning_vid('riket', 'avslut')").fetchall()
    numbers = lambda values: sorted(values, key=lambda number: (number is None, number))  # noqa: E731
    faults.same(
        numbers(row[0] for row in found), numbers(row[at["deltaganden_antal"]] for row in wanted), "forsorjning_vid"
    )


def main():
    import duckdb

    from common import Faults, release

    folder, manifest, tables = release()
    faults = Faults(f"duckdb {duckdb.__version__}")
    database = duckdb.connect(str(folder / "finsam.duckdb"), read_only=True)
    tables_are_the_same(database, folder, tables, faults)
    questions_have_answers(database, tables, faults)
    lines = [row[0] for row in database.execute("select text from lasmig order by rad_nr").fetchall()]
    faults.same(lines, (folder / "LASMIG.md").read_text(encoding="utf-8").splitlines(), "lasmig")
    listed = database.execute("select tabell_namn, rader_antal from tabell order by 1").fetchall()
    faults.same(listed, sorted((table["name"], table["rows"]) for table in manifest["tables"]), "tabell")
    database.close()
    # Under another name, beside somebody's own database.
    other = duckdb.connect()
    other.execute(f"attach '{folder}/finsam.duckdb' as utgava (read_only)")
    other.execute("use utgava")
    faults.check(other.execute("select count(*) from deltagare_serie('riket')").fetchone()[0] > 0, "under another name")
    faults.check(other.execute("select count(*) from titlar.tackning_riket").fetchone()[0] > 0, "words, likewise")
    faults.end()


if __name__ == "__main__":
    if os.environ.get(WITHIN):
        main()
    else:
        sys.exit(max([of_version(version) for version in VERSIONS]))
