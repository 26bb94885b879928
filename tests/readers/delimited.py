"""pandas reads both CSV files of every table: each cell as Parquet has it."""

import pandas

from common import SYMBOLS, Faults, release


def decimals_of(file, rows, place):
    """How many decimals the first number of a column has in the plain file: all others must have as many."""
    texts = [found[place] for found, row in zip(file, rows) if isinstance(row[place], float)]
    return len(texts[0].partition(".")[2]) if texts else 0


def same_value(found, value, decimals):
    """Whether the plain file has a value: a number in digits, with the decimals of its column."""
    if not isinstance(value, float):
        return found == ("" if value is None else str(value))
    return found == f"{value:.{decimals}f}" and float(found) == value


def main():
    folder, _, tables = release()
    faults = Faults("csv")
    for name, (columns, rows) in tables.items():
        plain_path, swedish_path = folder / f"{name}.plain.csv", folder / f"{name}.csv"
        plain = pandas.read_csv(plain_path, dtype=str, keep_default_na=False, encoding="utf-8")
        faults.same(list(plain.columns), columns, f"{name}.plain.csv: header")
        faults.same(len(plain), len(rows), f"{name}.plain.csv: rows")
        decimals = [decimals_of(plain.values.tolist(), rows, place) for place in range(len(columns))]
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
