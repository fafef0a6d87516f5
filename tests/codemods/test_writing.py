"""How files are replaced: what stays, what is refused, and what a signal or a full disk leaves behind."""

from __future__ import annotations

import os
import random
import shutil
import signal
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.files.source import SourceError
from rehandle_codemods.files.writing import replace

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")

OLD = 'from prefect import Flow\n\nflow = Flow("é", result_handler=None)  # é\n'
NEW = OLD.replace("result_handler", "result")
ROOTS = [str(Path(__file__).parents[2] / "compat"), str(Path(__file__).parents[2] / "codemods")]
NOBODY = 65534
as_root = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="needs root")


def start(code, *, cwd, **options):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS)}
    return subprocess.Popen([sys.executable, "-c", code], cwd=cwd, env=environment, **options)


MIGRATE = "import sys; from rehandle_codemods.cli.commands import main; sys.exit(main(['migrate', '.']))"


@pytest.fixture
def file(repository):
    path = repository / "a.py"
    path.write_bytes(b"old")
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# What stays


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o200, 0o4755, 0o2755, 0o1666, 0o6711])
def test_mode(mode, file):
    file.chmod(mode)
    if not os.access(file, os.R_OK):
        pytest.skip("only root can read such a file")
    replace(str(file), b"old", b"new")
    assert stat.S_IMODE(file.stat().st_mode) == mode
    assert file.read_bytes() == b"new"


@as_root
@pytest.mark.parametrize("mode", [0o644, 0o4755])
def test_owner_and_group(mode, file):
    os.chown(file, NOBODY, 12345)
    file.chmod(mode)
    replace(str(file), b"old", b"new")
    status = file.stat()
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (NOBODY, 12345, mode)


def access_list(*entries):
    nobody = 0xFFFFFFFF
    packed = [struct.pack("<HHI", tag, mode, nobody if user is None else user) for tag, mode, user in entries]
    return struct.pack("<I", 2) + b"".join(packed)


FOR_1000 = access_list((1, 6, None), (2, 4, 1000), (4, 0, None), (16, 4, None), (32, 0, None))
ATTRIBUTES = [
    {"user.note": b"kept\x00"},
    {"system.posix_acl_access": FOR_1000},
    {"user.empty": b"", "system.posix_acl_access": FOR_1000},
]


@pytest.mark.skipif(not hasattr(os, "setxattr"), reason="this system's Python knows no extended attributes")
@pytest.mark.parametrize("attributes", ATTRIBUTES, ids=["user", "list", "both"])
@pytest.mark.parametrize("inherited", [False, True])
def test_extended_attributes_and_access_control_lists(attributes, inherited, file):
    try:
        for name, value in attributes.items():
            os.setxattr(file, name, value)
        if inherited:
            entries = ((1, 7, None), (2, 7, 2000), (4, 7, None), (16, 7, None), (32, 7, None))
            os.setxattr(file.parent, "system.posix_acl_default", access_list(*entries))
    except OSError as error:
        pytest.skip(f"this file system doesn't have them: {error}")
    mode = file.stat().st_mode
    replace(str(file), b"old", b"new")
    assert {name: os.getxattr(file, name) for name in os.listxattr(file)} == attributes
    assert file.stat().st_mode == mode


def test_nothing_else_appears(file):
    replace(str(file), b"old", b"new")
    assert names(file.parent) == ["a.py"]


def test_symbolic_link_stays_one(file):
    link = file.parent / "link.py"
    link.symlink_to("a.py")
    replace(str(link), b"old", b"new")
    assert os.readlink(link) == "a.py"
    assert file.read_bytes() == b"new"


def test_other_names_of_a_file_keep_the_old_content(file):
    # A package manager's cache may be behind one; to write through it would change every environment.
    os.link(file, file.parent / "other.txt")
    replace(str(file), b"old", b"new")
    assert (file.read_bytes(), (file.parent / "other.txt").read_bytes()) == (b"new", b"old")


@pytest.mark.parametrize(
    "name", ["new\nline.py", "sp ace.py", "quo'te\".py", os.fsdecode(b"\xff\xfe.py"), "é" * 126 + ".py"]
)
def test_names(name, file):
    path = file.rename(file.parent / name)
    replace(str(path), b"old", b"new")
    assert names(file.parent) == [name]
    assert path.read_bytes() == b"new"


# What is refused


def refused(file, match, before=b"old"):
    content = file.read_bytes() if file.is_file() else None
    with pytest.raises(SourceError, match=match):
        replace(str(file), before, b"new")
    if content is not None:
        assert file.read_bytes() == content
    assert not [name for name in names(file.parent) if name.startswith(".rehandle")]


def test_changed_since_it_was_read(file):
    refused(file, "has changed since it was read. Run again", before=b"older")


def test_changed_while_the_new_content_was_written(file, monkeypatch):
    def fsync(handle):
        file.write_bytes(b"newer")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(SourceError, match="has changed"):
        replace(str(file), b"old", b"new")
    assert file.read_bytes() == b"newer"
    assert names(file.parent) == ["a.py"]


def test_gone(file):
    file.unlink()
    refused(file, "can't be written: No such file")


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_not_a_file_any_more(make, file):
    file.unlink()
    make(file)
    refused(file, "isn't a regular file any more")


def test_read_only(file):
    file.chmod(0o444)
    refused(file, "is read-only. Make it writable and run again")


def test_loop_of_links(file):
    file.unlink()
    file.symlink_to("b.py")
    (file.parent / "b.py").symlink_to("a.py")
    refused(file, "can't be written: ")


