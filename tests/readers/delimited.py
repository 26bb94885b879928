"""pandas reads both CSV files of every table: each cell as Parquet has it."""

import pandas

from common import SYMBOLS, Faults, release


def decimals_of(rows, place):
    """How many decimals the numbers of a column are published with: as few as tell them all apart from none."""
    texts = [str(row[place]) for row in rows if isinstance(row[place], float)]
    return max((len(text.partition(".")[2]) for text in texts if not text.endswith(".0")), default=0)


def same_value(found, value, decimals):
    """Whether the plain file has a value: a number with the decimals of its column, or one more that is 0."""
    if not isinstance(value, float):
        return found == ("" if value is None else str(value))
    return found.replace("-", "", 1).replace(".", "", 1).isdigit() and float(found) == value and (
        len(found.partition(".")[2]) in range(decimals, 3)
    )


def main():
    folder, _, tables = release()
    faults = Faults("csv")
    for name, (columns, rows) in tables.items():
        plain_path, swedish_path = folder / f"{name}.plain.csv", folder / f"{name}.csv"
        decimals = [decimals_of(rows, place) for place in range(len(columns))]
        plain = pandas.read_csv(plain_path, dtype=str, keep_default_na=False, encoding="utf-8")
        faults.same(list(plain.columns), columns, f"{name}.plain.csv: header")
        faults.same(len(plain), len(rows), f"{name}.plain.csv: rows")
        for number, (found, expected) in enumerate(zip(plain.values.tolist(), rows)):
            as_it_is = all(map(same_value, found, expected, decimals))
            faults.check(as_it_is, f"{name}.plain.csv row {number}: {found}, not {expected}")
        faults.check(swedish_path.read_bytes().startswith(b"\xef\xbb\xbf"), f"{name}.csv: no byte-order mark")
        options = {"sep": ";", "decimal": ",", "encoding": "utf-8-sig", "keep_default_na": False}
        swedish = pandas.read_csv(swedish_path, dtype=str, **options)
        faults.same(len(swedish.columns), len(columns), f"{name}.csv: columns")
        faults.same(len(swedish), len(rows), f"{name}.csv: rows")
        to_code = {}
        for number, (found, expected) in enumerate(zip(swedish.values.tolist(), rows)):
            for column, value, right, places in zip(columns, found, expected, decimals):
                at = f"{name}.csv row {number} {column}"
                if right is None:
                    faults.check(value in SYMBOLS, f"{at}: {value!r} is no symbol")
                elif column.endswith("_kod"):
                    faults.same(to_code.setdefault((column, value), right), right, f"{at}: one word, one code")
                else:
                    plainly = value.replace(",", ".") if isinstance(right, float) and "." not in value else value
                    faults.check(same_value(plainly, right, places), f"{at}: {value}, not {right}")
            row, status = dict(zip(columns, expected)), dict(zip(columns, found))
            if row["status_kod"] in SYMBOLS.values():
                counted = "deltaganden_antal" if "deltaganden_antal" in status else "belopp_kronor"
                faults.same(SYMBOLS.get(status[counted]), row["status_kod"], f"{name}.csv row {number}")
        # As a statistician does: the decimals of Swedish Excel become numbers by the options alone.
        typed = pandas.read_csv(swedish_path, na_values=list(SYMBOLS), **{**options, "keep_default_na": True})
        for place, column in enumerate(columns):
            numbers = [row[place] for row in rows if row[place] is not None]
            if numbers and all(isinstance(number, float) for number in numbers):
                found = typed.iloc[:, place].dropna().tolist()
                faults.same(found, numbers, f"{name}.csv {column}: as numbers")
    faults.end()


main()
