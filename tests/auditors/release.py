"""Compares what τ-ARGUS's auditor finds of a release's joint pattern with what finsam holds proven of it.

Usage: release.py FOLDER [MOST], as `finsam audit --release NAME --out FOLDER` wrote it; where MOST is given, only
what hangs together over at most so many cells, for the auditor's time grows with the square of them.

Of every withheld count the verdict must be the same, and the interval at least as wide as ours: a witness in whole
numbers shows what is possible, and no more. Where ours was solved for, both ends must be the same.
"""

import csv
import math
import sys
import time
from pathlib import Path

import systems

folder = Path(sys.argv[1])
began = time.monotonic()
system = systems.read(folder / "system.jj")
with open(folder / "tal.csv", encoding="utf-8", newline="") as file:
    counts = list(csv.DictReader(file))
withheld = len(counts)
most = int(sys.argv[2]) if len(sys.argv) > 2 else math.inf
found = systems.bounds(system, {int(count["nummer"]) for count in counts}, most)
counts = [count for count in counts if int(count["nummer"]) in found]
differences = []
for count in counts:
    number = int(count["nummer"])
    value = system.cells[number].value
    ours = int(count["minst"]), int(count["hogst"])
    theirs = systems.whole(*found[number])
    asked = int(count["ned"]), int(count["upp"]), int(count["bredd"])
    wide = systems.is_wide(value, found[number], *asked)
    what = None
    if wide != (count["sakert"] == "ja"):
        what = f"we say safe: {count['sakert']}, they find it {'safe' if wide else 'not safe'}"
    elif theirs[0] > ours[0] or theirs[1] < ours[1]:
        what = "their interval does not hold ours"
    elif count["bevis"] == "linjarprogram" and theirs != ours:
        what = "both solved, and the ends differ"
    if what:
        differences.append(f"{count['tabell']} {count['nyckel']} {count['matt']} ({count['orsak']}): {what}")
for line in differences[:20]:
    print(line)
earlier = sum(1 for count in counts if not count["tabell"])
print(
    f"{folder.name}: {len(system.cells)} cells and {len(system.relations)} relations of the file, {len(counts)} of"
    f" {withheld} withheld counts compared, {earlier} of them of earlier vintages alone; {len(differences)} differ;"
    f" {time.monotonic() - began:.0f} s"
)
sys.exit(1 if differences else 0)
