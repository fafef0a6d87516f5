"""Files and folders that can't be read as they should, and repositories that would like to be run."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from repositories import write_files

from rehandle_codemods.cli import commands
from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.files import discovery, source

ROOTS = [str(Path(__file__).parents[2] / "compat"), str(Path(__file__).parents[2] / "codemods")]
OLD = "from prefect import Flow\n\nflow = Flow('f', result_handler=None)\n"
NEW = OLD.replace("result_handler", "result")
posix = pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")
by_a_user = pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")


def run_command(*arguments, cwd, **options):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS), **options.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-m", "rehandle", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **options,
    )


@pytest.fixture(params=["plain", "git"])
def folder(request, repository):
    """A working directory that git lists the files of, and one that is walked."""
    if request.param == "git":
        if shutil.which("git") is None:
            pytest.skip("needs git")
        subprocess.run(["git", "init", "-q"], check=True)
    return repository


def finding(out):
    """The one line about a file that can't be processed."""
    (line,) = [line for line in out.splitlines() if "RH901" in line]
    return line


# Things that aren't files, or not any more


@posix
@pytest.mark.parametrize("make", ["folder", "pipe", "socket"])
def test_other_things_with_the_name_of_a_file(make, folder, capsys):
    write_files(folder, {"a.py": OLD})
    if make == "folder":
        (folder / "x.py").mkdir()
        write_files(folder, {"x.py/b.py": OLD})
    elif make == "pipe":
        os.mkfifo(folder / "x.py")
    else:
        server = socket.socket(socket.AF_UNIX)
        server.bind("x.py")
        server.close()
    assert main(["migrate"]) == 0
    assert (folder / "a.py").read_text() == NEW
    if make == "folder":
        assert (folder / "x.py/b.py").read_text() == NEW
    else:
        capsys.readouterr()
        assert main(["migrate", "x.py"]) == 2
        said = "x.py:1:1: RH901 isn't a regular file. Give a folder or a file with Python code"
        assert finding(capsys.readouterr().out) == said


@posix
@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero", "/dev/stdin"])
def test_devices(path, repository):
    done = run_command("check", path, cwd=repository, stdin=subprocess.PIPE)
    assert done.returncode == 2
    assert "isn't a regular file" in done.stdout


def test_file_that_vanishes_before_it_is_read(repository, capsys, monkeypatch):
    write_files(repository, {"a.py": OLD, "b.py": OLD})
    select = discovery.select

    def vanishing(*arguments, **named):
        selection = select(*arguments, **named)
        (repository / "b.py").unlink(missing_ok=True)
        return selection

    monkeypatch.setattr(discovery, "select", vanishing)
    assert main(["migrate"]) == 2
    assert finding(capsys.readouterr().out).startswith("b.py:1:1: RH901 can't be read")
    assert (repository / "a.py").read_text() == NEW


@pytest.mark.parametrize("change", ["vanishes", "changes", "is a folder"])
def test_file_that_is_another_one_when_it_is_written(change, repository, capsys, monkeypatch):
    write_files(repository, {"a.py": OLD, "b.py": OLD, "c.py": OLD})

    def changing(*arguments, **named):
        outcome = run(*arguments, **named)
        (repository / "b.py").unlink()
        if change == "changes":
            (repository / "b.py").write_text(OLD + "# mine\n")
        elif change == "is a folder":
            (repository / "b.py").mkdir()
        return outcome

    monkeypatch.setattr(commands, "run", changing)
    assert main(["migrate"]) == 2
    out = capsys.readouterr().out
    said = {
        "vanishes": "can't be written: No such file",
        "changes": "has changed since it was read. Run again",
        "is a folder": "isn't a regular file any more. Run again",
    }
    assert finding(out).startswith(f"b.py:1:1: RH901 {said[change]}")
    assert "3 places in 3 files: 2 rewritten, 0 run time, 1 by hand" in out
    assert ((repository / "a.py").read_text(), (repository / "c.py").read_text()) == (NEW, NEW)
    if change == "changes":
        assert (repository / "b.py").read_text() == OLD + "# mine\n"


