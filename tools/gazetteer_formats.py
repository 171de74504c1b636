"""Time the formats considered for places.bin: fresh interpreter, open, 200 names of which half are unknown.

    python tools/gazetteer_formats.py

Written down in src/spamrec/gazetteer.py; run again when the data grows.
"""

from __future__ import annotations

import json
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from spamrec.gazetteer import DATA_FILE, HEADER, MAGIC, Entry, Gazetteer

RUNS = 9
NAMES = 100

READERS = {
    "hash": """
names = Gazetteer(path)
for key in keys: names.entry(key)
""",
    "sqlite": """
import sqlite3
connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
for key in keys: connection.execute("SELECT flags, longest, ids FROM name WHERE key = ?", (key,)).fetchone()
""",
    "sorted": """
import mmap
file = path.open("rb"); data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
def line(key):
    low, high = 0, len(data)
    while low < high:
        start = data.rfind(b"\\n", 0, (low + high) // 2) + 1
        end = data.find(b"\\n", start)
        found = data[start:end]
        if found.split(b"\\t", 1)[0] == key: return found
        if found.split(b"\\t", 1)[0] < key: low = end + 1
        else: high = start
for key in keys: line(key.encode())
""",
    "json": """
import json
names = json.loads(path.read_bytes())
for key in keys: names.get(key)
""",
}


def read_names() -> dict[str, Entry]:
    """Every name in the shipped file."""
    names = Gazetteer(DATA_FILE)
    raw = DATA_FILE.read_bytes()
    magic, _, _, entries_at, places_at, *_ = HEADER.unpack_from(raw)
    assert magic == MAGIC  # noqa: S101 - a developer's tool
    keys = re.findall(r"^([^\t\n]+)\t", raw[entries_at:places_at].decode(), re.MULTILINE)
    return {key: entry for key in keys if (entry := names.entry(key))}


def write_formats(names: dict[str, Entry], folder: Path) -> dict[str, Path]:
    """The same names in each format."""
    paths = {form: folder / form for form in READERS} | {"hash": DATA_FILE}
    paths["json"].write_text(json.dumps(names))
    lines = sorted(f"{k}\t{e.flags}\t{e.longest}\t{e.ids}\n".encode() for k, e in names.items())
    paths["sorted"].write_bytes(b"".join(lines))
    with sqlite3.connect(paths["sqlite"]) as connection:
        connection.execute("CREATE TABLE name (key TEXT PRIMARY KEY, flags, longest, ids) WITHOUT ROWID")
        rows = [(key, entry.flags, entry.longest, str(entry.ids)) for key, entry in sorted(names.items())]
        connection.executemany("INSERT INTO name VALUES (?, ?, ?, ?)", rows)
    return paths


def time_ms(path: Path, keys: list[str], reader: str) -> float:
    """Milliseconds in a fresh interpreter, the modules they share loaded before."""
    code = f"""
import re, struct, enum, dataclasses, functools, unicodedata, pathlib, zlib, typing, time
from spamrec.gazetteer import Gazetteer
path, keys = pathlib.Path({str(path)!r}), {keys!r}
start = time.perf_counter()
{reader}
print((time.perf_counter() - start) * 1000)
"""
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True) for _ in range(RUNS)]  # noqa: S603
    return statistics.median(float(run.stdout) for run in runs)


def main() -> None:
    names = read_names()
    known = sorted(names)
    keys = known[:: len(known) // NAMES] + [f"{key}q" for key in known[:: len(known) // NAMES]]
    with tempfile.TemporaryDirectory() as folder:
        for form, path in write_formats(names, Path(folder)).items():
            print(f"{form:8} {time_ms(path, keys, READERS[form]):7.2f} ms  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
