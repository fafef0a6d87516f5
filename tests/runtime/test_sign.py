"""``rehandle sign``, on files; tests/storage/test_signed_objects.py has it on clouds' storage."""

import os
import pickle
import shutil
import stat

import pytest
from test_signing import signed_by_version_1

from rehandle.__main__ import main
from rehandle.serializers import HMACSerializer, PickleSerializer, signing

# Nothing here has to do with the Prefect beside it: one environment without any is enough.
pytestmark = pytest.mark.prefect(None)

KEY = "0123456789abcdef"
VALUE = {"answer": [42, "é", None]}


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv(signing.VARIABLE, KEY)


@pytest.fixture
def moved(tmp_path, monkeypatch):
    """A folder with signed objects that was moved, and is the working directory's `after`."""
    for name in ("monday", "2026/tuesday"):
        write(tmp_path / "before" / name)
    shutil.move(str(tmp_path / "before"), str(tmp_path / "after"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "after"


def write(path, data=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    with signing.stored_at(path.as_posix):
        path.write_bytes(HMACSerializer(PickleSerializer(), KEY).serialize(VALUE) if data is None else data)


def read(path):
    with signing.stored_at(path.as_posix):
        return HMACSerializer(PickleSerializer(), KEY).deserialize(path.read_bytes())


def test_a_folder(moved, capsys):
    assert main(["sign", "--moved-from", "before", "after"]) == 0
    assert capsys.readouterr() == (f"signed {moved}/2026/tuesday\nsigned {moved}/monday\n", "")
    assert read(moved / "monday") == read(moved / "2026" / "tuesday") == VALUE
    assert main(["sign", "after/"]) == 0
    assert capsys.readouterr() == (f"right already {moved}/2026/tuesday\nright already {moved}/monday\n", "")


def test_an_object(moved, capsys):
    assert main(["sign", "--moved-from", "before/monday", "after/monday"]) == 0
    assert read(moved / "monday") == VALUE
    assert main(["show", "--verify", "after/monday"]) == 0
    assert main(["show", "--verify", "after/2026/tuesday"]) == 1


@pytest.mark.parametrize("options", [[], ["--moved-from", "elsewhere"], ["--moved-from", "before/2026"], ["--unbound"]])
def test_what_was_not_allowed_is_left(moved, capsys, options):
    before = (moved / "monday").read_bytes()
    assert main(["sign", *options, "after"]) == 1
    assert (
        f"error: {moved}/monday: the object at '{moved}/monday' is signed for another place" in capsys.readouterr().err
    )
    assert (moved / "monday").read_bytes() == before


def test_a_wrong_signature_is_never_signed(moved, monkeypatch, capsys):
    monkeypatch.setenv(signing.VARIABLE, KEY * 2)
    assert main(["sign", "--moved-from", "before", "--unbound", "--unsigned", "after"]) == 1
    assert capsys.readouterr().err.count("signature is wrong") == 2


@pytest.mark.parametrize(
    ("data", "option", "words"),
    [
        (pickle.dumps(VALUE), "--unsigned", "it isn't signed. --unsigned signs it as it is"),
        (HMACSerializer(PickleSerializer(), KEY).serialize(VALUE), "--unbound", "for no place"),
        (signed_by_version_1("monday"), "--unbound", "for the name 'monday' in whatever folder"),
    ],
)
def test_what_is_bound_to_nothing(tmp_path, capsys, data, option, words):
    path = tmp_path / "monday"
    path.write_bytes(data)
    assert main(["sign", str(tmp_path)]) == 1
    assert words in capsys.readouterr().err
    assert path.read_bytes() == data
    assert main(["sign", option, str(tmp_path)]) == 0
    assert read(path) == VALUE


def test_the_mode_stays(tmp_path):
    path = tmp_path / "monday"
    path.write_bytes(pickle.dumps(VALUE))
    path.chmod(0o600)
    assert main(["sign", "--unsigned", str(path)]) == 0
    assert stat.S_IMODE(os.stat(str(path)).st_mode) == 0o600


@pytest.mark.skipif(os.name == "nt", reason="there are no such files")
def test_links_and_temporary_files_are_passed_over(moved, capsys):
    (moved / "link").symlink_to("monday")
    (moved / f".rehandle-00000000-1-{'0' * 32}").write_bytes(b"")
    assert main(["sign", "--moved-from", "before", "after"]) == 0
    assert capsys.readouterr().out.count("signed ") == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["missing"], "there is no such file"),
        (["gs://"], "names no bucket"),
        (["ftp://x"], "nothing is known of ftp://"),
        ([""], "the location is empty"),
    ],
)
def test_bad_locations(tmp_path, monkeypatch, capsys, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert main(["sign", *arguments]) in (1, 2)
    assert words in capsys.readouterr().err


def test_without_a_key(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv(signing.VARIABLE)
    assert main(["sign", str(tmp_path)]) == 2
    assert "REHANDLE_HMAC_KEY isn't set" in capsys.readouterr().err


def test_help(capsys):
    with pytest.raises(SystemExit):
        main(["sign", "--help"])
    assert "rehandle sign --moved-from gs://old-bucket gs://new-bucket/archive/" in capsys.readouterr().out