@by_a_user
def test_file_that_can_not_be_read(folder, capsys):
    write_files(folder, {"a.py": OLD, "b.py": OLD})
    (folder / "b.py").chmod(0)
    assert main(["migrate"]) == 2
    assert finding(capsys.readouterr().out) == "b.py:1:1: RH901 can't be read. Check its permissions"
    assert (folder / "a.py").read_text() == NEW


@by_a_user
def test_folder_that_can_not_be_listed(repository, capsys):
    write_files(repository, {"a.py": OLD, "closed/b.py": OLD})
    (repository / "closed").chmod(0)
    try:
        assert main(["migrate"]) == 2
    finally:
        (repository / "closed").chmod(0o755)
    assert "closed:1:1: RH901 can't be listed: Permission denied" in capsys.readouterr().out
    assert (repository / "a.py").read_text() == NEW


@pytest.mark.parametrize("function", ["scandir", "lstat"])
def test_folder_that_the_system_refuses(function, repository, capsys, monkeypatch):
    """As for a user without permission, whoever runs this test."""
    write_files(repository, {"a.py": OLD, "closed/b.py": OLD})
    if function == "lstat":
        if shutil.which("git") is None:
            pytest.skip("needs git")
        subprocess.run(["git", "init", "-q"], check=True)
    real = getattr(os, function)

    def refusing(path, *arguments, **named):
        if "closed" in os.fspath(path):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *arguments, **named)

    monkeypatch.setattr(os, function, refusing)
    assert main(["migrate"]) == 2
    assert "Permission denied. Check its permissions, or leave it out" in finding(capsys.readouterr().out)
    assert (repository / "a.py").read_text() == NEW


# Size


def test_enormous_file(repository, capsys):
    with open(repository / "data.py", "wb") as file:
        file.write(b"x = 1\n" * 8_000_000)
    write_files(repository, {"a.py": OLD})
    assert main(["migrate"]) == 0
    with open(repository / "data.py", "ab") as file:
        file.write(OLD.encode() + b"# \n" * 1_000_000)
    capsys.readouterr()
    assert main(["migrate"]) == 2
    said = "data.py:1:1: RH901 has 51 MB, and more than 5 MB of Python isn't analysed. Split it, or leave it out"
    assert finding(capsys.readouterr().out) == said


def test_large_file(repository, monkeypatch, capsys):
    monkeypatch.setattr(source, "LARGEST", len(OLD))
    write_files(repository, {"a.py": OLD, "b.py": OLD + "\n"})
    assert main(["migrate"]) == 2
    assert finding(capsys.readouterr().out).startswith("b.py:1:1: RH901 has 0 MB")
    assert (repository / "a.py").read_text() == NEW


@posix
def test_long_path(repository, capsys):
    """Almost as long as a path may be: the temporary file's name is shorter than that of the file."""
    deep = repository
    while len(str(deep)) < 3800:
        deep /= "d" * min(200, 3900 - len(str(deep)))
    deep.mkdir(parents=True)
    (deep / ("f" * 60 + ".py")).write_text(OLD)
    assert main(["migrate"]) == 0
    assert (deep / ("f" * 60 + ".py")).read_text() == NEW
    assert os.listdir(deep) == ["f" * 60 + ".py"]


@posix
def test_path_that_is_too_long(repository, capsys):
    write_files(repository, {"a.py": OLD})
    before = os.getcwd()
    try:
        for _ in range(25):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        Path("b.py").write_text(OLD)
    finally:
        os.chdir(before)
    assert main(["migrate"]) == 2
    assert "can't be listed: File name too long" in finding(capsys.readouterr().out)
    assert (repository / "a.py").read_text() == NEW
    subprocess.run(["rm", "-rf", "d" * 200], check=True)


# Nothing of a repository is run, and nothing leaves the machine

