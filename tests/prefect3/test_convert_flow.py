"""`rehandle.prefect3.flows`: converting on many machines, one of which dies."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import time

import pytest

from rehandle.errors import ObjectNotFoundError, RehandleError
from rehandle.storage import atomic_file
from rehandle.stored import records

pytestmark = pytest.mark.prefect("3.2", "4")

COUNT = 400


@pytest.fixture
def old(tmp_path):
    for number in range(COUNT):
        path = tmp_path / "old" / str(number % 3) / f"{number}.pkl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(number))
    (tmp_path / "old" / "empty").write_bytes(b"")
    os.symlink("empty", tmp_path / "old" / "link")
    return tmp_path / "old"


def check_copies(new):
    # What a killed worker leaves on the way is deleted when another process first writes there.
    paths = [path for path in new.rglob("*") if path.is_file() and not atomic_file.is_temporary(path.name)]
    found = {path.relative_to(new).as_posix(): path.read_bytes() for path in paths}
    wanted = (f"{number % 3}/{number}" for number in range(COUNT))
    assert found == {
        key: records.transcode(pickle.dumps(int(key.partition("/")[2])), storage_key=key) for key in wanted
    }


def check_report(report, old):
    assert report["converted"] + report["skipped"] == COUNT
    assert sorted((one["path"], one["why"]) for one in report["failed"]) == [
        (str(old / "empty"), "the object is empty: there is no value in it."),
        (str(old / "link"), "it is a link: only objects are copied"),
    ]


TEMPLATE = "{folder}/{n}.pkl={folder}/{n}"


def test_it_copies_in_parts(server, old, tmp_path, monkeypatch):
    from rehandle.prefect3 import flows
    from rehandle.prefect3.flows import convert

    # Fewer at a time than there are.
    monkeypatch.setattr(flows, "_AHEAD", 3)
    report = convert(str(old), str(tmp_path / "new"), [TEMPLATE], part_size=64)
    check_report(report, old)
    assert report["converted"] == COUNT
    check_copies(tmp_path / "new")
    assert convert(str(old), str(tmp_path / "new"), [TEMPLATE], part_size=300)["skipped"] == COUNT


def test_wrong_use(server, old, tmp_path):
    from rehandle.prefect3.flows import convert

    with pytest.raises(RehandleError, match="is inside of"):
        convert(str(old), str(old / "new"))
    with pytest.raises(ObjectNotFoundError):
        convert(str(old / "missing"), str(tmp_path / "new"))
    with pytest.raises(RehandleError, match="ambiguous"):
        convert(str(old), str(tmp_path / "new"), ["{a}{b}=x"])
    assert not (tmp_path / "new").exists()


ON_DASK = """
import json, sys
from prefect_dask import DaskTaskRunner
from rehandle.prefect3.flows import convert

if __name__ == "__main__":
    runner = DaskTaskRunner(cluster_kwargs={"n_workers": 3, "threads_per_worker": 1, "dashboard_address": None})
    done = convert.with_options(task_runner=runner)(*sys.argv[1:3], [sys.argv[3]], part_size=20)
    print(json.dumps(done))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks for workers in /proc")
def test_a_worker_that_is_killed_loses_nothing(server, old, tmp_path):
    pytest.importorskip("prefect_dask")
    (tmp_path / "on_dask.py").write_text(ON_DASK)
    new = tmp_path / "new"
    with open(tmp_path / "log", "w") as log:
        running = subprocess.Popen(
            [sys.executable, "on_dask.py", str(old), str(new), TEMPLATE],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=server,
            cwd=tmp_path,
        )
        try:
            end = time.monotonic() + 300
            while count(new) < COUNT // 8:
                assert running.poll() is None, (tmp_path / "log").read_text()[-2000:]
                assert time.monotonic() < end
                time.sleep(0.01)
            os.kill(a_worker(running.pid), 9)
            there = {path: path.stat().st_ino for path in new.rglob("*/*") if not atomic_file.is_temporary(path.name)}
            out, _ = running.communicate(timeout=400)
        finally:
            running.kill()
    assert running.returncode == 0, (tmp_path / "log").read_text()[-2000:]
    assert len(there) < COUNT
    report = json.loads(out.splitlines()[-1])
    check_report(report, old)
    check_copies(new)
    # Nothing that was there was written again.
    assert all(p.stat().st_ino == inode for p, inode in there.items() if not atomic_file.is_temporary(p.name))


def count(folder):
    return sum(len(names) for _, _, names in os.walk(folder))


def a_worker(parent):
    """The process of a Dask worker below a process."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdecimal():
            try:
                with open(f"/proc/{name}/stat") as stat, open(f"/proc/{name}/cmdline") as command:
                    parents[int(name)] = (int(stat.read().rpartition(")")[2].split()[1]), command.read())
            except OSError:
                continue
    below = {parent}
    while True:
        more = {child for child, (above, _) in parents.items() if above in below} - below
        if not more:
            break
        below |= more
    # Started by multiprocessing, but for its tracker of resources.
    return max(pid for pid in below if "spawn_main" in parents.get(pid, (0, ""))[1])
