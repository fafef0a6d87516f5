"""``rehandle results convert``: copies for Prefect 3, which tests/across reads with a stock one."""

import base64
import gzip
import json
import os
import pickle
import signal
import subprocess
import sys
import time

import pytest

from rehandle import errors
from rehandle.serializers import HMACSerializer, PickleSerializer, signing
from rehandle.storage import LocalStore
from rehandle.stored import prefect3_records, records
from rehandle.stored.folders import readers, renaming
from rehandle.stored.formats import identify

# Nothing here has to do with the Prefect beside it: one environment without any is enough.
pytestmark = pytest.mark.prefect(None)

UNIX = pytest.mark.skipif(os.name == "nt", reason="there are no such files")
COMMAND = [sys.executable, "-W", "ignore", "-m", "rehandle", "results", "convert"]
VALUE = {"answer": [42, "é", None]}
RAW = pickle.dumps(VALUE, 4)
KEY = "0123456789abcdef"
FILES = {
    "b64": base64.b64encode(RAW),
    "deep/er/gz": gzip.compress(RAW),
    "deep/raw": RAW,
    "double-1.pkl": RAW,
    "settings.json": b'{"result": 3}',
    "table.csv": b"a,b\n1,2\n",
}
BAD = {"cut": RAW[:-1], "empty": b"", "noise": b"\xff\x00"}


