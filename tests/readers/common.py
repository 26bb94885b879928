"""What the readers share: the tables of a release as Parquet has them, and how a difference is told."""

import json
import sys
from pathlib import Path

import pyarrow.parquet as parquet

PUBLISHED = "publicerad"
REMARKS = {"p": "preliminar", "r": "reviderad", "k": "kvarhallen", "b": "brusad", "a": "avrundad"}
SYMBOLS = {".": "kan_ej_forekomma", "..": "sekretess", "...": "ej_mogen", "....": "leverans_saknas"}


def release():
    """The folder that was named, and its tables by name: column names, and rows of plain values."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} RELEASE_FOLDER")
    folder = Path(sys.argv[1])
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    tables = {}
    for table in manifest["tables"]:
        read = parquet.read_table(folder / f"{table['name']}.parquet")
        rows = [list(row.values()) for row in read.to_pylist()]
        assert len(rows) == table["rows"], f"{table['name']}: {len(rows)} rows, the manifest has {table['rows']}"
        tables[table["name"]] = (read.schema.names, rows)
    assert tables, "the release has no table"
    return folder, manifest, tables


class Faults:
    def __init__(self, reader):
        self.reader, self.faults, self.compared = reader, [], 0

    def check(self, holds, said):
        self.compared += 1
        if not holds:
            self.faults.append(said)

    def same(self, found, expected, where):
        self.check(found == expected, f"{where}: {found!r}, not {expected!r}")

    def end(self):
        for fault in self.faults[:20]:
            print(f"{self.reader}: {fault}", file=sys.stderr)
        print(f"{self.reader}: {self.compared} comparisons, {len(self.faults)} faults")
        sys.exit(1 if self.faults else 0)


if __name__ == "__main__":
    # Not a reader: the runner may start it, and there is nothing to say.
    sys.exit(0)
