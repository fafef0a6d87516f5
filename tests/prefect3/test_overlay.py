"""Old results, new ones over them, and what can't be read: without any server of Prefect's."""

from __future__ import annotations

import asyncio
import base64
import bz2
import datetime
import gzip
import json
import os
import pickle
import subprocess
import sys
import uuid
from pathlib import Path

import cloudpickle
import pytest

from rehandle.errors import RehandleError, SignatureError, StorageError
from rehandle.serializers import HMACSerializer, PickleSerializer
from rehandle.serializers.signing import stored_at

pytestmark = pytest.mark.prefect("3.2", "4")

VALUE = {"answer": [42, "é", None]}
PICKLE = cloudpickle.dumps(VALUE)
KEY = "0123456789abcdef"


class Bomb:
    def __reduce__(self):
        return print, ("unpickled",)


class Synchronous:
    """A store, asked by code that isn't asynchronous."""

    def __init__(self, store):
        self._store = store

    def exists(self, key):
        return self._store.exists(key)

    def read(self, key):
        return self._store.read(key).result

    def write(self, key, value):
        self._store.write(value, key=key)


class Asynchronous(Synchronous):
    def exists(self, key):
        return asyncio.run(self._store.aexists(key))

    def read(self, key):
        return asyncio.run(self._store.aread(key)).result

    def write(self, key, value):
        asyncio.run(self._store.awrite(value, key=key))


class InALoop(Synchronous):
    """Synchronous code that somebody calls in an event loop's thread."""

    def _run(self, function):
        async def run():
            return function()

        return asyncio.run(run())

    def exists(self, key):
        return self._run(lambda: self._store.exists(key))

    def read(self, key):
        return self._run(lambda: self._store.read(key).result)

    def write(self, key, value):
        self._run(lambda: self._store.write(value, key=key))


@pytest.fixture(params=[Synchronous, Asynchronous, InALoop])
def asked(request):
    """How a store is asked."""
    return request.param


@pytest.fixture
def store(folders, asked):
    return asked(folders.store())


class TestOldAndNew:
    @pytest.mark.parametrize(
        "data",
        [PICKLE, base64.b64encode(PICKLE), json.dumps(VALUE).encode(), gzip.compress(PICKLE), pickle.dumps(VALUE, 0)],
    )
    def test_an_old_result_is_there(self, folders, store, data):
        folders.put("a/b.pkl", data)
        assert store.exists("a/b.pkl")
        assert store.read("a/b.pkl") == VALUE

    def test_nothing_is_there(self, folders, store):
        assert not store.exists("a/b.pkl")
        with pytest.raises(FileNotFoundError):
            store.read("a/b.pkl")
        folders.put("file", PICKLE)
        assert not store.exists("file/b.pkl")

    def test_new_results_win_and_leave_the_old_ones_as_they_are(self, folders, store):
        folders.put("a.pkl", PICKLE)
        store.write("a.pkl", "new")
        assert store.read("a.pkl") == "new"
        assert (folders.old / "a.pkl").read_bytes() == PICKLE
        assert [path.name for path in folders.new.iterdir()] == ["a.pkl"]

    def test_prefects_own_storage_reads_new_results(self, folders, store):
        from prefect.filesystems import LocalFileSystem
        from prefect.results import ResultStore

        store.write("a/b.pkl", VALUE)
        stock = ResultStore(result_storage=LocalFileSystem(basepath=str(folders.new)))
        assert stock.exists("a/b.pkl")
        assert stock.read("a/b.pkl").result == VALUE

    def test_a_new_result_expires(self, folders):
        store = folders.store()
        yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)
        store.write("new", key="a.pkl", expiration=yesterday)
        assert not store.exists("a.pkl")

    def test_what_prefect_keeps_in_its_memory_is_never_the_answer_to_a_question(self, folders):
        folders.put("a.pkl", PICKLE)
        store = folders.store()
        assert store.exists("a.pkl")
        assert store.read("a.pkl").result == store.read("a.pkl").result == VALUE

    def test_the_record_names_its_key(self, folders):
        folders.put("a.pkl", PICKLE)
        assert folders.store().read("a.pkl").metadata.storage_key == "a.pkl"

    def test_asking_unpickles_nothing(self, folders, store, capfd):
        folders.put("a.pkl", pickle.dumps(Bomb()))
        assert store.exists("a.pkl")
        assert "unpickled" not in capfd.readouterr().out
        assert store.read("a.pkl") is None
        assert capfd.readouterr().out.count("unpickled") == 1

    def test_records_among_the_old_ones(self, folders, store):
        folders.store().write("value", key="a.pkl")
        os.rename(folders.new / "a.pkl", folders.old / "a.pkl")
        assert store.exists("a.pkl")
        assert store.read("a.pkl") == "value"


