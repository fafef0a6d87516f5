"""``rehandle show``."""

import base64
import contextlib
import datetime
import gzip
import json
import os
import pickle
import signal
import socket
import subprocess
import sys

import cloudpickle
import pytest

from rehandle.serializers import HMACSerializer, PickleSerializer
from rehandle.serializers.signing import stored_at

# Nothing here has to do with the Prefect beside it: one environment without any is enough.
pytestmark = pytest.mark.prefect(None)

KEY = "0123456789abcdef"
VALUE = {"answer": [42, "é", None]}
RAW = pickle.dumps(VALUE)
UNPICKLED = "the pickle's code has run"
UNIX = pytest.mark.skipif(os.name == "nt", reason="there are no such files")


class Bomb:
    """Unpickling it prints something."""

    def __reduce__(self):
        return (print, (UNPICKLED,))


def show(*arguments, cwd=None, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REHANDLE_")}
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "rehandle", "show", *map(str, arguments)],
        capture_output=True,
        # A pipe that never ends.
        stdin=os.pipe()[0],
        encoding="utf-8",
        cwd=str(cwd) if cwd else None,
        env={**kept, "PYTHONIOENCODING": "utf-8", **environment},
    )


def shown_as_json(*arguments, **environment):
    done = show("--json", *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def stored(tmp_path):
    def store(data, name="object"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return store


def test_what_is_printed(stored):
    path = stored(base64.b64encode(pickle.dumps([Bomb(), datetime.date(2020, 1, 2)], 4)))
    done = show(path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"{path}\n"
        f"  size        {path.stat().st_size} bytes\n"
        "  format      base64, pickle (protocol 4)\n"
        "  status      complete\n"
        "  written by  a handler for S3, GCS or Azure (Prefect 0.4 to 0.13); such a Result of Prefect 0.10 to 0.12.0; "
        'or rehandle\'s PickleSerializer(write_format="base64")\n'
        "  read by     Python 3.4 or later\n"
        "  imports     builtins.print\n"
        "  imports     datetime.date\n"
    )


def test_json(stored):
    path = stored(pickle.dumps(Bomb(), 4) + b"more")
    assert shown_as_json(path) == {
        "location": str(path),
        "size": path.stat().st_size,
        "format": "pickle",
        "layers": ["pickle"],
        "status": "complete",
        "written_by": "a handler or Result for local files (any release); a Result for S3, GCS or Azure "
        "(Prefect 0.12.1 and later)",
        "protocol": 4,
        "python": "3.4",
        "imports": [{"module": "builtins", "name": "print", "found": True}],
        "hides_imports": False,
        "trailing_bytes": 4,
        "imports_in_base64": [],
        "signed_for": None,
        "signature": None,
    }


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_nothing_is_unpickled_without_being_told(stored, flags):
    path = stored(pickle.dumps(Bomb()))
    done = show(*flags, path)
    assert UNPICKLED not in done.stdout
    assert done.stderr == ""


def test_value_says_first_that_code_is_run(stored):
    path = stored(cloudpickle.dumps([Bomb(), VALUE]))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "rehandle", "show", "--value", str(path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    warning = next(number for number, line in enumerate(lines) if "this unpickles the object, which runs" in line)
    assert warning < lines.index(UNPICKLED)
    assert lines[-1] == repr([None, VALUE])


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (pickle.dumps(VALUE), VALUE),
        (base64.b64encode(pickle.dumps(VALUE)), VALUE),
        (gzip.compress(pickle.dumps(VALUE)), VALUE),
        (b'{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
        (b'"text"', "text"),
        (b",a\n0,1\n", ",a\n0,1\n"),
    ],
)
def test_value_as_json(stored, data, value):
    shown = shown_as_json("--value", stored(data))
    assert (shown["value"], shown["repr"]) == (value, repr(value))


def test_a_value_that_json_cannot_hold(stored):
    shown = shown_as_json("--value", stored(pickle.dumps({1, 2})))
    assert (shown["value"], shown["repr"]) == (None, "{1, 2}")


def test_a_point_in_time(stored):
    shown = shown_as_json("--value", stored(b"2020-01-02T03:04:05.678901+00:00"))
    assert shown["format"] == "datetime"
    assert "2020" in shown["repr"]


def test_text_is_printed_as_it_is(stored):
    assert show("--value", stored(b",a\n0,1\n")).stdout.endswith("\n,a\n0,1\n\n")
    assert show("--value", stored("Grüße\t你好\r\n".encode())).stdout.endswith("\nGrüße\t你好\n\n")


def test_a_table(stored):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    table = pandas.DataFrame({"a": [1, 2]})
    path = stored(b"")
    table.to_parquet(path)
    assert repr(table) in show("--value", path).stdout


def test_modules_that_are_not_here(stored, tmp_path):
    package = tmp_path / "package_of_the_flow"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('imported')")
    (package / "things.py").write_text("class Thing: pass")
    path = stored(b"\x80\x02cpackage_of_the_flow.things\nThing\n)\x81.")
    assert "package_of_the_flow.things.Thing   (not found by this Python)\n" in show(path).stdout
    done = show("--value", path)
    assert done.returncode == 2
    assert done.stderr.endswith(
        f"rehandle: error: {path}: loading it needs the module package_of_the_flow: "
        "install it, or say where it is (PYTHONPATH=.)\n"
    )
    # It is looked for without running any of it.
    found = show(path, PYTHONPATH=os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    assert "imports     package_of_the_flow.things.Thing\n" in found.stdout


def test_a_name_that_is_a_terminals_command(stored):
    path = stored(b"\x80\x02c\x1b[31mred\nname\n)\x81.")
    assert "\\x1b[31mred.name" in show(path).stdout


COMMANDS = "\x1b[31m \x9b31m \x07 \x7f \x08 \u202e \u2028 \x00"


class Shown:
    """A value whose own text is a terminal's command."""

    def __repr__(self):
        return COMMANDS


def no_commands(done):
    return all(c.isprintable() or c in "\n\t" for c in done.stdout + done.stderr)


@pytest.mark.parametrize(
    ("options", "data", "name"),
    [
        (["--value"], f"a text, {COMMANDS[:-2]}".replace("\x1b", "").replace("\x07 ", "").replace("\x08", ""), "text"),
        (["--value"], pickle.dumps(COMMANDS), "pickle"),
        (["--value", "--json"], pickle.dumps(COMMANDS), "pickle"),
        (["--json"], b"c" + COMMANDS[:-2].encode() + b"\nname\n.", "import"),
        ([], b"\x80\x02c" + COMMANDS[:-2].encode() + b"\nname\n.", "import"),
        ([], b"{}", COMMANDS[:-2]),
        (["--json"], b"{}", COMMANDS[:-2]),
        (["--value"], b"\x80\x04cbuiltins\n\x1b[31m\n.", "error"),
        (["--value"], b"\x80\x04c\x1b[31m\nname\n.", "missing module"),
        (["--verify"], b"\x93RHSIGN\x02\x01\0\0\0\x05\x1b[31m" + bytes(32), "signed for"),
        (["missing"], b"", COMMANDS[:-2]),
        (["--unknown"], b"", COMMANDS[:-2]),
    ],
)
def test_nothing_is_a_terminals_command(stored, options, data, name):
    """Wherever the text comes from: the object, its name, an error about it, or about the arguments."""
    data = data.encode() if isinstance(data, str) else data
    done = show(*options, stored(data, name), REHANDLE_HMAC_KEY=KEY)
    assert "Traceback" not in done.stderr
    assert no_commands(done), repr(done.stdout + done.stderr)


def test_a_value_whose_own_text_is_a_command(stored, tmp_path):
    (tmp_path / "shown.py").write_text(f"class Shown:\n    def __repr__(self):\n        return {COMMANDS!r}\n")
    done = show("--value", stored(b"\x80\x04cshown\nShown\n)\x81."), PYTHONPATH=str(tmp_path))
    assert (done.returncode, no_commands(done)) == (0, True), done
    assert "\\x1b[31m" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "utf-16"])
@pytest.mark.parametrize(
    "data", ["Grüße 你好".encode(), cloudpickle.dumps("Grüße 你好"), cloudpickle.dumps({"é": "\udc80"})]
)
def test_any_encoding_will_do(stored, encoding, data):
    for options in ([], ["--value"], ["--value", "--json"]):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "rehandle", "show", *options, str(stored(data, "Grüße"))],
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": encoding},
        )
        assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done
        done.stdout.decode(encoding)


