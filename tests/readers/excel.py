"""openpyxl reads both workbooks: every cell as Parquet has it, and the checklist of spreadsheets that all can read."""

import re

import openpyxl

from common import PUBLISHED, SYMBOLS, Faults, release

WORDS_BEFORE = ["Försättsblad", "Innehåll", "Noter"]


def table_of(sheet, faults, where):
    """The rows of the one table of a sheet, header first, and the row that its header stands on."""
    faults.same(len(sheet.tables), 1, f"{where}: tables on the sheet")
    table = next(iter(sheet.tables.values()))
    faults.check(not re.fullmatch(r"(Table|Tabell)\d*", table.displayName), f"{where}: the table has no name of its own")
    faults.check(table.headerRowCount != 0 and not table.totalsRowCount, f"{where}: one header row, and no totals")
    rows = [[cell.value for cell in row] for row in sheet[table.ref]]
    faults.same(len(set(rows[0])), len(rows[0]), f"{where}: headers that differ")
    faults.check(all(isinstance(header, str) and header for header in rows[0]), f"{where}: a header is empty")
    below = sheet[table.ref][-1][0].row
    faults.same(sheet.max_row, below, f"{where}: last row, nothing below the table")
    return rows, sheet[table.ref][0][0].row


def checklist(path, faults):
    """No style that carries meaning, nothing merged or hidden, a title, a language, links that lead somewhere."""
    book = openpyxl.load_workbook(path)
    faults.check(book.properties.title, f"{path.name}: no title")
    faults.same(book.properties.language, "sv-SE", f"{path.name}: language")
    faults.same(book.active.title, book.sheetnames[0], f"{path.name}: the sheet that is shown first")
    # Of cells one by one this takes minutes: every workbook has these two, and no more says that no cell is filled.
    faults.same([fill.fill_type for fill in book._fills], [None, "gray125"], f"{path.name}: fills")
    names = set()
    for sheet in book.worksheets:
        where = f"{path.name} {sheet.title}"
        faults.check(len(sheet.title) <= 31, f"{where}: long name")
        faults.check(isinstance(sheet["A1"].value, str), f"{where}: no title in A1")
        faults.same(sheet.sheet_state, "visible", f"{where}: state")
        faults.check(not sheet.merged_cells.ranges, f"{where}: merged cells")
        faults.check(not sheet._images and not sheet._charts, f"{where}: images")
        for part in (sheet.oddHeader, sheet.oddFooter, sheet.evenHeader, sheet.evenFooter):
            faults.check(not (part.left.text or part.center.text or part.right.text), f"{where}: header or footer")
        hidden = [name for name, one in [*sheet.row_dimensions.items(), *sheet.column_dimensions.items()] if one.hidden]
        faults.check(not hidden, f"{where}: hidden {hidden}")
        if sheet.title != "Försättsblad":
            table_of(sheet, faults, where)
            names.update(sheet.tables)
            faults.check(sheet.freeze_panes is not None, f"{where}: the header scrolls away")
        selection = sheet.sheet_view.selection
        faults.check(all((one.activeCell or "A1") == "A1" for one in selection), f"{where}: cursor not in A1")
        for row in sheet.iter_rows():
            for cell in row:
                faults.check(cell.data_type != "f", f"{where} {cell.coordinate}: a formula")
                if cell.hyperlink:
                    to = re.fullmatch(r"'([^']+)'!A1", cell.hyperlink.location or "")
                    faults.check(to and to[1] in book.sheetnames, f"{where} {cell.coordinate}: leads nowhere")
    tabled = len(book.sheetnames) - ("Försättsblad" in book.sheetnames)
    faults.same(len(names), tabled, f"{path.name}: names of tables that differ")
    return book


def words(data, names):
    """Column → word → code, by the workbook that has both beside each other."""
    found = {}
    for name in names:
        header, *rows = data[name]
        for place, column in enumerate(header):
            if column.endswith("_kod") and column.removesuffix("_kod") in header:
                word = header.index(column.removesuffix("_kod"))
                found.setdefault((name, column), {}).update((row[word], row[place]) for row in rows)
    return found


def main():
    folder, manifest, tables = release()
    faults = Faults("excel")
    presentation = checklist(folder / "finsam.xlsx", faults)
    book = checklist(folder / "finsam_data.xlsx", faults)
    faults.same(presentation.sheetnames, WORDS_BEFORE + [t["name"] for t in manifest["tables"]], "finsam.xlsx: sheets")
    faults.same(book.sheetnames, ["Innehåll"] + [t["name"] for t in manifest["tables"]], "finsam_data.xlsx: sheets")
    data = {}
    for name, (columns, rows) in tables.items():
        where = f"finsam_data.xlsx {name}"
        data[name], header_row = table_of(book[name], faults, where)
        faults.same(header_row, 4, f"{where}: header row")
        header, *found = data[name]
        faults.same(len(found), len(rows), f"{where}: rows")
        for number, (got, expected) in enumerate(zip(found, rows)):
            by_name = dict(zip(header, got))
            faults.same([by_name[column] for column in columns], expected, f"{where} row {number}")
            for column in columns:
                status = by_name.get(f"{column}_status_kod")
                if status is not None:
                    faults.same(status == PUBLISHED, by_name[column] is not None, f"{where} row {number} {column}")
    to_code = words(data, tables)
    notes, _ = table_of(presentation["Noter"], faults, "finsam.xlsx Noter")
    explained = {row[0] for row in notes[1:]}
    for name, (columns, rows) in tables.items():
        where = f"finsam.xlsx {name}"
        (header, *found), _ = table_of(presentation[name], faults, where)
        for mark in re.findall(r"\[not \d+\]", " ".join(header)):
            faults.check(mark in explained, f"{where}: {mark} is not explained")
        faults.same(len(found), len(rows), f"{where}: rows")
        statuses = data[name][0], data[name][1:]
        for number, (got, expected, beside) in enumerate(zip(found, rows, statuses[1])):
            beside = dict(zip(statuses[0], beside))
            for column, value, right in zip(columns, got, expected):
                at = f"{where} row {number} {column}"
                if (name, column) in to_code:
                    faults.same(to_code[name, column].get(value), right, at)
                elif right is None:
                    status = beside.get(f"{column}_status_kod", beside["status_kod"])
                    faults.same(SYMBOLS.get(value), status, at)
                else:
                    faults.same(value, right, at)
                    faults.same(isinstance(value, str), isinstance(right, str), f"{at}: a number is a number")
    faults.end()


main()
