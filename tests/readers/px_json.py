"""pyaxis reads PX and jsonstat-validator JSON-stat, in both languages: each cell and status as Parquet has it."""

import collections
import contextlib
import io
import itertools
import json
import math

import jsonstat_validator
from pyaxis import pyaxis

from common import PUBLISHED, REMARKS, SYMBOLS, Faults, release

MEASURES = "matt_kod"
# Not a number in the data frame of pyaxis, so that each symbol comes through as it stands.
AS_IT_STANDS = r"^nothing$"


def frame_of(path, language):
    """The data frame and the metadata of a PX file; pyaxis talks to stdout."""
    with contextlib.redirect_stdout(io.StringIO()):
        read = pyaxis.parse(
            str(path), encoding="utf-8", lang=language, null_values=AS_IT_STANDS, sd_values=AS_IT_STANDS
        )
    return read["DATA"], read["METADATA"]


def from_px(path, language):
    """Variables with their codes and titles, and the cells in order: a number, or a symbol."""
    frame, metadata = frame_of(path, language)
    variables = []
    for name in metadata["STUB"] + metadata["HEADING"]:
        code = metadata[f"VARIABLECODE({name})"][0]
        variables.append((code, metadata[f"CODES({name})"], metadata[f"VALUES({name})"]))
    # The frame has a row for each combination of titles: they stand for codes, in the order of the data.
    titles = list(itertools.product(*(values for _, _, values in variables)))
    rows = list(frame.itertuples(index=False, name=None))
    assert [row[:-1] for row in rows] == titles, f"{path.name}: the frame of pyaxis is in another order"
    return variables, [row[-1].strip('"') for row in rows], metadata


def from_json_stat(path, faults):
    """Variables, cells, and the code of each cell's remark."""
    dataset = json.loads(path.read_text(encoding="utf-8"))
    faults.check(jsonstat_validator.validate_jsonstat(dataset) is True, f"{path.name}: not JSON-stat 2.0")
    variables = []
    for code in dataset["id"]:
        category = dataset["dimension"][code]["category"]
        codes = sorted(category["index"], key=category["index"].get)
        variables.append((code, codes, [category["label"][one] for one in codes]))
    cells, remarks = [], []
    for place, value in enumerate(dataset["value"]):
        symbol = dataset["status"].get(str(place))
        known = REMARKS if value is not None else SYMBOLS
        faults.check(symbol in known or (value is not None and symbol is None), f"{path.name} {place}: {symbol}")
        cells.append(symbol if value is None else str(value))
        remarks.append(REMARKS.get(symbol, "ingen"))
    roles = dataset["role"]
    faults.same(roles["metric"], [MEASURES], f"{path.name}: the measures")
    faults.same(len(roles["time"]), 1, f"{path.name}: variables of time")
    return variables, cells, remarks


def code_of(row, variable):
    """The code of a row: of time in quarters, year and quarter."""
    if variable.endswith("_kvartal"):
        return f"{row[variable.removesuffix('_kvartal')]}{row['kvartal_kod']}"
    return str(row[variable])


def compare(where, variables, cells, columns, rows, faults, remarks=None):
    """Each cell of the rows as the rows have it, and no other cell anything but `.`."""
    faults.same(len(cells), math.prod(len(codes) for _, codes, _ in variables), f"{where}: cells")
    places = [{code: place for place, code in enumerate(codes)} for _, codes, _ in variables]
    names = [name for name, _, _ in variables]
    measures = variables[names.index(MEASURES)][1]
    # The status of a row is that of its count; a share may be missing beside a count that is shown.
    counted = "deltaganden_antal" if "deltaganden_antal" in measures else measures[0]
    keys = [name for name in columns if name in names or name == "kvartal_kod"]
    known = keys + measures + ["status_kod", "markering_kod"] + [name.removesuffix("_kvartal") for name in names]
    rest = [name for name in columns if name not in known]
    faults.check(all(name.endswith("_namn") for name in rest), f"{where}: lacks {rest}")
    left = set(range(len(cells)))
    for values in rows:
        row = dict(zip(columns, values))
        for measure in measures:
            place = 0
            for (variable, codes, titles), of in zip(variables, places):
                code = measure if variable == MEASURES else code_of(row, variable)
                place = place * len(codes) + of[code]
                name = row.get(variable.removesuffix("_id").removesuffix("_kod") + "_namn")
                if name is not None:
                    faults.check(titles[of[code]].startswith(name), f"{where}: {titles[of[code]]!r} of {name!r}")
            found, expected = cells[place], row[measure]
            at = f"{where} {[row[key] for key in keys]} {measure}"
            if expected is None:
                faults.check(found in SYMBOLS, f"{at}: {found!r} where nothing is shown")
            else:
                faults.check(found not in SYMBOLS and float(found) == expected, f"{at}: {found}, not {expected}")
                if remarks:
                    faults.same(remarks[place], row.get("markering_kod", "ingen"), f"{at}: the remark")
            if measure == counted:
                faults.same(SYMBOLS.get(found, "publicerad"), row["status_kod"], at)
            left.discard(place)
    faults.check(all(cells[place] == "." for place in left), f"{where}: a cell that is no row's")


def remarked(columns, rows):
    """How many rows have another remark than every number that has none of its own."""
    if "markering_kod" not in columns:
        return 0
    at, status = columns.index("markering_kod"), columns.index("status_kod")
    times = collections.Counter(row[at] for row in rows if row[status] == PUBLISHED)
    common = 0 if "ingen" in times or not times else max(times.values())
    return sum(times.values()) - times["ingen"] - common


def main():
    folder, _, tables = release()
    faults = Faults("px and json-stat")
    for name, (columns, rows) in tables.items():
        files = [folder / f"{name}.{suffix}" for suffix in ("px", "json", "en.json")]
        faults.same([file.exists() for file in files], [bool(rows)] * 3, f"{name}: files beside {len(rows)} rows")
        if not rows:
            continue
        for language in ("sv", "en"):
            variables, cells, metadata = from_px(files[0], language)
            where = f"{name}.px {language}"
            compare(where, variables, cells, columns, rows, faults)
            words = " ".join(metadata["NOTEX"])
            shown = {cell for cell in cells if cell in SYMBOLS}
            faults.check(all(f"#{symbol} " in words for symbol in shown), f"{where}: a symbol is not explained")
            json_variables, json_cells, remarks = from_json_stat(files[1 if language == "sv" else 2], faults)
            compare(f"{name}.json {language}", json_variables, json_cells, columns, rows, faults, remarks)
            noted = sum(key.startswith("CELLNOTEX(") for key in metadata)
            faults.same(noted, remarked(columns, rows), f"{where}: rows with a remark of their own")
            faults.same(json_variables, variables, f"{name} {language}: variables of JSON-stat and of PX")
    faults.end()


main()
