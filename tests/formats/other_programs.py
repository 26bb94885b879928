"""Writes the files of tests/formats/other with other programs than ours: openpyxl, pyarrow and Python's codecs.

Run by hand where a reader is to meet another file:
    pip install openpyxl pyarrow && python tests/formats/other_programs.py
Each file holds the rows of ROWS; tests/formats/other.rs reads them by the contract of other.yaml. people.sas7bdat is a file
that SAS wrote (cp1252, five rows), from the tests of the crate sas7bdat (MIT). plain, 32-bit and rle.sas7bdat were written by
ReadStat's writer (readstat.c); rdc() packs the rows of the last one as SAS does with COMPRESS=BINARY, which ReadStat and
pandas read as they read the others.
"""

import datetime, gzip, pathlib, struct, zipfile
import openpyxl, pyarrow as pa, pyarrow.parquet as pq

HERE = pathlib.Path(__file__).parent / "other"
HEADER = ["Namn", "Antal", "Belopp", "Dag"]
ROWS = [("Åsa Öberg", 1, 2.5, datetime.date(2019, 3, 1)), ("Müller–Ek", 20, 0.25, datetime.date(2020, 2, 29)),
        ("Ek", None, None, None)]


def text(delimiter=";", end="\r\n", mark=","):
    def cell(value):
        if isinstance(value, float):
            return str(value).replace(".", mark)
        return "" if value is None else str(value)
    lines = [HEADER] + [[cell(value) for value in row] for row in ROWS]
    return "".join(delimiter.join(line) + end for line in lines)


for name, codec in [("utf-8", "utf-8"), ("utf-8-bom", "utf-8-sig"), ("cp1252", "cp1252"), ("utf-16", "utf-16")]:
    (HERE / f"{name}.csv").write_bytes(text().encode(codec))
latin1 = text(end="\n").replace("–", "-")
(HERE / "iso-8859-1.csv").write_bytes(latin1.encode("iso-8859-1"))
(HERE / "cp850.csv").write_bytes(text().encode("cp1252").replace("ü".encode("cp1252"), "ü".encode("cp850")))
(HERE / "lone-cr.csv").write_bytes(text(end="\r").encode("utf-8"))
(HERE / "utf-8.csv.gz").write_bytes(gzip.compress(text().encode("utf-8"), mtime=0))
for name, method in [("deflated", zipfile.ZIP_DEFLATED), ("stored", zipfile.ZIP_STORED)]:
    with zipfile.ZipFile(HERE / f"{name}.csv.zip", "w", method) as archive:
        archive.writestr(zipfile.ZipInfo("uttag.csv"), text().encode("utf-8"), method)
with zipfile.ZipFile(HERE / "two.csv.zip", "w") as archive:
    archive.writestr(zipfile.ZipInfo("a.csv"), text()), archive.writestr(zipfile.ZipInfo("b.csv"), text())
(HERE / "bomb.csv.gz").write_bytes(gzip.compress(b"Namn;Antal;Belopp;Dag\n" + b"a;1;2,5;2019-03-01\n" * 4_000_000, 9, mtime=0))

book = openpyxl.Workbook()
sheet = book.active
sheet.title = "Blad1"
for row in [HEADER, *ROWS]:
    sheet.append(list(row))
book.save(HERE / "openpyxl.xlsx")

columns = list(zip(*ROWS))
table = pa.table({"Namn": pa.array(columns[0]), "Antal": pa.array(columns[1], pa.int16()),
                  "Belopp": pa.array(columns[2], pa.float64()), "Dag": pa.array(columns[3], pa.date32())})
for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
    pq.write_table(table, HERE / f"{codec}.parquet", compression=codec)
pq.write_table(table, HERE / "plain.parquet", use_dictionary=False, data_page_version="2.0", version="1.0")
moment = table.set_column(3, "Dag", table["Dag"].cast(pa.timestamp("ns")))
pq.write_table(moment, HERE / "int96.parquet", use_deprecated_int96_timestamps=True)
categories = table.set_column(0, "Namn", table["Namn"].dictionary_encode())
pq.write_table(categories, HERE / "dictionary.parquet")
nested = table.set_column(0, "Namn", pa.array([["a"], [], None]))
pq.write_table(nested, HERE / "nested.parquet")


def unpacked(data):
    """A row of COMPRESS=CHAR: run lengths."""
    out, at = bytearray(), 0
    while at < len(data):
        command, low = data[at] >> 4, data[at] & 15
        at += 1
        if command in (0, 4, 6, 7):  # The length goes on in the next byte.
            low, at = (low << 8) + data[at], at + 1
        if command in (0, 8, 9, 10, 11):
            count = low + {0: 64, 8: 1, 9: 17, 10: 33, 11: 49}[command]
            out += data[at:at + count]
            at += count
        elif command in (4, 12):
            out += data[at:at + 1] * (low + {4: 18, 12: 3}[command])
            at += 1
        else:
            byte, least = {6: (b" ", 17), 7: (b"\0", 17), 13: (b"@", 2), 14: (b" ", 2), 15: (b"\0", 2)}[command]
            out += byte * (low + least)
    return bytes(out)


def repacked(row):
    """The row in Ross Data Compression: bytes, runs of one byte, and what stood before; sixteen after their bits."""
    items, at = [], 0
    while at < len(row):
        run = 1
        while at + run < len(row) and row[at + run] == row[at] and run < 18:
            run += 1
        before = row.rfind(row[at:at + 3], 0, at) if at + 3 <= len(row) else -1
        if run >= 3:
            items.append((1, bytes([run - 3, row[at]])))
            at += run
        elif before >= 0:
            offset = at - before - 3
            items.append((1, bytes([3 << 4 | offset & 15, offset >> 4])))
            at += 3
        else:
            items.append((0, row[at:at + 1]))
            at += 1
    out = b""
    for group in (items[first:first + 16] for first in range(0, len(items), 16)):
        bits = sum(command << 15 - place for place, (command, _) in enumerate(group))
        out += struct.pack(">H", bits) + b"".join(data for _, data in group)
    return out


def rdc(file):
    held = bytearray(file.replace(b"SASYZCRL", b"SASYZCR2"))
    start, size = struct.unpack_from("<II", held, 200)
    for page in range(start, len(held), size):
        count, = struct.unpack_from("<H", held, page + 36)
        found = [(page + 40 + 24 * nr, *struct.unpack_from("<QQB", held, page + 40 + 24 * nr)) for nr in range(count)]
        lowest = min((at for _, at, length, _ in found if length), default=0)
        for pointer, at, length, packing in found:
            if length and packing == 4:
                row = repacked(unpacked(held[page + at:page + at + length]))
                lowest -= len(row)
                held[page + lowest:page + lowest + len(row)] = row
                struct.pack_into("<QQ", held, pointer, lowest, len(row))
    return bytes(held)


(HERE / "rdc.sas7bdat").write_bytes(rdc((HERE / "rle.sas7bdat").read_bytes()))
