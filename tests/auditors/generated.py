"""Generated linked systems, audited and protected by finsam, and audited by τ-ARGUS's auditor.

Usage: generated.py FINSAM WORK_FOLDER. Each system is a table of areas × codes × sexes whose areas are summed twice,
by län and by förbund, which do not nest; some have an earlier edition of the same table beside them. Of a pattern drawn
by chance both must find the same interval of every withheld cell; of one that finsam chose, the other auditor must find
nothing unsafe.
"""

import json
import random
import subprocess
import sys
from pathlib import Path

import systems
from systems import Cell, System

THRESHOLD = 5
SYSTEMS = 60
MOST = 100_000


def table(dice, areas, codes):
    """Leaves and the groups that are summed: (values, relations)."""
    sizes = {}
    lan = [dice.randrange(max(2, areas // 3)) for _ in range(areas)]
    forbund = [dice.randrange(max(2, areas // 4)) for _ in range(areas)]
    for area in range(areas):
        for code in range(codes):
            for sex in "KM":
                sizes[f"a{area}", code, sex] = int(dice.lognormvariate(1.5, 1.2))
    regions = {f"l{one}": [f"a{a}" for a in range(areas) if lan[a] == one] for one in set(lan)}
    regions |= {f"f{one}": [f"a{a}" for a in range(areas) if forbund[a] == one] for one in set(forbund)}
    regions = {name: parts for name, parts in regions.items() if len(parts) > 1}
    regions["riket"] = [f"a{area}" for area in range(areas)]
    sums = []
    for region, parts in regions.items():
        for code in range(codes):
            for sex in "KM":
                sizes[region, code, sex] = sum(sizes[part, code, sex] for part in parts)
                sums.append(((region, code, sex), [(part, code, sex) for part in parts]))
    places = [f"a{area}" for area in range(areas)] + list(regions)
    for place in places:
        for sex in "KM":
            sizes[place, "alla", sex] = sum(sizes[place, code, sex] for code in range(codes))
            sums.append(((place, "alla", sex), [(place, code, sex) for code in range(codes)]))
        for code in [*range(codes), "alla"]:
            sizes[place, code, "T"] = sizes[place, code, "K"] + sizes[place, code, "M"]
            sums.append(((place, code, "T"), [(place, code, sex) for sex in "KM"]))
    return sizes, sums


def system_of(dice):
    sizes, sums = table(dice, dice.randrange(3, 9), dice.randrange(2, 4))
    number = {name: at for at, name in enumerate(sizes)}
    values = list(sizes.values())
    relations = [(0, {number[whole]: -1} | {number[part]: 1 for part in parts}) for whole, parts in sums]
    if dice.random() < 0.3:  # an edition in which some leaves were others, and the sums with them
        earlier = dict(sizes)
        for name in dice.sample([n for n in sizes if n[0].startswith("a") and n[1] != "alla" and n[2] != "T"], 3):
            earlier[name] += dice.randrange(5, 9)
        for whole, parts in sums:
            earlier[whole] = sum(earlier[part] for part in parts)
        then = {name: number[name] if earlier[name] == sizes[name] else None for name in sizes}
        for name in [name for name, at in then.items() if at is None]:
            then[name] = len(values)
            values.append(earlier[name])
        relations += [(0, {then[whole]: -1} | {then[part]: 1 for part in parts}) for whole, parts in sums]
    cells = []
    for value in values:
        few = 0 < value < THRESHOLD
        status = "u" if few else "z" if value == 0 else "s"
        levels = (value - 1, THRESHOLD - value, THRESHOLD - 1) if few else (0, 0, THRESHOLD - 1)
        cells.append(Cell(value, status, 0, MOST, *levels))
    return System(cells, relations)


def audited(finsam, path, *flags):
    done = subprocess.run([finsam, "audit", path, "--json", *flags], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 13):
        raise SystemExit(done.stderr)
    return {one["cell"]: one for one in json.loads(done.stdout)["intervals"]}


def compare(name, system, ours, is_exact):
    """The number of withheld cells, and of those of which the two auditors say otherwise."""
    theirs = systems.bounds(system, {number for number, cell in enumerate(system.cells) if cell.is_withheld})
    differ = 0
    for number, bounds in theirs.items():
        cell, mine = system.cells[number], ours[number]
        wide = systems.is_wide(cell.value, bounds, cell.down, cell.up, cell.width)
        ends = systems.whole(*bounds)
        # Ours has no upper end of its own.
        ends = ends[0], mine["high"] if ends[1] >= MOST and mine["high"] >= MOST else ends[1]
        same = (mine["low"], mine["high"]) == ends if is_exact else ends[0] <= mine["low"] and ends[1] >= mine["high"]
        if wide != mine["safe"] or not same:
            differ += 1
            print(f"{name} cell {number}: {mine['low']}..{mine['high']} safe {mine['safe']}, theirs {ends} {wide}")
    return len(theirs), differ


def main(finsam, work):
    drawn = chosen = differ = unsafe = 0
    for seed in range(SYSTEMS):
        dice = random.Random(seed)
        system = system_of(dice)
        path = work / f"system{seed}.jj"
        share = dice.choice([0.15, 0.4, 0.7])
        for cell in system.cells:
            if cell.status == "s" and dice.random() < share:
                cell.status = "m"
        systems.write(system, path)
        ours = audited(finsam, path, "--exact")
        unsafe += sum(not one["safe"] for one in ours.values())
        count, wrong = compare(f"drawn {seed}", system, ours, is_exact=True)
        drawn, differ = drawn + count, differ + wrong
        out = work / f"chosen{seed}.jj"
        ours = audited(finsam, path, "--protect", out)
        count, wrong = compare(f"chosen {seed}", systems.read(out), ours, is_exact=False)
        chosen, differ = chosen + count, differ + wrong + sum(not one["safe"] for one in ours.values())
    print(
        f"{SYSTEMS} generated systems: {drawn} cells withheld by chance, {unsafe} of them not safe by both;"
        f" {chosen} withheld by finsam; {differ} differ"
    )
    # A comparison in which nothing is unsafe would show nothing.
    return 1 if differ or not unsafe else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