def test_an_output_that_was_closed(stored):
    done = subprocess.run(
        ["sh", "-c", '"$0" -m rehandle show --value "$1" >&-', sys.executable, str(stored(RAW))], capture_output=True
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (0, False), done


class TestSigned:
    @pytest.fixture
    def path(self, stored, tmp_path):
        (tmp_path / "results").mkdir()
        path = tmp_path / "results" / "prices"
        with stored_at(path.as_posix):
            return stored(HMACSerializer(PickleSerializer(), KEY).serialize(VALUE), "results/prices")

    def test_with_the_key(self, path):
        shown = shown_as_json("--value", "--verify", path, REHANDLE_HMAC_KEY=KEY)
        assert (shown["layers"], shown["signature"]) == (["signed", "pickle"], "right")
        assert (shown["signed_for"], shown["value"]) == (path.as_posix(), VALUE)

    def test_without_a_key(self, path):
        assert "REHANDLE_HMAC_KEY isn't set" in shown_as_json(path)["signature"]
        for option, code in (("--value", 2), ("--verify", 1)):
            done = show(option, path)
            assert done.returncode == code
            assert "there is no key for signatures: REHANDLE_HMAC_KEY isn't set" in done.stderr

    def test_with_another_key(self, path):
        done = show("--value", path, REHANDLE_HMAC_KEY=KEY * 2)
        assert done.returncode == 2
        assert "signature is wrong" in done.stderr
        assert repr(VALUE) not in done.stdout

    def test_at_another_place(self, path):
        elsewhere = path.with_name("salaries")
        path.rename(elsewhere)
        shown = shown_as_json(elsewhere, REHANDLE_HMAC_KEY=KEY)
        assert f"is signed for another place, '{path.as_posix()}'" in shown["signature"]
        for option, code in (("--value", 2), ("--verify", 1)):
            done = show(option, elsewhere, REHANDLE_HMAC_KEY=KEY)
            assert done.returncode == code
            assert "moved or copied from there" in done.stderr
            assert repr(VALUE) not in done.stdout
        moved = shown_as_json("--value", "--verify", "--moved-from", path, elsewhere, REHANDLE_HMAC_KEY=KEY)
        assert (moved["signature"], moved["value"]) == ("right", VALUE)

    def test_for_no_place(self, stored):
        path = stored(HMACSerializer(PickleSerializer(), KEY).serialize(VALUE))
        assert show("--verify", path, REHANDLE_HMAC_KEY=KEY).returncode == 1
        assert show("--verify", "--unbound", path, REHANDLE_HMAC_KEY=KEY).returncode == 0

    def test_what_is_not_signed(self, stored):
        for data in (RAW, b"", b"\x93RHSIGN"):
            assert show("--verify", stored(data), REHANDLE_HMAC_KEY=KEY).returncode == 1

    def test_inside_of_a_compression(self, path):
        path.write_bytes(gzip.compress(path.read_bytes()))
        shown = shown_as_json("--value", "--verify", path, REHANDLE_HMAC_KEY=KEY)
        assert (shown["layers"], shown["signature"], shown["value"]) == (["gzip", "signed", "pickle"], "right", VALUE)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the object is empty: there is no value in it"),
        (b"\x80\x04N", "loading it failed with UnpicklingError"),
        (b"\x00\x01", "nothing that handlers or Results write"),
        (b"\x80\x04cbuiltins\nno_such_name\n.", "loading it failed with AttributeError"),
        (b"PAR1PAR1", "object: "),
    ],
)
def test_values_that_cannot_be_loaded(stored, data, words):
    done = show("--value", stored(data))
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("missing", "there is no such file"),
        (".", "reading the file"),
        pytest.param("/dev/zero", "it is a device", marks=UNIX),
        pytest.param("/dev/stdin", "it is a pipe", marks=UNIX),
        pytest.param("pipe", "it is a pipe", marks=UNIX),
        pytest.param("link to pipe", "it is a pipe", marks=UNIX),
        pytest.param("socket", "it is a socket", marks=UNIX),
        pytest.param("/dev/tty", "device", marks=UNIX),
        ("ftp://host/file", "nothing is known of ftp://"),
        ("gs://bucket", "names no key"),
        ("", "the location is empty"),
    ],
)
def test_bad_locations(location, words, tmp_path):
    if os.name != "nt":
        os.mkfifo(str(tmp_path / "pipe"))
        (tmp_path / "link to pipe").symlink_to("pipe")
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as listening:
            listening.bind(os.path.relpath(str(tmp_path / "socket")))
    done = show(location, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.skipif(sys.platform != "linux", reason="memory can't be limited here")
def test_an_object_that_is_larger_than_the_memory(tmp_path):
    with open(tmp_path / "large", "wb") as file:
        file.truncate(2 << 30)
    code = (
        "import resource, sys, rehandle.__main__ as command\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "sys.exit(command.main(['show', 'large']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("rehandle: error: large: there isn't enough memory")


def test_no_location():
    done = show()
    assert done.returncode == 2
    assert "the following arguments are required: LOCATION" in done.stderr


def test_file_urls(stored):
    assert shown_as_json(stored(b"{}").as_uri())["format"] == "json"


def test_help():
    done = show("--help")
    assert done.returncode == 0
    assert "rehandle show gs://bucket/" in done.stdout


def test_ctrl_c(stored, tmp_path):
    (tmp_path / "waiting.py").write_text(
        "import signal, sys\n\n"
        "def wait():\n"
        "    print('loading', file=sys.stderr, flush=True)\n"
        "    while True:\n"
        "        signal.pause()\n"
    )
    # A process that was started in the background ignores the signal unless told otherwise.
    restore = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    arguments = ["show", "--value", str(stored(b"\x80\x04cwaiting\nwait\n)R."))]
    code = f"{restore} import sys, rehandle.__main__ as command; sys.exit(command.main({arguments!r}))"
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )
    while process.stderr.readline() != "loading\n":
        assert process.poll() is None
    # Again and again, as people do: the first may come before the process waits.
    for _ in range(30):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1)
            break
    _, errors = process.communicate(timeout=300)
    assert (process.returncode, errors) == (130, "rehandle: interrupted\n")


def test_a_reader_who_has_seen_enough(stored):
    path = stored(json.dumps(list(range(100000))).encode())
    process = subprocess.Popen(
        [sys.executable, "-m", "rehandle", "show", "--value", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.readline()
    process.stdout.close()
    assert (process.wait(300), process.stderr.read()) == (0, b"")
    process.stderr.close()
