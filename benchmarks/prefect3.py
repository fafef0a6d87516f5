"""What it costs to read old results in Prefect 3, beside Prefect's own records of the same values.

python benchmarks/prefect3.py [--rounds N] [--json FILE]

Wants Prefect 3, which `tox run -e benchmarks -- prefect3` gives it.
"""

import base64
import json
import os
import pickle
import tempfile
import time
from pathlib import Path

import measuring

# Prefect looks for settings there.
HOME = tempfile.mkdtemp()
os.environ["PREFECT_HOME"] = HOME
LIMIT = 1.3
LIMITED = "1 MB"
SIZES = {"1 KB": 2**10, LIMITED: 2**20, "32 MB": 2**25}


def values(size):
    line = {"name": "somebody", "number": 12345, "share": 0.25}
    lines = [line] * max(1, size // 40)
    noise = os.urandom(size)
    yield "bytes", noise, pickle.dumps(noise)
    yield "bytes, in base64", noise, base64.b64encode(pickle.dumps(noise))
    # Without the memo, as different dicts.
    rows = json.loads(json.dumps(lines))
    yield "dicts", rows, pickle.dumps(rows)
    yield "dicts, as JSON", rows, json.dumps(rows).encode()


def stores(folder, value, data):
    """Prefect's own store with a record of the value, and one over the old file."""
    from prefect.filesystems import LocalFileSystem
    from prefect.results import ResultStore
    from prefect.serializers import JSONSerializer, PickleSerializer

    from rehandle.prefect3 import OldResults

    (folder / "old").mkdir(parents=True)
    (folder / "old" / "key").write_bytes(data)
    stock = LocalFileSystem(basepath=str(folder / "stock"))
    over = OldResults(
        old=LocalFileSystem(basepath=str(folder / "old")), new=LocalFileSystem(basepath=str(folder / "new"))
    )
    serializer = JSONSerializer() if data[:1] == b"[" else PickleSerializer()
    made = [
        ResultStore(result_storage=storage, cache_result_in_memory=False, serializer=serializer)
        for storage in (stock, over)
    ]
    made[0].write(value, key="key")
    assert [store.read("key").result == value for store in made] == [True, True]
    return made


def cpu(function):
    start = time.process_time()
    function()
    return time.process_time() - start


def ratios(stock, over, times, rounds):
    """By turns, as the machine does other things too."""
    for _ in range(rounds):
        both = [sum(cpu(function) for _ in range(times)) for function in (stock, over)]
        yield both[1] / both[0]


def rows(arguments):
    for size_name, size in SIZES.items():
        times = max(1, 2**23 // size // 20) if size > 2**12 else 100
        for what, value, data in values(size):
            stock, over = stores(Path(tempfile.mkdtemp(dir=HOME)), value, data)
            for action in ("read", "exists"):
                asked = [lambda store=store, action=action: getattr(store, action)("key") for store in (stock, over)]
                for function in asked:
                    function()
                one = measuring.row(f"{action}, {what}, {size_name}", "x", ratios(*asked, times, arguments.rounds))
                yield measuring.judged(one, LIMIT) if size_name == LIMITED and action == "read" else one


if __name__ == "__main__":
    os.chdir(HOME)
    measuring.main(__doc__, rows)
