"""``rehandle results ls``: what lies in a folder."""

import base64
import datetime
import gzip
import json
import lzma
import os
import pickle
import re
import signal
import subprocess
import sys

import pytest

from rehandle.serializers import HMACSerializer, PickleSerializer
from rehandle.stored import records
from rehandle.stored.folders import ends
from rehandle.stored.formats import identify

# Nothing here has to do with the Prefect beside it: one environment without any is enough.
pytestmark = pytest.mark.prefect(None)

UNIX = pytest.mark.skipif(os.name == "nt", reason="there are no such files")
COMMAND = [sys.executable, "-W", "ignore", "-m", "rehandle", "results", "ls"]
VALUE = {"answer": [42, "é", None]}
RAW = pickle.dumps(VALUE, 4)
LONG = pickle.dumps(["x" * 100] + [str(number) for number in range(5000)], 4)
UNPICKLED = "the pickle's code has run"


class Bomb:
    """Unpickling it prints something."""

    def __reduce__(self):
        return (print, (UNPICKLED,))


def ls(*arguments, cwd=None):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        cwd=str(cwd) if cwd else None,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )


def rows(*arguments, cwd=None):
    done = ls("--json", *arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def folder(tmp_path):
    files = {
        "b64": base64.b64encode(pickle.dumps([datetime.date(2020, 1, 2)], 4)),
        "bomb": pickle.dumps(Bomb(), 4),
        "cut": LONG[:-1],
        "deep/er/gz": gzip.compress(LONG),
        "deep/record": records.transcode(RAW, storage_key="record"),
        "empty": b"",
        "long": LONG,
        "noise": b"\xff\x00",
        "settings.json": b'{"result": 3}',
    }
    for name, data in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (0, 1588748889))
    return tmp_path


TABLE = """\
format           status                bytes modified             path
base64, pickle   complete                 64 2020-05-06T07:08:09Z ./b64  imports datetime.date
pickle           complete                 65 2020-05-06T07:08:09Z ./bomb  imports builtins.print
pickle           truncated            34,018 2020-05-06T07:08:09Z ./cut
empty            complete                  0 2020-05-06T07:08:09Z ./empty
pickle           partly read          34,019 2020-05-06T07:08:09Z ./long
unknown          unknown                   2 2020-05-06T07:08:09Z ./noise
json             complete                 13 2020-05-06T07:08:09Z ./settings.json

format                              objects                bytes
pickle                                    3               68,102
base64, pickle                            1                   64
empty                                     1                    0
json                                      1                   13
unknown                                   1                    2
all                                       7               68,181

readable by                         objects                bytes
Prefect 1.x                               4               34,161
stock Prefect 3                           0                    0
rehandle.prefect3                         4               34,161
nobody                                    3               34,020
not looked at: 1 folder, see --recursive
"""