class TestFailures:
    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "is empty"),
            (PICKLE[:-5], "truncated"),
            (gzip.compress(PICKLE)[:-9], "truncated"),
            (bz2.compress(PICKLE)[:-9], "truncated"),
            (b"\xe9t\xe9", "nothing that handlers or Results write"),
            # What is inside of a pickle shows when it is loaded.
            (PICKLE[:20] + b"\xff" * 5 + PICKLE[25:], "."),
            (b"\x80\x04cno_such_module\nname\n.", "no_such_module"),
        ],
    )
    def test_damaged_files_are_there_and_cannot_be_read(self, folders, store, data, message):
        folders.put("a.pkl", data)
        assert store.exists("a.pkl")
        with pytest.raises(Exception, match=message):
            store.read("a.pkl")

    def test_what_is_no_file(self, folders, store):
        (folders.old / "a.pkl").mkdir()
        assert store.exists("a.pkl")
        with pytest.raises(StorageError, match="Is a directory"):
            store.read("a.pkl")

    def test_the_folder_of_old_results_is_gone(self, folders, store):
        folders.put("a.pkl", PICKLE)
        folders.old.rename(folders.old.with_name("elsewhere"))
        for key in ("a.pkl", "b.pkl"):
            assert store.exists(key)
            with pytest.raises(StorageError, match="mounted"):
                store.read(key)
        folders.old.with_name("elsewhere").rename(folders.old)
        assert store.read("a.pkl") == VALUE
        assert not store.exists("b.pkl")

    def test_new_results_that_cannot_be_read_are_not_passed_over(self, folders, store):
        folders.put("a.pkl", PICKLE)
        (folders.new / "a.pkl").mkdir(parents=True)
        assert store.exists("a.pkl")
        with pytest.raises(StorageError, match="Is a directory"):
            store.read("a.pkl")

    def test_a_link_that_leads_nowhere(self, folders, store):
        (folders.old / "a.pkl").symlink_to("a.pkl")
        assert store.exists("a.pkl")
        with pytest.raises(StorageError):
            store.read("a.pkl")

    @pytest.mark.parametrize("error", [PermissionError, TimeoutError, ConnectionResetError, RuntimeError, ValueError])
    @pytest.mark.parametrize("field", ["old", "new"])
    def test_whatever_a_block_raises(self, folders, asked, error, field):
        from prefect.results import ResultStore

        block = folders.block().model_copy(update={field: broken(error("the reason"))})
        store = asked(ResultStore(result_storage=block))
        assert store.exists("a.pkl")
        with pytest.raises(StorageError, match=f"{error.__name__}: the reason"):
            store.read("a.pkl")

    def test_only_prefects_own_question_is_answered_so(self, folders):
        (folders.old / "a.pkl").mkdir()
        block = folders.block()

        def exists():
            return block.read_path("a.pkl")

        with pytest.raises(StorageError):
            exists()
        with pytest.raises(StorageError):
            asyncio.run(block.aread_path("a.pkl"))


def broken(error):
    """A block that can't be read."""
    from prefect.filesystems import WritableFileSystem

    class Broken(WritableFileSystem):
        _block_type_name = f"Broken {uuid.uuid4()}"

        def read_path(self, path):
            raise error

        def write_path(self, path, content):
            raise error

    return Broken()


class TestPaths:
    @pytest.mark.parametrize("key", ["../a.pkl", "a/../../a.pkl", "link/a.pkl", "/../../a.pkl"])
    def test_nothing_is_read_or_written_outside(self, folders, store, key, tmp_path):
        (tmp_path / "a.pkl").write_bytes(PICKLE)
        for folder in (folders.old, folders.new):
            folder.mkdir(exist_ok=True)
            (folder / "link").symlink_to(tmp_path)
        assert store.exists(key)
        with pytest.raises(StorageError, match="outside of the folder"):
            store.read(key)
        with pytest.raises(StorageError, match="outside of the folder"):
            store.write(key, "new")
        assert (tmp_path / "a.pkl").read_bytes() == PICKLE

    def test_a_path_that_stays_inside(self, folders, store):
        folders.put("a.pkl", PICKLE)
        assert store.read("b/../a.pkl") == VALUE

    def test_an_absolute_key_is_read_there_and_written_to_new_results(self, folders, store, tmp_path):
        path = tmp_path / "elsewhere.pkl"
        assert not store.exists(str(path))
        path.write_bytes(PICKLE)
        assert store.exists(str(path))
        assert store.read(str(path)) == VALUE

    def test_a_new_result_with_an_absolute_key(self, folders, store, tmp_path):
        path = tmp_path / "elsewhere.pkl"
        path.write_bytes(PICKLE)
        store.write(str(path), "new")
        assert store.read(str(path)) == "new"
        assert path.read_bytes() == PICKLE
        assert (folders.new / str(path)[1:]).exists()

    def test_without_a_folder_of_old_results(self, folders, tmp_path):
        block = folders.block().model_copy(update={"old": None})
        path = tmp_path / "elsewhere.pkl"
        path.write_bytes(PICKLE)
        assert json.loads(block.read_path(str(path)))["metadata"]["storage_key"] == str(path)
        with pytest.raises(FileNotFoundError):
            block.read_path("a.pkl")

    @pytest.mark.parametrize("old", ["new", "new/below"])
    def test_new_results_may_not_go_where_the_old_ones_lie(self, folders, old):
        from prefect.filesystems import LocalFileSystem

        old = LocalFileSystem(basepath=str(folders.new.parent / old))
        block = folders.block().model_copy(update={"old": old})
        with pytest.raises(RehandleError, match="a folder or bucket of its own"):
            block.read_path("a.pkl")
        with pytest.raises(RehandleError, match="a folder or bucket of its own"):
            block.write_path("a.pkl", b"{}")

    def test_a_relative_folder_is_fixed_when_the_block_is_made(self, folders, monkeypatch, tmp_path):
        from prefect.filesystems import LocalFileSystem

        from rehandle.prefect3 import OldResults

        monkeypatch.chdir(tmp_path)
        block = OldResults(old=LocalFileSystem(basepath="old"))
        assert block.old.basepath == str(folders.old)


