"""Writes one of the two tables that τ-ARGUS was timed on as a JJ file: `cube.py 2 OUT` län, kommun × källa (2 745
cells), `cube.py 3 OUT` with mätpunkt (13 536 cells). Counts are drawn as the published trials drew them; protection
levels are theirs too (a cell may not be known exactly), or with LEVEL=5 ours: from one person to the threshold.
"""
import itertools
import os
import random
import sys

THRESHOLD = 5


def leaves(measures):
    """Kommuner by län, and a count for each crossing. Of the smaller table the published trial tells the number of
    kommuner (283) and of small counts (651), not the draw: this one has both."""
    seed, least, mean, spread, sexes = (11, 5, 1.5, 1.2, 2) if measures == 3 else (186, 2, 2.0, 1.5, 1)
    random.seed(seed)
    kommuner = {f"L{number:02}": random.randint(least, 25) for number in range(21)}
    matpunkter = ["intag", "avslut", "sex"] if measures == 3 else ["intag"]
    counts = {}
    for lan, antal in kommuner.items():
        for kommun in range(antal):
            for kalla in range(8):
                for matpunkt in matpunkter:
                    # Women and men are drawn apart and added.
                    drawn = sum(int(random.lognormvariate(mean, spread)) for _ in range(sexes))
                    counts[(lan, kommun), kalla, matpunkt] = drawn
    return counts


def table(counts, with_points):
    """Every cell with its totals, and every sum: a whole and its parts."""
    cells = {}
    for (place, kalla, matpunkt), count in counts.items():
        places = [place, (place[0], None), (None, None)]
        points = [matpunkt, None] if with_points else [None]
        for key in itertools.product(places, [kalla, None], points):
            cells[key] = cells.get(key, 0) + count
    parts = {}
    for place, kalla, matpunkt in cells:
        if place[1] is not None:
            parts.setdefault(((place[0], None), kalla, matpunkt, "kommun"), []).append((place, kalla, matpunkt))
        elif place[0] is not None:
            parts.setdefault(((None, None), kalla, matpunkt, "lan"), []).append((place, kalla, matpunkt))
        if kalla is not None:
            parts.setdefault((place, None, matpunkt, "kalla"), []).append((place, kalla, matpunkt))
        if with_points and matpunkt is not None:
            parts.setdefault((place, kalla, None, "matpunkt"), []).append((place, kalla, matpunkt))
    return cells, parts


def main():
    measures, out = int(sys.argv[1]), sys.argv[2]
    level = int(os.environ.get("LEVEL", "1"))
    cells, parts = table(leaves(measures), measures == 3)
    number = {key: index for index, key in enumerate(cells)}
    most = 2 * max(cells.values()) + 1000
    with open(out, "w", encoding="utf-8") as file:
        print(0, len(cells), sep="\n", file=file)
        for key, value in cells.items():
            few = 0 < value < THRESHOLD
            down, up, spread = (1, 1, 0) if level == 1 else (value - 1, THRESHOLD - value, THRESHOLD - 1)
            status = "u" if few else "s"
            levels = f"{down} {up} {spread}" if few else f"0 0 {0 if level == 1 else THRESHOLD - 1}"
            print(number[key], value, max(value, 1), status, 0, most, levels, file=file)
        print(len(parts), file=file)
        for (place, kalla, matpunkt, _), members in parts.items():
            terms = [f"{number[place, kalla, matpunkt]} (-1)"] + [f"{number[member]} (1)" for member in members]
            print(f"0 {len(terms)} : {' '.join(terms)}", file=file)


main()