MARK = "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\n"
RUN_BY_SOMEBODY = (
    *("conftest.py", "sitecustomize.py", "usercustomize.py", "setup.py", "__init__.py", "__main__.py", "noxfile.py"),
    *("click.py", "libcst/__init__.py", "rich.py", "pathspec.py", "tomllib.py", "tomli.py", "difflib.py", "prefect.py"),
    *("app/__init__.py", "app/flow.py", "rehandle_codemods.py", "json.py"),
)


@pytest.mark.parametrize("command", [["check"], ["migrate", "--diff"], ["migrate"], ["check", "--format", "json"]])
@pytest.mark.parametrize("start", ["script", "module"])
def test_no_code_of_the_repository_is_run(start, command, repository, tmp_path):
    names = RUN_BY_SOMEBODY if start == "script" else RUN_BY_SOMEBODY[:-1]  # before us, `python -m` has imported json
    write_files(repository, dict.fromkeys(names, MARK + OLD))
    write_files(repository, {"evil.pth": "import pathlib; pathlib.Path('ran').touch()\n", "pyproject.toml": ""})
    if start == "module":
        done = run_command(*command, cwd=repository)
    else:
        script = tmp_path / "rehandle"
        script.write_text("import sys\nfrom rehandle.__main__ import main\nsys.exit(main())\n")
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS)}
        arguments = [sys.executable, str(script), *command]
        done = subprocess.run(arguments, cwd=repository, env=environment, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    assert f"{len(names)} places in {len(names)} files" in said or said.count("RH103") == 2 * len(names)  # code and URL
    assert not list(repository.rglob("ran"))


WATCH = """
import sys

seen = []

def hook(event, arguments):
    if event.partition(".")[0] in ("socket", "http", "urllib", "ftplib", "smtplib", "subprocess", "ssl"):
        seen.append((event, str(arguments[1] if event.startswith("subprocess") else arguments)))
    elif event in ("os.system", "os.exec", "os.posix_spawn", "os.startfile", "ctypes.dlopen"):
        seen.append((event, str(arguments)))

sys.addaudithook(hook)
from rehandle_codemods.cli.commands import main
code = main(sys.argv[1:])
for event, arguments in seen:
    print("event", event, arguments, file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("command", [["check"], ["migrate", "--diff"], ["migrate"]])
def test_no_network_and_no_program_but_git(command, folder):
    write_files(folder, {f"f{number}.py": OLD for number in range(20)})
    write_files(folder, {"pyproject.toml": "[tool.rehandle]\njobs = 1\n"})
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS)}
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    events = [line for line in done.stderr.splitlines() if line.startswith("event ")]
    assert all(line.startswith("event subprocess.Popen ['git', ") for line in events), done.stderr
    assert bool(events) == (folder / ".git").exists()
    if command == ["migrate"]:
        assert (folder / "f1.py").read_text() == NEW


@pytest.mark.once
@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_no_network_as_the_system_sees_it(repository, tmp_path):
    write_files(repository, {f"f{number}.py": OLD for number in range(20)})
    log = tmp_path / "log"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS)}
    traced = ["strace", "-f", "-o", str(log), "-e", "trace=network,execve", sys.executable, "-m", "rehandle", "migrate"]
    done = subprocess.run(traced, cwd=repository, env=environment, capture_output=True, check=False)
    if not log.exists() or b"PTRACE" in done.stderr:
        pytest.skip("strace isn't allowed here")
    assert done.returncode == 0
    calls = log.read_text()
    assert "AF_INET" not in calls
    assert calls.count("execve(") == 1


def test_several_threads(repository):
    """The stack for deep code is set for a while: another thread's run isn't disturbed."""
    write_files(repository, {f"{name}/a.py": OLD for name in "abcd"})
    outcomes = {}
    threads = [threading.Thread(target=lambda name=name: outcomes.update({name: run([name])})) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(outcomes[name].changes) for name in "abcd"] == [1, 1, 1, 1]
