"""Linear systems as JJ files, and τ-ARGUS's auditor asked of them.

What is published is put in as numbers here, and what does not hang together any more is asked for by itself: an
auditor's program takes minutes for what its parts take seconds. Nothing here is of finsam.
"""

import math
import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

from pytauargus._tauargus import audit_jj

TOLERANCE = 1e-4


@dataclass
class Cell:
    value: int
    status: str
    least: int
    greatest: int
    down: int
    up: int
    width: int

    @property
    def is_withheld(self):
        return self.status in "um"


@dataclass
class System:
    cells: list
    relations: list  # (constant, {cell: factor})


def number(text):
    """Whole numbers, which some programs write with decimals."""
    return int(float(text))


def read(path):
    with open(path, encoding="utf-8") as file:
        lines = iter(file.read().splitlines())
    next(lines)
    cells = []
    for _ in range(int(next(lines))):
        _, value, _, status, *rest = next(lines).split()
        cells.append(Cell(number(value), status, *map(number, rest)))
    relations = []
    for _ in range(int(next(lines))):
        head, tail = next(lines).split(":")
        words = tail.replace("(", " ").replace(")", " ").split()
        relations.append((number(head.split()[0]), {int(c): number(f) for c, f in zip(words[::2], words[1::2])}))
    return System(cells, relations)


def write(system, path):
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"0\n{len(system.cells)}\n")
        for number, cell in enumerate(system.cells):
            levels = f"{cell.down} {cell.up} {cell.width}"
            file.write(f"{number} {cell.value} 1 {cell.status} {cell.least} {cell.greatest} {levels}\n")
        file.write(f"{len(system.relations)}\n")
        for constant, terms in system.relations:
            written = " ".join(f"{cell} ({factor})" for cell, factor in terms.items())
            file.write(f"{constant} {len(terms)} : {written}\n")


def check_additive(system):
    """τ-ARGUS takes a system that does not add up without complaint."""
    for constant, terms in system.relations:
        total = sum(factor * system.cells[cell].value for cell, factor in terms.items())
        if total != constant:
            raise SystemExit("a relation of the system does not hold of its own values")


def parts(system):
    """The withheld cells that hang together when what is published is known: (their numbers, the system of them)."""
    check_additive(system)
    cells, relations = [replace(cell) for cell in system.cells], []
    for constant, terms in system.relations:
        left = {cell: factor for cell, factor in terms.items() if cells[cell].is_withheld}
        constant -= sum(factor * cells[cell].value for cell, factor in terms.items() if cell not in left)
        if left:
            relations.append((constant, left))
    root = list(range(len(cells)))

    def find(cell):
        while root[cell] != cell:
            root[cell] = root[root[cell]]
            cell = root[cell]
        return cell

    for _, terms in relations:
        first, *others = terms
        for other in others:
            root[find(other)] = find(first)
    members, held = {}, {}
    for number, cell in enumerate(cells):
        if cell.is_withheld:
            members.setdefault(find(number), []).append(number)
    for constant, terms in relations:
        held.setdefault(find(next(iter(terms))), []).append((constant, terms))
    for one, numbers in members.items():
        new = {old: at for at, old in enumerate(numbers)}
        within = [(constant, {new[c]: f for c, f in terms.items()}) for constant, terms in held.get(one, [])]
        yield numbers, System([cells[number] for number in numbers], within)


def bounds_of_part(part):
    numbers, system = part
    if not system.relations:
        return [(number, cell.least, cell.greatest) for number, cell in zip(numbers, system.cells)]
    handle, path = tempfile.mkstemp(suffix=".jj")
    os.close(handle)
    write(system, path)
    rows = audit_jj(path)
    os.unlink(path)
    return [(numbers[row["cell"]], row["min"], row["max"]) for row in rows]


def bounds(system, asked, most=math.inf):
    """Asked cell → the auditor's least and greatest value of it; not of parts of more cells than `most`."""
    wanted = [part for part in parts(system) if len(part[0]) <= most and not asked.isdisjoint(part[0])]
    largest_first = sorted(wanted, key=lambda part: -len(part[0]))
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        found = pool.map(bounds_of_part, largest_first)
        return {cell: (low, high) for rows in found for cell, low, high in rows if cell in asked}


def whole(low, high):
    """Bounds of a count: the whole numbers within."""
    return math.ceil(low - TOLERANCE), math.floor(high + TOLERANCE)


def is_wide(value, bounds_, down, up, width):
    low, high = whole(*bounds_)
    return low <= value - down and high >= value + up and high - low >= width
