"""``rehandle results`` in buckets, on real servers."""

import base64
import datetime
import gc
import json
import pickle
import threading
import tracemalloc

import pytest

from rehandle.__main__ import main
from rehandle.storage import open_entries
from rehandle.stored import records
from rehandle.stored.folders import ends, rows

pytestmark = pytest.mark.prefect(None)

VALUE = {"answer": [42, "é", None]}
RAW = pickle.dumps(VALUE, 4)
LONG = pickle.dumps(list(range(5000)), 4)
ENCODED = base64.b64encode(pickle.dumps([datetime.date(2020, 1, 2)], 4))


def results(capsys, *arguments):
    code = main(["results", *map(str, arguments)])
    return (code, *capsys.readouterr())


@pytest.fixture
def filled(place):
    store = place.store()
    for name, data in {
        "old/a b": RAW,
        "old/b64": ENCODED,
        "old/deeper/long": LONG,
        "old/empty": b"",
        "z": LONG[:-1],
    }.items():
        store.write(name, data)
    return store


@pytest.mark.usefixtures("filled")
def test_ls(command_line, capsys):
    code, out, err = results(capsys, "ls", "--json", "--recursive", command_line)
    assert code == 0, err
    found = json.loads(out)
    assert [(one["path"], one["size"], one["layers"], one["status"]) for one in found] == [
        (f"{command_line}old/a b", len(RAW), ["pickle"], "complete"),
        (f"{command_line}old/b64", len(ENCODED), ["base64", "pickle"], "complete"),
        (f"{command_line}old/deeper/long", len(LONG), ["pickle"], "partly read"),
        (f"{command_line}old/empty", 0, ["empty"], "complete"),
        (f"{command_line}z", len(LONG) - 1, ["pickle"], "truncated"),
    ]
    assert found[1]["imports"] == [{"module": "datetime", "name": "date", "found": True}]
    now = datetime.datetime.utcnow()
    for one in found:
        assert abs(now - datetime.datetime.strptime(one["modified"], "%Y-%m-%dT%H:%M:%SZ")) < datetime.timedelta(
            hours=1
        )
    for number, one in enumerate(found):
        _, out, _ = results(capsys, "ls", "--json", "--recursive", "--after", one["path"], command_line)
        assert json.loads(out) == found[number + 1 :]


@pytest.mark.usefixtures("filled")
def test_ls_of_one_folder(command_line, capsys):
    code, out, err = results(capsys, "ls", "--json", f"{command_line}old")
    assert code == 0
    assert [one["path"] for one in json.loads(out)] == [f"{command_line}old/{name}" for name in ("a b", "b64", "empty")]
    assert "not looked at: 1 folder, see --recursive" in err


@pytest.mark.usefixtures("filled")
def test_ls_of_nothing(command_line, capsys):
    code, out, err = results(capsys, "ls", f"{command_line}nothing")
    assert (code, out) == (2, "")
    assert "there is no object whose name begins so" in err


def test_ls_of_many_reads_their_first_bytes_in_constant_memory(place, command_line, monkeypatch):
    store = place.store().for_threads()
    long, few, many = pickle.dumps(bytes(50_000), 4), 1500, 3000

    def write(numbers):
        for number in numbers:
            store.write(f"many/{number:04}", RAW if number % 10 else long)

    threads = [threading.Thread(target=write, args=(range(start, many, 8),)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read = []

    def counted(size, read_part, identify=ends.identify):
        def part(start, length):
            data = read_part(start, length)
            read.append(len(data))
            return data

        return identify(size, part)

    monkeypatch.setattr(ends, "identify", counted)
    peaks = {}
    last = store.address(f"many/{many - few - 1:04}")
    list(rows.rows(*_opened(f"{command_line}many", store.address(f"many/{many - 9:04}"))))  # what is imported is there
    for after in (last, None):
        gc.collect()
        tracemalloc.start()
        seen = sum(1 for _ in rows.rows(*_opened(f"{command_line}many", after)))
        peaks[seen] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    # A page is 1,000 names, and two are held while one is left for the next: 500 more of the many than of the few,
    # of some 4 KB each as Azure's client has them. All of them would be 1,500 more.
    assert list(peaks) == [few, many]
    assert peaks[many] - peaks[few] < 5 * 2**20, peaks
    assert sum(read) < (few + many) * (ends.FIRST // 10 + 200)


def _opened(url, after=None):
    listing = open_entries(url, after=after)
    return listing.store, listing.entries


def converted(capsys, code, *arguments):
    found, out, err = results(capsys, "convert", "--json", *arguments)
    assert found == code, err
    return json.loads(out)


def keys(store, folder):
    return [name[len(folder) + 1 :] for name in store.names(folder)]


def test_convert_from_bucket_to_bucket(filled, command_line, capsys):
    old, new = f"{command_line}old", f"{command_line}new"
    found = converted(capsys, 1, "--map", "{n}64=decoded/{n}", old, new)
    assert (found["converted"], found["skipped"]) == (3, 0)
    assert [one["path"] for one in found["failed"]] == [f"{old}/empty"]
    assert keys(filled, "new") == ["a b", "decoded/b", "deeper/long"]
    assert filled.read("new/decoded/b") == records.transcode(ENCODED, storage_key="decoded/b")
    filled.write("new/a b", b"something else")
    found = converted(capsys, 1, "--map", "{n}64=decoded/{n}", f"{old}/", f"{new}/")
    assert (found["converted"], found["skipped"]) == (0, 2)
    assert "something else is at 'a b' already" in found["failed"][0]["why"]
    assert filled.read("new/a b") == b"something else"


def test_convert_from_a_bucket_to_files_and_back(filled, command_line, tmp_path, capsys):
    assert converted(capsys, 1, f"{command_line}old", tmp_path / "new")["converted"] == 3
    assert (tmp_path / "new" / "deeper" / "long").read_bytes() == records.transcode(LONG, storage_key="deeper/long")
    assert converted(capsys, 0, tmp_path / "new", f"{command_line}back")["converted"] == 3
    assert keys(filled, "back") == ["a b", "b64", "deeper/long"]


def test_no_key_of_a_bucket_leads_out_of_the_new_folder(place, command_line, tmp_path, capsys):
    store = place.store()
    # Not every service and client lets such names be.
    names = {"google": ["old/a//b"], "azure": ["old/a//b"], "s3": ["old/../x", "old/a//b", "old//etc/x"]}[place.name]
    for name in [*names, "old/good"]:
        store.write(name, RAW)
    found = converted(capsys, 1, f"{command_line}old", tmp_path / "deep" / "new")
    assert (found["converted"], len(found["failed"])) == (1, len(names))
    assert all("may lead out of the new folder" in one["why"] for one in found["failed"])
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["good"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(("old", "new"), [("old", "old/new"), ("old", "old"), ("old/deeper", "old"), ("", "new")])
def test_convert_in_place_is_refused(command_line, capsys, old, new):
    code, out, err = results(capsys, "convert", f"{command_line}{old}", f"{command_line}{new}")
    assert (code, out) == (2, "")
    assert "nothing is converted in place" in err
