"""What a file keeps when it is replaced, who can read it meanwhile, and what a killed process leaves."""

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from rehandle import errors
from rehandle.storage import LocalStore, atomic_file

pytestmark = [
    # Nothing here has to do with the Prefect beside it: one environment without any is enough.
    pytest.mark.prefect(None),
    pytest.mark.skipif(os.name == "nt", reason="needs owners, modes and signals"),
]

STORE = LocalStore()
NEEDS_ROOT = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can become somebody else")
USER, GROUP, OTHER_GROUP = 65533, 65532, 65531


def mode(path):
    return stat.S_IMODE(os.stat(str(path)).st_mode)


@pytest.fixture
def temporary_modes(monkeypatch):
    """The mode that each new file has when it is made."""
    modes = []
    real = os.open

    def spy(path, flags, *args, **kwargs):
        handle = real(path, flags, *args, **kwargs)
        if flags & os.O_CREAT:
            modes.append(stat.S_IMODE(os.fstat(handle).st_mode))
        return handle

    monkeypatch.setattr(os, "open", spy)
    return modes


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o604, 0o644, 0o400, 0o000])
def test_nobody_else_can_open_what_takes_a_files_place(tmp_path, temporary_modes, kept):
    path = tmp_path / "name"
    path.write_bytes(b"old")
    path.chmod(kept)
    umask = os.umask(0)
    try:
        STORE.write(str(path), b"new")
    finally:
        os.umask(umask)
    assert temporary_modes == [0o600]
    assert mode(path) == kept
    path.chmod(0o600)
    assert path.read_bytes() == b"new"


def supports_attributes(folder):
    if not hasattr(os, "setxattr"):
        return False
    path = folder / "probe"
    path.write_bytes(b"")
    try:
        os.setxattr(str(path), "user.probe", b"1")
    except OSError:
        return False
    return True


def test_extended_attributes_stay(tmp_path):
    if not supports_attributes(tmp_path):
        pytest.skip("this file system has no extended attributes")
    path = tmp_path / "name"
    STORE.write(str(path), b"old")
    os.setxattr(str(path), "user.team", b"data")
    STORE.write(str(path), b"new")
    assert os.getxattr(str(path), "user.team") == b"data"


@NEEDS_ROOT
def test_root_keeps_the_owner(tmp_path):
    path = tmp_path / "name"
    path.write_bytes(b"old")
    os.chown(str(path), USER, GROUP)
    path.chmod(0o4640)
    STORE.write(str(path), b"new")
    status = os.stat(str(path))
    assert (status.st_uid, status.st_gid, mode(path)) == (USER, GROUP, 0o4640)


_AS_USER = """
import os, sys
from rehandle import errors
from rehandle.storage import LocalStore

_, path, user, group, others = sys.argv
os.setgroups([int(one) for one in others.split(",") if one])
os.setgid(int(group))
os.setuid(int(user))
try:
    LocalStore().write(path, b"new")
except errors.StorageError as error:
    print(type(error).__name__, error)
"""


def write_as_user(path, groups=()):
    command = [sys.executable, "-c", _AS_USER, str(path), str(USER), str(GROUP), ",".join(map(str, groups))]
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return done.stdout


@pytest.fixture
def shared_folder():
    """A folder of root's that everybody may write to. (Those above pytest's own are for nobody else.)"""
    with tempfile.TemporaryDirectory() as above:
        os.chmod(above, 0o755)
        folder = Path(above, "shared")
        folder.mkdir()
        folder.chmod(0o777)
        yield folder


@NEEDS_ROOT
@pytest.mark.parametrize(
    ("groups", "before", "after"),
    [((OTHER_GROUP,), 0o660, 0o660), ((), 0o660, 0o600), ((), 0o664, 0o644), ((), 0o2664, 0o644), ((), 0o604, 0o604)],
)
def test_rights_of_a_group_that_is_lost_are_lost(shared_folder, groups, before, after):
    """A file of another user becomes the writer's. Its group stays if the writer is in it; another gets no rights."""
    path = shared_folder / "name"
    path.write_bytes(b"old")
    os.chown(str(path), 0, OTHER_GROUP)
    path.chmod(before)
    assert write_as_user(path, groups) == ""
    status = os.stat(str(path))
    assert (status.st_uid, status.st_gid) == (USER, OTHER_GROUP if groups else GROUP)
    assert mode(path) == after