class MakesAFolder:
    """Unpickling it leaves a trace."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (os.mkdir, (self.path,))


def convert(*arguments, cwd=None, **environment):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        cwd=str(cwd) if cwd else None,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )


def report(*arguments, code=0, **environment):
    done = convert("--json", *arguments, **environment)
    assert done.returncode == code, done.stderr
    assert done.stderr == ""
    return json.loads(done.stdout)


def write(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def content(folder):
    return {
        os.path.relpath(os.path.join(parent, name), str(folder)): open(os.path.join(parent, name), "rb").read()
        for parent, _, names in os.walk(str(folder))
        for name in names
    }


@pytest.fixture
def old(tmp_path):
    return write(tmp_path / "old", FILES)


@pytest.fixture
def new(tmp_path):
    return tmp_path / "new"


def test_each_object_becomes_a_record_under_its_name(old, new):
    assert report(old, new) == {"failed": [], "converted": 6, "skipped": 0, "need_rehandle": 1}
    assert content(new) == {name: records.transcode(data, storage_key=name) for name, data in FILES.items()}
    assert content(old) == FILES


def test_what_is_printed(old, new):
    write(old, {"cut": RAW[:-1]})
    done = convert("old", "new", cwd=old.parent)
    assert done.returncode == 1
    assert done.stdout == "6 converted, 0 there already, 1 failed\n1 of them need rehandle where they are read\n"
    assert done.stderr == "rehandle: old/cut: the object is truncated: its format is pickle.\n"


def test_what_is_there_already_is_skipped(old, new):
    report(old, new)
    before = {path: os.stat(str(new / path)) for path in content(new)}
    assert report(old, new) == {"failed": [], "converted": 0, "skipped": 6, "need_rehandle": 1}
    assert {path: os.stat(str(new / path)).st_ino for path in before} == {p: s.st_ino for p, s in before.items()}


def test_the_same_value_that_another_release_wrote_is_there_already(old, new):
    report(old, new)
    path = new / "b64"
    path.write_bytes(path.read_bytes().replace(records.PREFECT_VERSION.encode(), b"3.99.1"))
    assert report(old, new)["skipped"] == 6


@pytest.mark.parametrize("there", [b"", b"something", records.transcode(pickle.dumps("another"))])
def test_something_else_stays(old, new, there):
    write(new, {"b64": there})
    found = report(old, new, code=1)
    assert (found["converted"], found["skipped"]) == (5, 0)
    (failed,) = found["failed"]
    assert failed["path"] == str(old / "b64")
    assert "something else is at 'b64' already, and stays" in failed["why"]
    assert (new / "b64").read_bytes() == there


def test_what_nothing_reads_is_left_and_said(old, new):
    write(old, BAD)
    found = report(old, new, code=1)
    assert [(os.path.basename(one["path"]), one["why"]) for one in found["failed"]] == [
        ("cut", "the object is truncated: its format is pickle."),
        ("empty", "the object is empty: there is no value in it."),
        (
            "noise",
            "the object is nothing that handlers or Results write, as far as rehandle can tell: its format is unknown.",
        ),
    ]
    assert set(content(new)) == set(FILES)


@pytest.mark.parametrize(
    "data", [*FILES.values(), *BAD.values(), records.transcode(RAW), b"text", b"\x89HDF\r\n\x1a\n"]
)
def test_ls_says_readable_of_what_is_converted(tmp_path, data):
    write(tmp_path / "old", {"object": data})
    done = convert(tmp_path / "old", tmp_path / "new")
    assert (done.returncode == 0) == (readers.WITH_REHANDLE in readers.readers(identify(data)))
    if done.returncode == 0:
        converted = identify((tmp_path / "new" / "object").read_bytes())
        needs_rehandle = "need rehandle" in done.stdout
        assert (readers.STOCK_PREFECT_3 in readers.readers(converted)) == (not needs_rehandle)


def test_nothing_is_unpickled(tmp_path, new):
    trace = tmp_path / "trace"
    data = pickle.dumps(MakesAFolder(trace))
    old = write(tmp_path / "old", {"raw": data, "b64": base64.b64encode(data), "gz": gzip.compress(data)})
    for _ in range(2):
        report(old, new)
    assert not trace.exists()
    assert len(content(new)) == 3


def test_a_sample(old, new):
    assert report("--sample", 2, old, new)["converted"] == 2
    assert sorted(content(new)) == ["b64", os.path.join("deep", "er", "gz")]
    assert report("--sample", 3, old, new)["converted"] == 1


def test_names_are_mapped(old, new):
    arguments = ("--map", "double-{n}.pkl=doubled/{n}", "--map", "deep/{x}/{y}={y}/{x}==deep")
    report(*arguments, old, new)
    assert sorted(content(new)) == ["b64", "deep/raw", "doubled/1", "gz/er=deep", "settings.json", "table.csv"]
    found = prefect3_records.parsed((new / "doubled" / "1").read_bytes())
    assert found["metadata"]["storage_key"] == "doubled/1"


def test_two_objects_with_one_new_name(tmp_path, new):
    old = write(tmp_path / "old", {"a-1": pickle.dumps("first"), "b-1": pickle.dumps("second")})
    found = report("--map", "{run}-{n}={n}", old, new, code=1)
    assert found["converted"] == 1
    assert "something else is at '1' already" in found["failed"][0]["why"]


def test_a_new_name_that_is_ambiguous(tmp_path, new):
    old = write(tmp_path / "old", {"a-b-c": RAW, "x-y": RAW})
    found = report("--map", "{run}-{n}={n}", old, new, code=1)
    assert [one["path"] for one in found["failed"]] == [str(old / "a-b-c")]
    assert found["failed"][0]["why"] == (
        "the new name is 'b-c' or 'c', by --map {run}-{n}={n}: give templates that fit in one way alone"
    )


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("a", "has 0 = between names"),
        ("a=b=c", "has 2 = between names"),
        ("=b", "a name is missing"),
        ("a=", "a name is missing"),
        ("{a}{b}=x", "where {a} ends and {b} begins is ambiguous. Put text between them"),
        ("{a}-{b}={c}", "{c} isn't in the old name, which has {a}, {b}. Use those"),
        ("x={c}", "{c} isn't in the old name, which has no field"),
        ("{}=x", "{} isn't just a name in braces"),
        ("{a.b}=x", "{a.b} isn't just a name in braces"),
        ("{a:>5}={a}", "{a} isn't just a name in braces"),
        ("{a!r}={a}", "{a} isn't just a name in braces"),
        ("{a=x", "expected '}' before end of string"),
        ("{a}=/{a}", "may lead out of the new folder"),
        ("{a}=../{a}", "may lead out of the new folder"),
        ("{a}=x/../{a}", "may lead out of the new folder"),
        ("{a}={a}/", "may lead out of the new folder"),
        ("{a}=x//{a}", "may lead out of the new folder"),
    ],
)
def test_templates_that_are_none(old, new, template, message):
    done = convert("--map", template, old, new)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert f"--map {template!r}" in done.stderr
    assert not new.exists()


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "a//b", "./a", "a/", "..", "a/\0"])
def test_no_name_in_a_bucket_leads_out_of_the_new_folder(name):
    with pytest.raises(errors.RehandleError, match="may lead out"):
        renaming.new_name([], name)


@pytest.mark.parametrize("template", ["{a}=x/{a}", "{a}-{a}=x/{a}", "a{{b}}=x/c"])
def test_fields_are_matched(template):
    found = renaming.parse(template)
    old = {"{a}=x/{a}": "..", "{a}-{a}=x/{a}": "1-1"}.get(template, "a{b}")
    if old == "..":
        with pytest.raises(errors.RehandleError, match="may lead out"):
            renaming.new_name([found], old)
    else:
        assert renaming.new_name([found], old) == {"1-1": "x/1", "a{b}": "x/c"}[old]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("old", "old"), "is inside of"),
        (("old", "old/deep/new"), "is inside of"),
        (("old", "."), "nothing is converted in place"),
        (("old", "link/new"), "is inside of"),
        (("missing", "new"), "there is no such file"),
        (("empty", "new"), "there is nothing in empty"),
        (("old", "old/b64"), "is a file: name a folder"),
        (("--sample", "0", "old", "new"), "'0' is no number of objects: expected 1 or more"),
        (("--sample", "x", "old", "new"), "'x' is no number of objects"),
        (("old", "x://y"), "nothing is known of x://"),
    ],
)
def test_wrong_use(old, arguments, message):
    (old.parent / "empty").mkdir()
    if os.name != "nt":
        os.symlink(str(old), str(old.parent / "link"))
    done = convert(*arguments, cwd=old.parent)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert content(old) == FILES
    assert not (old.parent / "new").exists()


@UNIX
def test_links_are_not_followed(old, new, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    os.symlink(str(tmp_path / "secret"), str(old / "link"))
    found = report(old, new, code=1)
    assert found["converted"] == 6
    assert found["failed"] == [{"path": str(old / "link"), "why": "it is a link: only objects are copied"}]


def test_signed_objects_are_verified(tmp_path, new):
    old = tmp_path / "old"
    old.mkdir()
    serializer = HMACSerializer(PickleSerializer(), KEY)
    for name, place in (("right", "right"), ("moved", "elsewhere")):
        with signing.stored_at(LocalStore().place, str(old / place)):
            (old / name).write_bytes(serializer.serialize(VALUE))
    without = report(old, new, code=1)
    assert len(without["failed"]) == 2
    assert "there is no key" in without["failed"][0]["why"]
    found = report(old, new, code=1, REHANDLE_HMAC_KEY=KEY)
    assert found["converted"] == 1
    assert "signed for another place" in found["failed"][0]["why"]
    assert identify((new / "right").read_bytes()).layers == ("prefect3",)


def test_adopting_needs_prefect_3(old):
    command = [*COMMAND[:-1], "adopt", str(old), "--storage", "local-file-system/x"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout) == (2, "")
    assert "adopt needs Prefect 3.2 or later" in done.stderr


MANY = 3000


@pytest.fixture
def many(tmp_path):
    return write(tmp_path / "old", {f"{number % 7}/{number:04}": pickle.dumps(number, 4) for number in range(MANY)})


def is_whole(folder):
    """How many copies there are. Each is whole."""
    found = {
        name: data for name, data in content(folder).items() if not os.path.basename(name).startswith(".rehandle-")
    }
    for name, data in found.items():
        number = pickle.dumps(int(os.path.basename(name)), 4)
        assert data == records.transcode(number, storage_key=name.replace(os.sep, "/"))
    return len(found)


def started(many, new):
    running = subprocess.Popen(
        [*COMMAND, "--json", str(many), str(new)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )
    while running.poll() is None and sum(len(names) for _, _, names in os.walk(str(new))) < 50:
        time.sleep(0.01)
    assert running.poll() is None
    return running


@UNIX
def test_it_goes_on_after_kill_9(many, new):
    for _ in range(3):
        running = started(many, new)
        running.kill()
        running.communicate()
        there = is_whole(new)
        assert 0 < there < MANY
    before = {name: os.stat(str(new / name)).st_ino for name in content(new)}
    assert report(many, new) == {"failed": [], "converted": MANY - there, "skipped": there, "need_rehandle": 0}
    assert is_whole(new) == MANY
    # Nothing was written again, and nothing is left of what was on its way.
    after = {name: os.stat(str(new / name)).st_ino for name in content(new)}
    assert len(after) == MANY
    assert all(after.get(name, number) == number for name, number in before.items())


@UNIX
def test_ctrl_c_leaves_everything_intact(many, new):
    running = started(many, new)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate()
    assert running.returncode == 130
    assert "interrupted" in err
    found = json.loads(out)
    there = is_whole(new)
    assert 0 < found["converted"] <= there < MANY
    assert len(content(new)) == there
    assert report(many, new)["converted"] == MANY - there
