"""Symbolic links: followed inside the given paths only, and one file is one module, whatever its names are."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs symbolic links")
OLD = "from prefect import Flow\n\nflow = Flow('f', result_handler=None)\n"
NEW = OLD.replace("result_handler", "result")


@pytest.fixture(params=["plain", "git"])
def folder(request, repository):
    """A working directory that git lists the files of, and one that is walked."""
    if request.param == "git":
        if shutil.which("git") is None:
            pytest.skip("needs git")
        subprocess.run(["git", "init", "-q"], check=True)
    return repository


def link(path, target):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def test_inside_the_given_paths(folder, capsys):
    write_files(folder, {"real/a.py": OLD})
    link(folder / "links/b.py", "../real/a.py")
    link(folder / "links/c.py", folder / "links" / "b.py")
    assert main(["migrate"]) == 0
    out = capsys.readouterr().out
    assert "1 place in 1 file: 1 rewritten" in out
    assert out.count("RH103") == 1
    assert (folder / "real/a.py").read_text() == NEW
    assert os.readlink(folder / "links/b.py") == "../real/a.py"
    assert main(["check"]) == 0


def test_out_of_the_given_paths(folder, capsys):
    write_files(folder, {"real/a.py": OLD, "real/other.py": "x = 1\n", "flows/d.py": OLD})
    link(folder / "flows/b.py", "../real/a.py")
    link(folder / "flows/c.py", "../real/other.py")
    for arguments in (["check", "flows"], ["migrate", "--diff", "flows"], ["migrate", "flows"]):
        assert main(arguments) == 2
        captured = capsys.readouterr()
        said = "flows/b.py:1:1: RH901 leads to real/a.py, which is outside of the given paths: it is left"
        assert said in captured.out + captured.err
        assert "c.py" not in captured.out + captured.err
    assert (folder / "flows/d.py").read_text() == NEW
    assert (folder / "real/a.py").read_text() == OLD
    assert main(["migrate", "flows", "real/a.py"]) == 0
    assert (folder / "real/a.py").read_text() == NEW


def test_out_of_the_repository(folder, tmp_path, capsys):
    write_files(tmp_path, {"elsewhere/a.py": OLD})
    link(folder / "b.py", tmp_path / "elsewhere/a.py")
    assert main(["migrate"]) == 2
    assert "b.py:1:1: RH901 leads to " in capsys.readouterr().out
    assert (tmp_path / "elsewhere/a.py").read_text() == OLD


def test_named_link(folder):
    write_files(folder, {"real/a.py": OLD})
    link(folder / "flow", "real/a.py")
    assert main(["migrate", "flow"]) == 0
    assert (folder / "flow").is_symlink()
    assert (folder / "real/a.py").read_text() == NEW


@pytest.mark.parametrize("paths", [["link"], ["real", "link"], ["link", "."], ["link/a.py", "real/a.py"]])
def test_linked_folder(paths, folder, capsys):
    write_files(folder, {"real/a.py": OLD})
    link(folder / "link", "real")
    assert main(["migrate", *paths]) == 0
    assert (folder / "real/a.py").read_text() == NEW
    assert "1 place in 1 file: 1 rewritten" in capsys.readouterr().out


def test_working_directory_behind_a_link(folder, tmp_path, monkeypatch, capsys):
    write_files(folder, {"a.py": OLD, "b.py": OLD})
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(tmp_path / "link")
    monkeypatch.setenv("PWD", str(tmp_path / "link"))
    assert main(["migrate", "a.py", "--exclude", "b.py", "."]) == 0
    assert capsys.readouterr().out.startswith("a.py:")
    assert ((folder / "a.py").read_text(), (folder / "b.py").read_text()) == (NEW, OLD)


def test_links_that_lead_nowhere(folder, capsys):
    write_files(folder, {"a.py": OLD, "deep/c.txt": ""})
    link(folder / "gone.py", "nothing.py")
    link(folder / "one.py", "two.py")
    link(folder / "two.py", "one.py")
    link(folder / "itself.py", "itself.py")
    link(folder / "folder.py", "deep")
    link(folder / "deep/up", "..")
    link(folder / "deep/up.py", "../deep")
    assert main(["migrate"]) == 0
    assert (folder / "a.py").read_text() == NEW
    assert main(["check", "one.py"]) == 2
    assert "one.py:1:1: RH901 doesn't exist" in capsys.readouterr().out


def test_one_module_by_several_names(folder):
    """What uses a handler through a linked module counts as a use of the one file that it is in."""
    handlers = "from prefect.engine.result_handlers import LocalResultHandler\n\nH = LocalResultHandler()\n"
    use = "from prefect import Flow\n\nfrom .common import H\n\nflow = Flow('f', result_handler=H)\n"
    write_files(folder, {"shared/common.py": handlers, "one/__init__.py": "", "two/__init__.py": ""})
    write_files(folder, {"one/flow.py": use, "two/flow.py": use})
    link(folder / "one/common.py", "../shared/common.py")
    link(folder / "two/common.py", "../shared/common.py")
    assert not [finding for finding in run(["."]).findings if finding.status != "rewritten"]
    assert main(["migrate"]) == 0
    assert "H = LocalResult()" in (folder / "shared/common.py").read_text()
    assert "result=H" in (folder / "one/flow.py").read_text()
    assert "result=H" in (folder / "two/flow.py").read_text()


def test_linked_package(folder):
    handlers = "from prefect.engine.result_handlers import LocalResultHandler\n\nH = LocalResultHandler()\n"
    use = "from prefect import Flow\n\nfrom .shared.common import H\n\nflow = Flow('f', result_handler=H)\n"
    write_files(folder, {"shared/common.py": handlers, "shared/__init__.py": "", "one/__init__.py": ""})
    write_files(folder, {"one/flow.py": use})
    link(folder / "one/shared", "../shared")
    assert main(["migrate"]) == 0
    assert "H = LocalResult()" in (folder / "shared/common.py").read_text()


def test_use_through_a_link_from_outside(folder):
    """A file that isn't to change uses a handler through a link: the handler stays what that file expects."""
    handlers = "from prefect.engine.result_handlers import LocalResultHandler\n\nH = LocalResultHandler()\n"
    use = "from prefect import Flow\n\nfrom .common import H\n\nflow = Flow('f', result_handler=H)\n"
    write_files(folder, {"shared/common.py": handlers, "one/__init__.py": "", "one/flow.py": use})
    link(folder / "one/common.py", "../shared/common.py")
    subprocess.run(["git", "init", "-q"], check=True)
    assert main(["migrate", "shared"]) == 1
    assert (folder / "shared/common.py").read_text() == handlers


def test_excluded_link(folder):
    write_files(folder, {"flows/a.py": OLD, "real/b.py": OLD})
    link(folder / "flows/b.py", "../real/b.py")
    assert main(["migrate", "--exclude", "flows/b.py", "flows"]) == 0
    assert (folder / "real/b.py").read_text() == OLD