@NEEDS_ROOT
def test_a_folder_that_cannot_be_written_to_is_named(shared_folder):
    folder = shared_folder / "closed"
    folder.mkdir()
    (folder / "name").write_bytes(b"old")
    (folder / "name").chmod(0o666)
    folder.chmod(0o755)
    for name in ("name", "new", "sub/new"):
        error = write_as_user(folder / name)
        assert error.startswith("AccessDeniedError writing the file")
        assert f"nothing can be put into the folder '{folder}" in error
        assert "Allow writing to that folder, or name another one" in error
    assert (folder / "name").read_bytes() == b"old"


def test_a_file_where_a_folder_should_be(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(errors.StorageError, match="nothing was changed"):
        STORE.write(str(tmp_path / "file" / "name"), b"new")


_KILLED = """
import os, signal, sys
from rehandle.storage import LocalStore

def kill(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)

os.replace = kill
LocalStore().write(sys.argv[1], b"never seen")
"""

_WRITING = """
import os, sys
from rehandle.storage import LocalStore

real = os.replace
def replace(*arguments):
    print("writing", flush=True)
    sys.stdin.readline()
    real(*arguments)

os.replace = replace
LocalStore().write(sys.argv[1], b"from another process")
"""

_WRITE = "import sys; from rehandle.storage import LocalStore; LocalStore().write(sys.argv[1], b'value')"


def kill_while_writing(path):
    done = subprocess.run([sys.executable, "-c", _KILLED, str(path)])
    assert done.returncode == -signal.SIGKILL


def write_elsewhere(path):
    subprocess.run([sys.executable, "-c", _WRITE, str(path)], check=True)


def test_what_a_killed_process_leaves_goes_with_the_next_write(tmp_path):
    kill_while_writing(tmp_path / "name")
    (left,) = os.listdir(str(tmp_path))
    assert atomic_file.is_temporary(left)
    write_elsewhere(tmp_path / "other")
    assert os.listdir(str(tmp_path)) == ["other"]


def test_who_still_writes_is_left_alone(tmp_path):
    command = [sys.executable, "-c", _WRITING, str(tmp_path / "name")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout.readline() == b"writing\n"
        write_elsewhere(tmp_path / "other")
        assert len(os.listdir(str(tmp_path))) == 2
    finally:
        process.communicate(b"\n")
    assert process.returncode == 0
    assert sorted(os.listdir(str(tmp_path))) == ["name", "other"]
    assert (tmp_path / "name").read_bytes() == b"from another process"


def test_only_what_is_certainly_left_over_is_deleted(tmp_path):
    pid = os.getpid()
    host = atomic_file._HOST
    other = "0" * 8 if host != "0" * 8 else "1" * 8
    number = "0" * 32
    a_day_ago = time.time() - 25 * 3600
    stay = [
        "name",
        ".rehandle-0123abcd",  # of the codemods
        f".rehandle-{number}",
        f".rehandle-{host}-{pid + 1}-{number}.txt",
        f".rehandle-{other}-{pid + 1}-{number}",  # another machine's, of today
    ]
    go = [f".rehandle-{host}-{pid + 1}-{number}", f".rehandle-{other}-{pid + 2}-{number}"]
    for name in stay + go:
        (tmp_path / name).write_bytes(b"")
    for name in [go[1], *stay[:4]]:
        os.utime(str(tmp_path / name), (a_day_ago, a_day_ago))
    (tmp_path / f".rehandle-{host}-{pid + 3}-{number}").mkdir()
    (tmp_path / f".rehandle-{host}-{pid + 4}-{number}").symlink_to("name")
    os.mkfifo(str(tmp_path / f".rehandle-{host}-{pid + 5}-{number}"))
    stay += [f".rehandle-{host}-{pid + n}-{number}" for n in (3, 4, 5)]
    write_elsewhere(tmp_path / "new")
    assert sorted(os.listdir(str(tmp_path))) == sorted([*stay, "new"])


@NEEDS_ROOT
def test_another_users_leftovers_stay(shared_folder):
    kill_while_writing(shared_folder / "name")
    (left,) = os.listdir(str(shared_folder))
    os.chown(str(shared_folder / left), USER, GROUP)
    write_elsewhere(shared_folder / "other")
    assert sorted(os.listdir(str(shared_folder))) == sorted([left, "other"])