class TestBlocks:
    def test_what_has_secrets_has_to_be_saved_first(self):
        from prefect.filesystems import SMB

        from rehandle.prefect3 import OldResults

        with pytest.raises(ValueError, match="save it first") as raised:
            OldResults(old=SMB(share_path="a", smb_host="b", smb_username="c", smb_password="hunter2"))
        assert "hunter2" not in str(raised.value)

    @pytest.mark.parametrize("name", ["/data/results", "results", "a/b/c", "", 3, Path("a/b")])
    def test_what_is_no_name(self, name):
        from rehandle.prefect3 import OldResults

        with pytest.raises(ValueError, match="no name of a saved one"):
            OldResults(old=name)

    def test_no_block_is_its_own_storage(self, folders):
        from rehandle.prefect3 import OldResults

        with pytest.raises(RehandleError, match="is OldResults itself"):
            OldResults(old=folders.block(), new=folders.block()).read_path("a.pkl")

    def test_its_pickle_has_no_loaded_block(self, folders):
        block = folders.block()
        with pytest.raises(FileNotFoundError):
            block.read_path("a.pkl")
        assert block._sides is not None
        for sent in (pickle.loads(pickle.dumps(block)), cloudpickle.loads(cloudpickle.dumps(block))):
            assert sent._sides is None
            assert sent.model_dump() == block.model_dump()


class TestSigned:
    @pytest.fixture(autouse=True)
    def key(self, monkeypatch):
        monkeypatch.setenv("REHANDLE_HMAC_KEY", KEY)

    def signed(self, path, value=VALUE):
        with stored_at(lambda: str(path)):
            return HMACSerializer(PickleSerializer(), KEY).serialize(value)

    @pytest.mark.parametrize("compress", [bytes, gzip.compress])
    def test_a_signature_is_verified(self, folders, store, compress):
        folders.put("a.pkl", compress(self.signed(folders.old / "a.pkl")))
        assert store.exists("a.pkl")
        assert store.read("a.pkl") == VALUE

    @pytest.mark.parametrize("signed_only", [False, True])
    def test_what_is_refused(self, folders, signed_only, monkeypatch):
        folders.put("elsewhere", self.signed(folders.old / "a.pkl"))
        folders.put("changed", self.signed(folders.old / "changed")[:-1] + b"!")
        folders.put("cut", self.signed(folders.old / "cut")[:20])
        store = folders.store(signed_only=signed_only)
        for key, message in (("elsewhere", "for another place"), ("changed", "wrong"), ("cut", "cut off")):
            assert store.exists(key)
            with pytest.raises(SignatureError, match=message):
                store.read(key)

    def test_signed_results_only(self, folders):
        folders.put("a.pkl", PICKLE)
        folders.put("b.pkl", folders.block().read_path("a.pkl"))
        folders.put("c.pkl", gzip.compress(PICKLE))
        store = folders.store(signed_only=True)
        for key in ("a.pkl", "b.pkl", "c.pkl"):
            with pytest.raises(SignatureError, match="isn't signed"):
                store.read(key)

    def test_there_is_no_key(self, folders, store, monkeypatch):
        monkeypatch.delenv("REHANDLE_HMAC_KEY")
        folders.put("a.pkl", self.signed(folders.old / "a.pkl"))
        assert store.exists("a.pkl")
        with pytest.raises(RehandleError, match="REHANDLE_HMAC_KEY isn't set"):
            store.read("a.pkl")


def test_rehandle_alone_imports_nothing_of_it():
    script = "import sys, rehandle; print([name for name in sys.modules if 'prefect' in name])"
    done = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True, text=True)
    assert done.stdout.strip() == "[]"