def replace_by_nobody(file):
    """Replace a file's content in a process of another user; returns what it says."""
    closed = {folder: folder.stat().st_mode for folder in file.parents if not folder.stat().st_mode & 0o001}
    for folder, mode in closed.items():
        folder.chmod(mode | 0o001)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            replace(str(file), b"old", b"new")
        except BaseException as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    for folder, mode in closed.items():
        folder.chmod(mode)
    return said


@as_root
def test_read_only_folder(file):
    os.chown(file, NOBODY, NOBODY)
    file.parent.chmod(0o755)
    assert replace_by_nobody(file) == "can't be written: Permission denied"
    assert file.read_bytes() == b"old"


@as_root
def test_file_of_another_user(file):
    file.parent.chmod(0o777)
    file.chmod(0o666)
    said = replace_by_nobody(file)
    assert said.startswith("belongs to another user or group, and wouldn't any more. Run as its owner")
    assert file.read_bytes() == b"old"
    assert file.stat().st_uid == 0
    assert names(file.parent) == ["a.py"]


# A full disk


def test_full_disk(repository):
    """The limit is that of a process, which the system enforces just as it does a full disk."""
    write_files(repository, {"a.py": OLD, "large.py": OLD + "# \n" * 10_000})
    code = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n{MIGRATE}"
    done = start(code, cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = done.communicate()
    assert done.returncode == 2, err.decode()
    assert b"large.py:1:1: RH901 can't be written: File too large" in out
    assert b"Traceback" not in err
    assert (repository / "a.py").read_text("utf-8") == NEW
    assert (repository / "large.py").read_text("utf-8").startswith(OLD)
    assert names(repository) == ["a.py", "large.py"]


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own, of 64 KB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.once
def test_disk_that_is_full(small_disk, monkeypatch, capsys):
    write_files(small_disk, {"a.py": OLD, "large.py": OLD + "# \n" * 12_000})
    monkeypatch.chdir(small_disk)
    try:
        assert main(["migrate"]) == 2
        assert "large.py:1:1: RH901 can't be written: No space left on device" in capsys.readouterr().out
        assert (small_disk / "a.py").read_text("utf-8") == NEW
        assert (small_disk / "large.py").read_text("utf-8").startswith(OLD)
        (small_disk / "full").write_bytes(b"x" * os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize)
        assert main(["check", "--format", "json", "-o", "found.json"]) == 2
        assert capsys.readouterr().err == "Error: found.json can't be written: No space left on device\n"
        assert names(small_disk) == ["a.py", "full", "large.py"]
    finally:
        monkeypatch.undo()  # a disk that somebody is in can't be taken away


# Signals


def test_signal_waits_for_the_file_that_is_written(repository):
    """A signal in the middle of a file: that one is finished, the others are as they were, the process ends by it."""
    write_files(repository, {f"f{number}.py": OLD for number in range(5)})
    for number in (signal.SIGTERM, signal.SIGHUP):
        code = f"""
import os, signal
signal.signal({int(number)}, signal.SIG_DFL)
fsync = os.fsync

def interrupted(handle):
    os.kill(os.getpid(), {int(number)})
    fsync(handle)

os.fsync = interrupted
{MIGRATE}
"""
        done = start(code, cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _, err = done.communicate()
        assert (done.returncode, err) == (-number, b"")
    assert names(repository) == [f"f{number}.py" for number in range(5)]
    assert [path.read_text("utf-8") for path in sorted(repository.iterdir())] == [NEW, NEW, OLD, OLD, OLD]


def test_ignored_signal_stays_ignored(repository):
    write_files(repository, {"a.py": OLD, "b.py": OLD})
    code = f"""
import os, signal
signal.signal(signal.SIGHUP, signal.SIG_IGN)
replace = os.replace
os.replace = lambda *paths: (os.kill(os.getpid(), signal.SIGHUP), replace(*paths))
{MIGRATE}
"""
    assert start(code, cwd=repository, stdout=subprocess.DEVNULL).wait() == 0
    assert (repository / "b.py").read_text("utf-8") == NEW


@pytest.mark.once
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_signal_at_any_moment(number, repository):
    """Each file is either old or new, and only SIGKILL, which no program sees, may leave a temporary file."""
    count = 150
    wanted = sorted(f"f{index}.py" for index in range(count))
    random_ = random.Random(20)
    stopped = 0
    for _ in range(5):
        write_files(repository, dict.fromkeys(wanted, OLD))
        code = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n{MIGRATE}"
        process = start(code, cwd=repository, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        first = repository / wanted[0]
        while process.poll() is None and first.stat().st_size == len(OLD.encode()):
            time.sleep(0.001)
        time.sleep(random_.random() * 0.1)
        process.send_signal(number)
        err = process.communicate()[1]
        assert b"Traceback" not in err
        stopped += process.returncode != 0
        texts = [(repository / name).read_text("utf-8") for name in wanted]
        assert set(texts) <= {OLD, NEW}
        # In their order: none is left out.
        assert texts == sorted(texts, key=[NEW, OLD].index)
        rest = set(names(repository)) - set(wanted)
        if number != signal.SIGKILL:
            assert not rest
        assert len(rest) <= 1
        for name in rest:
            (repository / name).unlink()
    assert stopped, "no signal came in time"


def test_interrupted_by_a_second_ctrl_c(repository, monkeypatch):
    write_files(repository, {"a.py": OLD, "b.py": OLD})

    def twice(*paths):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        pytest.fail("the second one didn't end it")

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        monkeypatch.setattr(os, "replace", twice)
        assert main(["migrate"]) == 130
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert names(repository) == ["a.py", "b.py"]