def test_the_table(folder):
    done = ls(".", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == TABLE


def test_json_has_a_row_for_each_object(folder):
    found = rows("--recursive", folder)
    assert [one["path"] for one in found] == [
        str(folder / name)
        for name in ("b64", "bomb", "cut", "deep/er/gz", "deep/record", "empty", "long", "noise", "settings.json")
    ]
    assert found[0] == {
        "path": str(folder / "b64"),
        "size": 64,
        "modified": "2020-05-06T07:08:09Z",
        "layers": ["base64", "pickle"],
        "status": "complete",
        "imports": [{"module": "datetime", "name": "date", "found": True}],
    }
    assert {tuple(one) for one in found} == {("path", "size", "modified", "layers", "status", "imports")}
    assert [one["layers"] for one in found[3:5]] == [["gzip", "pickle"], ["prefect3"]]


def test_each_object_is_a_line_of_json(folder):
    lines = ls("--json", folder).stdout.splitlines()
    assert (lines[0], lines[-1]) == ("[", "]")
    assert all(json.loads(line.rstrip(",")) for line in lines[1:-1])


def test_sums_are_on_standard_error_beside_json(folder):
    done = ls("--json", ".", cwd=folder)
    assert done.stderr == TABLE[TABLE.index("\n\n") + 2 :]


def test_nothing_is_unpickled(folder):
    for flags in ([], ["--json"]):
        done = ls(*flags, "--recursive", folder)
        assert UNPICKLED not in done.stdout + done.stderr


def test_what_a_record_of_prefect_3_imports_is_said(tmp_path):
    (tmp_path / "record").write_bytes(records.transcode(pickle.dumps(Bomb())))
    (row,) = rows(tmp_path)
    assert row["imports"] == [{"module": "builtins", "name": "print", "found": True}]


def test_an_import_that_hides_is_said(tmp_path):
    (tmp_path / "hidden").write_bytes(b"\x80\x04\x8c\x02os\x94h\x00\x85R\x93.")
    (tmp_path / "for who decodes first").write_bytes(b'"' + base64.b64encode(pickle.dumps(Bomb())) + b'"')
    first, second = rows(tmp_path)
    assert first["imports"] == [{"module": "builtins", "name": "print", "found": True}]
    assert {"module": None, "name": None, "found": False} in second["imports"]
    assert "imports something hidden" in ls(tmp_path).stdout


def test_it_goes_on_behind_an_object(folder):
    everything = rows("--recursive", folder)
    for number, row in enumerate(everything):
        assert rows("--recursive", "--after", row["path"], folder) == everything[number + 1 :]


def test_it_cannot_go_on_behind_what_is_gone(folder):
    done = ls("--json", "--after", folder / "gone", folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the listing has no" in done.stderr
    assert "begin anew" in done.stderr


def test_one_file(folder):
    assert [one["path"] for one in rows(folder / "b64")] == [str(folder / "b64")]


def test_an_empty_folder(tmp_path):
    assert rows(tmp_path) == []


@pytest.mark.parametrize(
    ("path", "message"),
    [("missing", "there is no such file"), ("", "the location is empty"), ("x://y", "nothing is known of x://")],
)
def test_what_is_not_there(tmp_path, path, message):
    done = ls(path, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr


@UNIX
def test_no_name_is_a_command_to_the_terminal(tmp_path):
    (tmp_path / "a\x1b[31m\x7f\nb").write_bytes(RAW)
    with open(os.fsencode(str(tmp_path)) + b"/\xff", "wb") as file:
        file.write(RAW)
    done = ls(".", cwd=tmp_path)
    assert "./a\\x1b[31m\\x7f\\nb" in done.stdout
    assert "./\\udcff" in done.stdout
    text = ls("--json", ".", cwd=tmp_path).stdout
    assert not set(text) & {"\x1b", "\x7f"}
    assert [one["path"] for one in json.loads(text)] == ["./a\x1b[31m\x7f\nb", "./\udcff"]


@UNIX
def test_what_is_no_file_is_counted(tmp_path):
    (tmp_path / "file").write_bytes(RAW)
    os.symlink("file", str(tmp_path / "link"))
    os.mkfifo(str(tmp_path / "pipe"))
    done = ls("--json", "--recursive", tmp_path)
    assert len(json.loads(done.stdout)) == 1
    assert "not looked at: 1 link\nnot looked at: 1 pipe\n" in done.stderr


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user who may not do everything")
def test_what_cannot_be_read(folder):
    os.chmod(str(folder / "b64"), 0)
    os.chmod(str(folder / "deep"), 0)
    try:
        done = ls("--json", "--recursive", folder)
    finally:
        os.chmod(str(folder / "deep"), 0o700)
    assert done.returncode == 1
    assert [one["status"] for one in json.loads(done.stdout)][:2] == ["unreadable", "complete"]
    assert done.stderr.count("denies it") == 2


@UNIX
def test_ctrl_c_waits_for_a_moment_that_suits_and_pressed_again_does_not():
    script = """if True:
        import os, signal, sys
        from rehandle.stored.terminal import patient
        with patient() as stop_if_told:
            stop_if_told()
            os.kill(os.getpid(), signal.SIGINT)
            print("done")
            try:
                stop_if_told() if sys.argv[1] == "once" else os.kill(os.getpid(), signal.SIGINT)
                print("never")
            except KeyboardInterrupt:
                print("stopped")
        print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
    """
    for how in ("once", "again"):
        assert subprocess.check_output([sys.executable, "-c", script, how]).split() == [b"done", b"stopped", b"True"]


@UNIX
def test_what_was_printed_until_ctrl_c_is_whole_and_it_says_how_to_go_on(tmp_path):
    for number in range(3000):
        (tmp_path / f"{number:04}").write_bytes(RAW)
    running = subprocess.Popen(
        [*COMMAND, "--json", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    )
    # The pipe holds less than all of it: so it waits there.
    read = running.stdout.read(100)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate()
    assert running.returncode == 130
    listed = [one["path"] for one in json.loads(read + out)]
    assert 0 < len(listed) < 3000
    assert f"Go on with: --after {listed[-1]}" in err.decode()
    assert len(listed) + len(rows("--after", listed[-1], tmp_path)) == 3000


CASES = {
    "pickle": LONG,
    "pickle of one long value": pickle.dumps(b"x" * 10000),
    "protocol 0": pickle.dumps(list(range(5000)), 0),
    "base64": base64.b64encode(LONG),
    "base64 in lines": base64.encodebytes(LONG),
    "base64 with one =": base64.b64encode(pickle.dumps(b"x" * 10001)),
    "base64 with two =": base64.b64encode(pickle.dumps(b"x" * 10002)),
    "base64 without =": base64.b64encode(pickle.dumps(b"x" * 10000)),
    "JSON": json.dumps(list(range(3000))).encode() + b"\n",
    "JSON object": json.dumps({f"é{number}": None for number in range(3000)}, ensure_ascii=False).encode(),
    "record": records.transcode(LONG),
    "record of JSON": records.transcode(json.dumps(["x"] * 5000).encode()),
    "gzip": gzip.compress(os.urandom(5000)),
    "gzip of a pickle": gzip.compress(pickle.dumps(os.urandom(5000))),
    "lzma of a pickle": lzma.compress(pickle.dumps(os.urandom(5000))),
    "parquet": b"PAR1" + bytes(5000) + b"PAR1",
    "feather": b"ARROW1" + bytes(5000) + b"ARROW1",
    "table": b"a,b\n" * 3000,
    "text": b"words " * 3000,
    "noise": b"\xff\x00" * 3000,
    "signed": HMACSerializer(PickleSerializer(), "0123456789abcdef").serialize("x" * 10000),
    "pickle with bytes after it": RAW + bytes(5000),
}


@pytest.mark.parametrize("data", CASES.values(), ids=CASES)
def test_both_ends_tell_what_the_whole_tells(data):
    reads = []

    def read(start, length):
        reads.append((start, length))
        return data[start : start + length]

    found, whole = ends.identify(len(data), read), identify(data)
    assert found.layers == whole.layers
    assert found.size == len(data)
    assert found.status == whole.status or (found.status == "partly read" and whole.status in ("complete", "unknown"))
    assert len(reads) <= 2
    assert sum(length for _, length in reads) <= 5000


@pytest.mark.parametrize(
    "name",
    ["pickle", "base64", "base64 in lines", "JSON", "JSON object", "record", "record of JSON", "parquet", "feather"],
)
def test_both_ends_tell_that_the_end_is_missing(name):
    for missing in range(2, 40):
        data = CASES[name][:-missing]
        found = ends.identify(len(data), lambda start, length, data=data: data[start : start + length])
        whole = identify(data)
        assert found.layers == whole.layers
        # The last byte of what is cut may look like an end.
        assert found.status == "truncated" or whole.status != "truncated" or data[-1:] in b'.}]"', (missing, found)


@UNIX
@pytest.mark.parametrize("command", ["ls", "convert"])
def test_progress_is_on_a_terminal_alone(tmp_path, command):
    import pty

    # Many opcodes: it takes several times as long as the line stays away, on any machine.
    value = pickle.dumps([(number,) for number in range(900)], 4)
    for number in range(1500):
        path = tmp_path / "old" / str(number % 4) / str(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(value)
    arguments = {"ls": ["--recursive", "--json"], "convert": [str(tmp_path / "new")]}[command]
    main, terminal = pty.openpty()
    running = subprocess.Popen(
        [*COMMAND[:-1], command, str(tmp_path / "old"), *arguments], stdout=subprocess.DEVNULL, stderr=terminal
    )
    os.close(terminal)
    shown = b""
    while True:
        try:
            piece = os.read(main, 4096)
        except OSError:  # Linux says so that the other side is closed.
            break
        if not piece:
            break
        shown += piece
    os.close(main)
    assert running.wait() == 0
    assert re.search(rb"\r\x1b\[K[\d,]+ objects, [\d,]+ a second", shown)
    # It is taken away in the end.
    assert b"objects" not in shown.rpartition(b"\x1b[K")[2].partition(b"readable by")[0].replace(b"objects  ", b"")


@pytest.mark.once
@UNIX
def test_memory_does_not_grow_with_the_listing(tmp_path):
    sizes = {}
    for count in (2_000, 200_000):
        folder = tmp_path / str(count)
        # Most in one folder, others in many.
        for number in range(count):
            if number % 5000 == 0:
                below = folder / f"below-{number}"
                below.mkdir(parents=True)
            with open(str((folder if number % 2 else below) / str(number)), "wb") as file:
                file.write(RAW)
        script = (
            "import resource, sys; from rehandle.__main__ import main; "
            "main(['results', 'ls', '--recursive', '--json', sys.argv[1]]); "
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        )
        with open(str(tmp_path / "rows.json"), "w") as out:
            done = subprocess.run(
                [sys.executable, "-c", script, str(folder)], stdout=out, stderr=subprocess.PIPE, encoding="utf-8"
            )
        sizes[count] = int(done.stderr.splitlines()[-1])
        with open(str(tmp_path / "rows.json")) as file:
            assert sum(1 for line in file if line.startswith("{")) == count
    # In KB. Names and entries of 10,000 files are sorted at a time.
    assert sizes[200_000] - sizes[2_000] < 16_000, sizes
