"""One path of a repository is migrated: the whole is analysed, that path alone changes, and what needs a file outside
of it says which."""

import subprocess

import pytest
from one_path import CORE, JOBS, KINDS, PROJECTS
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run


@pytest.mark.parametrize(("core", "jobs", "of_core", "of_jobs"), KINDS.values(), ids=KINDS)
def test_the_file_outside_is_named(core, jobs, of_core, of_jobs, repository, capsys):
    files = {**PROJECTS, CORE: core, JOBS: jobs}
    write_files(repository, files)
    subprocess.run(["git", "init", "-q"], check=True)
    for path, mine, said in (("libs", CORE, of_core), ("jobs", JOBS, of_jobs)):
        messages = [finding.message for finding in run([path]).findings]
        assert not said or any(message.startswith(said) for message in messages), "\n".join(messages)
        # Together there is nothing that keeps it back.
        assert not any("isn't to be changed" in finding.message for finding in run(["."]).findings)
        main(["migrate", path, "--allow-dirty"])
        after = {name: (repository / name).read_text() for name in files}
        assert {**after, mine: ""} == {**files, mine: ""}
        write_files(repository, files)


def test_a_folder_below_is_enough(repository, monkeypatch):
    """The repository round it is looked at, wherever one stands."""
    core, jobs, _, said = KINDS["a class"]
    write_files(repository, {**PROJECTS, CORE: core, JOBS: jobs})
    subprocess.run(["git", "init", "-q"], check=True)
    monkeypatch.chdir((repository / JOBS).parent)
    outside = said.replace(CORE, str(repository / CORE))
    assert outside in [finding.message for finding in run(["."]).findings]
