"""Files: whole or not at all, whatever happens while they are written."""

import multiprocessing
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from rehandle import errors
from rehandle.storage import LocalStore, open_location

# Nothing here has to do with the Prefect beside it: one environment without any is enough.
pytestmark = pytest.mark.prefect(None)

STORE = LocalStore()


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_what_is_written_is_read(tmp_path, size):
    data = os.urandom(size)
    STORE.write(str(tmp_path / "name"), data)
    assert STORE.read(str(tmp_path / "name")) == data


def test_parents_are_made(tmp_path):
    STORE.write(str(tmp_path / "2026" / "1" / "name"), b"value")
    assert STORE.read(str(tmp_path / "2026" / "1" / "name")) == b"value"


def test_a_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    STORE.write("name", b"value")
    assert (tmp_path / "name").read_bytes() == b"value"
    assert STORE.exists("name")


def test_exists(tmp_path):
    assert not STORE.exists(str(tmp_path / "name"))
    assert not STORE.exists(str(tmp_path / "no" / "such" / "folder"))
    assert not STORE.exists(str(tmp_path))
    (tmp_path / "name").write_bytes(b"")
    assert STORE.exists(str(tmp_path / "name"))
    assert not STORE.exists(str(tmp_path / "name" / "below a file"))


def test_a_missing_file(tmp_path):
    with pytest.raises(
        errors.ObjectNotFoundError, match=r"reading the file '.*missing': there is no such file"
    ) as caught:
        STORE.read(str(tmp_path / "missing"))
    assert isinstance(caught.value, FileNotFoundError)


def test_a_folder_is_no_object(tmp_path):
    for use, advice in (
        (lambda: STORE.read(str(tmp_path)), "that can't be done"),
        (lambda: STORE.write(str(tmp_path), b""), "nothing was changed"),
    ):
        with pytest.raises(errors.StorageError, match=f"{advice} .*directory"):
            use()
    assert list(tmp_path.parent.glob(".rehandle-*")) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user who may not do everything")
def test_denied(tmp_path):
    (tmp_path / "name").write_bytes(b"value")
    os.chmod(tmp_path / "name", 0)
    with pytest.raises(errors.AccessDeniedError, match="the system denies it"):
        STORE.read(str(tmp_path / "name"))
    os.chmod(tmp_path, 0)
    try:
        for use in (lambda: STORE.exists(str(tmp_path / "name")), lambda: STORE.write(str(tmp_path / "name"), b"")):
            with pytest.raises(errors.AccessDeniedError, match="the system denies it"):
                use()
    finally:
        os.chmod(tmp_path, 0o700)


_LIMITED = """
import resource, sys
from rehandle import errors
from rehandle.storage import LocalStore

path = sys.argv[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    LocalStore().write(path, b"new" * 100_000)
except errors.StorageError as error:
    print(error)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs a limit for the size of files")
def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "name"
    STORE.write(str(path), b"old")
    done = subprocess.run([sys.executable, "-c", _LIMITED, str(path)], stdout=subprocess.PIPE, check=True)
    assert done.stdout.decode().startswith(f"writing the file {str(path)!r}: nothing was changed (File too large)")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["name"]


def write_many(path, letter):
    for _ in range(30):
        STORE.write(path, letter * 300_000)
        seen = STORE.read(path)
        if len(seen) != 300_000 or len(set(seen)) != 1:
            return "a part, or a mixture"
    return None


@pytest.mark.parametrize("pool", ["threads", "processes"])
def test_two_writers_at_once_leave_one_whole_file(tmp_path, pool):
    jobs = [(str(tmp_path / "name"), letter) for letter in (b"a", b"b")]
    if pool == "threads":
        with ThreadPoolExecutor(2) as threads:
            wrong = list(threads.map(lambda job: write_many(*job), jobs))
    else:
        with multiprocessing.get_context("spawn").Pool(2) as processes:
            wrong = processes.starmap(write_many, jobs)
    assert wrong == [None, None]
    assert os.listdir(tmp_path) == ["name"]


@pytest.mark.skipif(os.name == "nt", reason="needs modes")
def test_the_mode_is_that_of_any_file_or_of_the_one_that_was_there(tmp_path):
    path = str(tmp_path / "name")
    umask = os.umask(0o027)
    try:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: STORE.write(f"{path}-{n}", b""), range(100)))
        assert {stat.S_IMODE(os.stat(f"{path}-{n}").st_mode) for n in range(100)} == {0o640}
    finally:
        assert os.umask(umask) == 0o027
    STORE.write(path, b"")
    os.chmod(path, 0o604)
    STORE.write(path, b"again")
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o604


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_a_link_is_followed(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "target")
    STORE.write(str(tmp_path / "link"), b"value")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "folder" / "target").read_bytes() == b"value"


def test_locations_of_files(tmp_path):
    (tmp_path / "a b").write_bytes(b"value")
    for url in (str(tmp_path / "a b"), (tmp_path / "a b").as_uri(), f"file://localhost{tmp_path}/a%20b"):
        store, name = open_location(url)
        assert store == STORE
        assert store.read(name) == b"value"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes on this system")
def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path):
    """As root, a result at ``/dev/null`` would else put a file in its place."""
    path = tmp_path / "pipe"
    os.mkfifo(str(path))
    with ThreadPoolExecutor() as pool:
        reading = pool.submit(path.read_bytes)
        STORE.write(str(path), b"data")
        assert reading.result(timeout=10) == b"data"
    assert path.is_fifo()


@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_what_can_be_no_path(tmp_path, name):
    path = str(tmp_path / name)
    for use in (lambda: STORE.read(path), lambda: STORE.exists(path), lambda: STORE.write(path, b"")):
        with pytest.raises(errors.StorageError, match="no path can be so"):
            use()
