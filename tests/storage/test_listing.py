"""Listing a folder, reading a part of an object, and writing where nothing is: on real servers and for files."""

import os
import threading
import time
import uuid

import pytest

from rehandle import errors
from rehandle.storage import LocalStore, open_entries

pytestmark = pytest.mark.prefect(None)

UNIX = pytest.mark.skipif(os.name == "nt", reason="there are no such files")


@pytest.fixture
def local(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return LocalStore()


@pytest.fixture
def filled(place):
    store = place.store()
    for name in ("a", "b/1", "b/2", "b/deeper/3", "c", "été/日本"):
        store.write(name, name.encode())
    return store


def shown(entries):
    return [entry.name if entry.other is None else (entry.name, entry.other) for entry in entries]


def test_a_bucket_is_listed(filled):
    assert shown(filled.entries("")) == ["a", "b/1", "b/2", "b/deeper/3", "c", "été/日本"]
    assert shown(filled.entries("b")) == shown(filled.entries("b/")) == ["b/1", "b/2", "b/deeper/3"]
    assert sorted(shown(filled.entries("", recursive=False)), key=str) == sorted(
        ["a", "c", ("b/", "folder"), ("été/", "folder")], key=str
    )
    assert sorted(shown(filled.entries("b", recursive=False)), key=str) == [
        ("b/deeper/", "folder"),
        "b/1",
        "b/2",
    ]


def test_an_entry_tells_size_and_time(filled):
    for entry in filled.entries(""):
        assert entry.size == len(entry.name.encode())
        assert abs(entry.modified - time.time()) < 3600
        assert entry == filled.entry(entry.name)


def test_what_is_no_object_has_no_entry(filled):
    assert filled.entry("b") is None
    assert filled.entry("missing") is None


def test_a_listing_begins_behind_an_object(filled):
    everything = shown(filled.entries(""))
    for number, name in enumerate(everything):
        assert shown(filled.entries("", after=name)) == everything[number + 1 :]


def write(store, names):
    for name in names:
        store.write(name, b"x")


def test_a_long_listing(place):
    """Longer than a page of any service."""
    store = place.store()
    names = [f"{number:05}" for number in range(1100 if place.name != "s3" else 2100)]
    threads = [threading.Thread(target=write, args=(store, names[start::8])) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shown(store.entries("")) == names
    assert shown(store.entries("", after="01050")) == names[1051:]


def test_a_part_is_read(filled):
    filled.write("long", bytes(range(256)))
    assert filled.read_part("long", 0, 5) == bytes(range(5))
    assert filled.read_part("long", 250, 6) == bytes(range(250, 256))
    assert filled.read_part("long", 250, 100) == bytes(range(250, 256))
    with pytest.raises(errors.ObjectNotFoundError):
        filled.read_part("missing", 0, 5)


def test_what_is_there_is_never_replaced(filled):
    filled.create("new", b"first")
    for data in (b"second", b"first"):
        with pytest.raises(errors.ObjectExistsError, match="new"):
            filled.create("new", data)
    assert filled.read("new") == b"first"
    filled.create("empty", b"")
    with pytest.raises(errors.ObjectExistsError):
        filled.create("empty", b"x")


def test_one_of_several_writers_succeeds(filled):
    check_one_of_several(filled, "contested")


def check_one_of_several(store, name):
    outcomes = []
    begin = threading.Barrier(4)

    def create(number):
        begin.wait()
        try:
            store.create(name, str(number).encode())
            outcomes.append(number)
        except errors.ObjectExistsError:
            outcomes.append(None)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [number for number in outcomes if number is not None]
    assert len(outcomes) == 4
    assert store.read(name) == str(winner).encode()


@pytest.mark.parametrize("use", ["entries", "create"])
def test_a_missing_bucket(place, use):
    store = place.store()
    store.bucket = f"missing-{uuid.uuid4()}"
    with pytest.raises(errors.BucketNotFoundError):
        list(store.entries("")) if use == "entries" else store.create("x", b"")


def test_a_folder_in_a_bucket_needs_no_slash(filled, monkeypatch):
    monkeypatch.setattr("rehandle.storage.opening._CLOUDS", dict.fromkeys(("gs", "s3", "azure"), lambda bucket: filled))
    for url in ("gs://bucket/b", "gs://bucket/b/"):
        found = open_entries(url)
        assert (found.within, shown(found.entries), found.is_folder) == ("b", ["b/1", "b/2", "b/deeper/3"], True)
    found = open_entries("gs://bucket/b/1")
    assert (found.within, shown(found.entries), found.is_folder) == ("b", ["b/1"], False)
    assert shown(open_entries("gs://bucket", after=filled.address("b/2")).entries) == ["b/deeper/3", "c", "été/日本"]
    with pytest.raises(errors.ObjectNotFoundError, match="no object whose name begins so"):
        open_entries("gs://bucket/nothing")
    with pytest.raises(errors.RehandleError, match="isn't in"):
        open_entries("gs://bucket", after="s3://elsewhere/a")


def test_a_folder_of_files(local):
    for name in ("b/2", "b/1", "a", "b/deeper/3"):
        local.write(name, b"data")
    assert shown(local.entries(".")) == ["./a", "./b/1", "./b/2", "./b/deeper/3"]
    assert shown(local.entries(".", recursive=False)) == ["./a", ("./b", "folder")]
    everything = shown(local.entries("."))
    for number, name in enumerate(everything):
        assert shown(local.entries(".", after=name)) == everything[number + 1 :]
    with pytest.raises(errors.ObjectNotFoundError, match="begin anew"):
        list(local.entries(".", after="./gone"))
    with pytest.raises(errors.ObjectNotFoundError):
        local.entries("missing")


@UNIX
def test_what_is_no_file(local, tmp_path):
    os.symlink("/etc", "folder")
    os.symlink("nowhere", "link")
    os.mkfifo("pipe")
    assert shown(local.entries(".")) == [("./folder", "link"), ("./link", "link"), ("./pipe", "pipe")]
    assert local.names(".") == []
    (tmp_path / ".rehandle-01234567-1-0123456789abcdef0123456789abcdef").write_bytes(b"on its way")
    assert len(shown(local.entries("."))) == 3


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user who may not do everything")
def test_a_folder_that_cannot_be_read(local):
    local.write("closed/a", b"")
    local.write("open/b", b"")
    os.chmod("closed", 0)
    try:
        first, second = local.entries(".")
        assert (first.name, first.other, second.name) == ("./closed", "folder", "./open/b")
        assert isinstance(first.problem, errors.AccessDeniedError)
        with pytest.raises(errors.AccessDeniedError):
            local.names(".")
    finally:
        os.chmod("closed", 0o700)


def test_a_file_is_never_replaced(local):
    local.create("deep/new", b"first")
    with pytest.raises(errors.ObjectExistsError, match="there is something already"):
        local.create("deep/new", b"second")
    assert local.read("deep/new") == b"first"
    assert os.listdir("deep") == ["new"]
    check_one_of_several(local, "contested")


@UNIX
def test_a_broken_link_is_something(local):
    os.symlink("elsewhere", "link")
    with pytest.raises(errors.ObjectExistsError):
        local.create("link", b"")
    assert not os.path.exists("elsewhere")


def test_a_file_system_without_links(local, monkeypatch):
    def refuse(*arguments):
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    test_a_file_is_never_replaced(local)


def test_a_part_of_a_file(local):
    local.write("long", bytes(range(256)))
    assert local.read_part("long", 250, 100) == bytes(range(250, 256))
    assert local.read_part("long", 0, 5) == bytes(range(5))
