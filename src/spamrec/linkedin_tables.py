"""The tables of a LinkedIn data export, in the zip or in an unpacked folder, read without trusting either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

from spamrec.errors import ForeignInputError

if TYPE_CHECKING:
    from zipfile import ZipFile

MAX_FILE_BYTES = 128 * 1024 * 1024
"""Largest table that is read, unpacked; a zip can claim a few kilobytes and unpack to anything."""

MAX_ZIP_ENTRIES = 10_000
"""Most entries an export may list; real ones have fewer than a hundred."""

MAX_ROWS = 1_000_000
"""Most rows read from one table; LinkedIn allows 30,000 connections."""

MAX_FIELD_CHARS = 1024 * 1024
"""Longest field of a table; longer ones mean a damaged file."""

MAX_PREAMBLE_LINES = 20
"""Lines before a table's heading, such as the notes above Connections.csv."""

REMEDY = "ask LinkedIn for a new copy of your data and give the zip as it was sent"

Row = Mapping[str, str]
"""One row of a table by lower-case column name."""


class ExportError(ForeignInputError):
    """A LinkedIn export that is damaged, foreign or too large; its text ends with the remedy."""

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(path, f"{reason}; {REMEDY}")


# --- where the tables lie ----------------------------------------------------------------------------------


class FolderSource:
    """Tables in an unpacked export, which may lie one folder below."""

    def __init__(self, path: Path) -> None:
        self.path = path
        found = sorted(path.glob("*.csv")) + sorted(path.glob("*/*.csv"))[:MAX_ZIP_ENTRIES]
        self.files = {_key(file.relative_to(path).as_posix()): file for file in reversed(found) if file.is_file()}

    def open(self, key: str) -> IO[bytes]:
        file = self.files[key]
        if file.stat().st_size > MAX_FILE_BYTES:
            raise ExportError(file, f"larger than {MAX_FILE_BYTES} bytes")
        return file.open("rb")


class ZipSource:
    """Tables in the zip as LinkedIn sends it; read where they lie, nothing is written to disk."""

    def __init__(self, path: Path, opened: ZipFile) -> None:
        self.path = path
        self.opened = opened
        entries = opened.infolist()
        if len(entries) > MAX_ZIP_ENTRIES:
            raise ExportError(path, f"lists more than {MAX_ZIP_ENTRIES} files")
        # a name may be empty, of which `is_dir` would look at the last letter
        self.files = {
            _key(entry.filename): entry for entry in reversed(entries) if entry.filename and not entry.is_dir()
        }

    def open(self, key: str) -> IO[bytes]:
        entry = self.files[key]
        if entry.file_size > MAX_FILE_BYTES:
            raise ExportError(self.path, f"{entry.filename} unpacks to more than {MAX_FILE_BYTES} bytes")
        return self.opened.open(entry)


Source = FolderSource | ZipSource


def _key(name: str) -> str:
    """File name in lower case without its folders, which differ between exports; names are never used as paths."""
    return name.replace("\\", "/").rpartition("/")[2].lower().replace("_", " ")


# --- rows --------------------------------------------------------------------------------------------------


def rows(source: Source, name: str, *headings: str) -> Iterator[Row]:
    """Rows of a table whose heading holds these columns; none where the export lacks the table.

    Above the heading there may be notes; fields may span lines; short rows end in empty fields.
    """
    import csv
    from io import TextIOWrapper

    if name not in source.files:
        return
    csv.field_size_limit(MAX_FIELD_CHARS)  # the module's default of 128 KiB is less than some messages
    with source.open(name) as raw, TextIOWrapper(raw, "utf-8-sig", "replace", newline="") as lines:
        reader = csv.reader(line.replace("\0", "") for line in lines)
        columns: list[str] = []
        try:
            for number, fields in enumerate(reader):
                if columns and fields:
                    padded = fields + [""] * (len(columns) - len(fields))
                    yield dict(zip(columns, (field.strip() for field in padded), strict=False))
                elif fields and not columns and {field.strip().lower() for field in fields} >= set(headings):
                    columns = [field.strip().lower() for field in fields]
                elif not columns and number >= MAX_PREAMBLE_LINES:
                    break
                if number >= MAX_ROWS:
                    raise ExportError(source.path, f"{name} has more than {MAX_ROWS} rows")
        except csv.Error as error:
            raise ExportError(source.path, f"{name} is damaged ({error})") from error
        if not columns and reader.line_num:
            raise ExportError(source.path, f"{name} has no column named {' or '.join(headings)}")
