"""How fast `rehandle results` goes through a folder, beside a plain listing that reads 64 bytes of each file.

All files are in the system's cache, so what counts is Python: on a slow disk or in a bucket the listing is slower.

python benchmarks/folders.py [--rounds N] [--json FILE]
"""

import base64
import contextlib
import datetime
import gzip
import io
import json
import os
import pickle
import tempfile

import measuring

from rehandle.__main__ import main

FILES = 20_000
CONVERTED = 1000
# What flows store, and what a listing finds: small values, tables, some in base64 or compressed.
VALUES = [
    pickle.dumps({"total": 3, "day": datetime.date(2020, 5, 6), "name": "orders"}, 4),
    pickle.dumps([{"id": number, "name": f"customer {number}"} for number in range(20)], 4),
    pickle.dumps(bytes(100_000), 4),
    base64.b64encode(pickle.dumps({"answer": [42, "é", None]}, 4)),
    gzip.compress(pickle.dumps(list(range(1000)), 4)),
    json.dumps({"rows": list(range(50))}).encode(),
]


def fill(folder, count):
    for number in range(count):
        below = os.path.join(folder, str(number // 1000))
        if number % 1000 == 0:
            os.makedirs(below)
        with open(os.path.join(below, str(number)), "wb") as file:
            file.write(VALUES[number % len(VALUES)])


def plain(folder):
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                plain(entry.path)
            else:
                entry.stat()
                with open(entry.path, "rb", buffering=0) as file:
                    file.read(64)


def run(*arguments):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert main(["results", *arguments]) == 0


def rows(arguments):
    with tempfile.TemporaryDirectory() as folder:
        old = os.path.join(folder, "old")
        fill(old, FILES)
        plain(old)
        floor, listed = [], []
        for _ in range(arguments.rounds):
            floor.append(measuring.clock(lambda: plain(old)))
            listed.append(measuring.clock(lambda: run("ls", "--json", "--recursive", old)))
        few = os.path.join(folder, "few")
        fill(few, CONVERTED)
        copied = [
            measuring.clock(lambda number=number: run("convert", few, os.path.join(folder, f"new {number}")))
            for number in range(arguments.rounds)
        ]
    for what, count, taken in (
        ("scandir and 64 bytes", FILES, floor),
        ("rehandle results ls", FILES, listed),
        ("rehandle results convert", CONVERTED, copied),
    ):
        yield measuring.row(f"{what}: objects in a second of the processor", "", [count / one for one in taken])
    yield measuring.row("ls / scandir and 64 bytes", "x", [one / other for one, other in zip(listed, floor)])


if __name__ == "__main__":
    measuring.main(__doc__, rows)
