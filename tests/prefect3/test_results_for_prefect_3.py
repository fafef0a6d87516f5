"""``rehandle results convert`` and ``adopt``, read by Prefect 3."""

from __future__ import annotations

import base64
import gzip
import json
import os
import pickle
import subprocess
import sys
import uuid

import pytest

pytestmark = pytest.mark.prefect("3.2", "4")

VALUE = {"answer": [42, "é", None]}
FILES = {
    "b64": base64.b64encode(pickle.dumps(VALUE)),
    "deep/gz": gzip.compress(pickle.dumps(VALUE)),
    "double-1.pkl": pickle.dumps(2),
    "double-2.pkl": pickle.dumps(4),
    "raw": pickle.dumps(VALUE),
    "settings.json": b'{"__class__": "os.PathLike", "result": 3}',
    "time": b"2020-02-24T12:00:00Z",
}
MAP = ("--map", "double-{n}.pkl=doubled/{n}")

# What reads the copies knows nothing of rehandle.
READ = """
import sys
sys.modules["rehandle"] = None
import json
from prefect.filesystems import LocalFileSystem
from prefect.results import ResultStore
store = ResultStore(result_storage=LocalFileSystem(basepath=sys.argv[1]), cache_result_in_memory=False)
print(json.dumps({key: [store.exists(key), store.read(key).result] for key in sys.argv[2:]}, default=str))
"""

HITS = """
import sys
sys.modules["rehandle"] = None
import json
from prefect import flow, task
ran = []

@task(result_storage=sys.argv[1], result_storage_key="doubled/{parameters[n]}", persist_result=True)
def double(n):
    ran.append(n)
    return 2 * n

@flow
def numbers():
    return [double(n) for n in (1, 2, 3)]

print(json.dumps([numbers(), ran]))
"""


def run(*command, **environment):
    given = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
    return subprocess.run(
        [sys.executable, *map(str, command)], capture_output=True, text=True, env={**given, **environment}
    )


def results(*arguments, code=0, **environment):
    done = run("-m", "rehandle", "results", *arguments, "--json", **environment)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def printed(*command, **environment):
    done = run(*command, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def old(tmp_path):
    for name, data in FILES.items():
        path = tmp_path / "old" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "old"


def test_a_stock_prefect_reads_what_is_converted(old, tmp_path):
    assert results("convert", old, tmp_path / "new", *MAP)["converted"] == len(FILES)
    keys = ["b64", "deep/gz", "doubled/1", "doubled/2", "raw", "settings.json", "time"]
    assert printed("-c", READ, tmp_path / "new", *keys, PREFECT_HOME=str(tmp_path / "home")) == {
        "b64": [True, VALUE],
        "deep/gz": [True, VALUE],
        "doubled/1": [True, 2],
        "doubled/2": [True, 4],
        "raw": [True, VALUE],
        "settings.json": [True, {"__class__": "os.PathLike", "result": 3}],
        "time": [True, "2020-02-24 12:00:00+00:00"],
    }


class Adopting:
    """A saved block, and the command with the server's environment."""

    def __init__(self, block, server):
        name = f"results-{uuid.uuid4()}"
        block.save(name, _sync=True)
        self.storage = f"{block.get_block_type_slug()}/{name}"
        self.environment = {key: value for key, value in server.items() if "PREFECT" in key}

    def adopt(self, old, *arguments, **options):
        return results("adopt", old, "--storage", self.storage, *arguments, **options, **self.environment)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "new"


@pytest.fixture
def adopting(server, folder):
    from prefect.filesystems import LocalFileSystem

    return Adopting(LocalFileSystem(basepath=str(folder)), server)


def test_what_is_adopted_is_a_hit(adopting, old, folder):
    expected = {"failed": [], "converted": len(FILES), "skipped": 0, "need_rehandle": 0}
    assert adopting.adopt(old, *MAP) == expected
    assert adopting.adopt(old, *MAP) == {**expected, "converted": 0, "skipped": len(FILES)}
    assert printed("-c", HITS, adopting.storage, **adopting.environment) == [[2, 4, 6], [3]]
    metadata = json.loads((folder / "doubled" / "1").read_text())["metadata"]
    assert metadata["storage_key"] == "doubled/1"
    assert uuid.UUID(metadata["storage_block_id"])


def test_what_the_block_stores_stays(adopting, old, folder):
    (folder / "doubled").mkdir(parents=True)
    (folder / "doubled" / "1").write_bytes(b"something")
    found = adopting.adopt(old, *MAP, code=1)
    assert found["converted"] == len(FILES) - 1
    assert "something else is at 'doubled/1' already, and stays" in found["failed"][0]["why"]
    assert (folder / "doubled" / "1").read_bytes() == b"something"


class MakesAFolder:
    """Unpickling it leaves a trace."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (os.mkdir, (self.path,))


def test_adopting_unpickles_nothing(adopting, tmp_path):
    trace = tmp_path / "trace"
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "x").write_bytes(pickle.dumps(MakesAFolder(trace)))
    assert adopting.adopt(tmp_path / "old")["converted"] == 1
    assert not trace.exists()


@pytest.mark.parametrize(
    ("storage", "message"),
    [
        ("results", "expected SLUG/NAME of a saved block"),
        ("local-file-system/no-such-block", "loading the block 'local-file-system/no-such-block'"),
        ("old-results/x", "name the block that its new= names"),
        ("secret/x", "loading the block 'secret/x'"),
    ],
)
def test_a_storage_that_is_none(server, old, storage, message):
    done = run("-m", "rehandle", "results", "adopt", old, "--storage", storage, **server)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
