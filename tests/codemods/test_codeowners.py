"""Who owns a file, as GitHub's documentation says."""

from __future__ import annotations

import subprocess

import pytest
from repositories import write_files

from rehandle_codemods.report.codeowners import CodeOwners

# Pattern, files that it means, and files that it doesn't.
PATTERNS = [
    ("*", ["a.py", "deep/er/a.py", ".hidden"], []),
    ("*.py", ["a.py", "deep/er/a.py"], ["a.pyi", "py"]),
    ("/build/logs/", ["build/logs/a", "build/logs/deep/a"], ["build/logs", "x/build/logs/a"]),
    ("docs/*", ["docs/a.md"], ["docs/deep/a.md", "x/docs/a.md"]),
    ("apps/", ["apps/a", "x/apps/a", "x/apps/deep/a"], ["apps", "apps2/a"]),
    ("/docs/", ["docs/a", "docs/deep/a"], ["x/docs/a"]),
    ("/scripts/", ["scripts/a"], ["myscripts/a"]),
    ("**/logs", ["logs/a", "build/logs/a", "deeply/nested/logs/a", "x/logs"], ["logs2/a"]),
    ("/apps/github", ["apps/github", "apps/github/a"], ["apps/gitlab/a", "x/apps/github"]),
    ("flows/**/*.py", ["flows/a.py", "flows/x/y/a.py"], ["x/flows/a.py", "flows/a.txt"]),
    ("flows/**", ["flows/a", "flows/x/a"], ["flows", "myflows/a"]),
    ("flow_?.py", ["flow_1.py", "x/flow_2.py"], ["flow_10.py", "flow_.py"]),
    ("flows", ["flows", "flows/a.py", "x/flows/a.py"], ["flows2"]),
    (r"with\ space/", ["with space/a", "x/with space/a"], ["with", "space/a"]),
    ("a+(b).py", ["a+(b).py"], ["aab.py"]),
    ("*/a.py", ["x/a.py"], ["a.py", "x/y/a.py"]),
    ("Flows/", ["Flows/a"], ["flows/a"]),
]


@pytest.mark.parametrize(("pattern", "fitting", "others"), PATTERNS, ids=[row[0] for row in PATTERNS])
def test_patterns(pattern, fitting, others, repository):
    write_files(repository, {"CODEOWNERS": f"{pattern} @us\n"})
    owners = CodeOwners(str(repository))
    assert [path for path in [*fitting, *others] if owners.of(path) == ("@us",)] == fitting
    assert not any(owners.of(path) for path in others)


LINES = """\
# comment
*            @everybody
/flows/      @flows @ann  # both of them
/flows/old/
mail.py\tann@example.com

!flows/new/  @nobody
[Section]    @nobody
flows/[ab]/  @nobody
wrong.py     nobody
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.py", ["@everybody"]),
        ("flows/a.py", ["@flows", "@ann"]),
        ("flows/new/a.py", ["@flows", "@ann"]),
        ("flows/old/a.py", []),
        ("deep/mail.py", ["ann@example.com"]),
        ("flows/a/a.py", ["@flows", "@ann"]),
        ("wrong.py", ["@everybody"]),
    ],
)
def test_the_last_line_that_fits_wins(path, expected, repository):
    write_files(repository, {".github/CODEOWNERS": LINES, "CODEOWNERS": "* @second\n"})
    assert list(CodeOwners(str(repository)).of(path)) == expected


@pytest.mark.parametrize("place", [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"])
def test_where_it_is(place, repository):
    assert not CodeOwners(str(repository))
    write_files(repository, {place: "* @us\n"})
    assert CodeOwners(str(repository)).of("a.py") == ("@us",)


def test_paths_are_relative_to_the_work_tree(repository, monkeypatch):
    subprocess.run(["git", "init", "-q"], check=True)
    write_files(repository, {"CODEOWNERS": "/flows/ @us\n", "flows/deep/a.py": ""})
    monkeypatch.chdir(repository / "flows")
    owners = CodeOwners(".")
    assert owners.of("deep/a.py") == owners.of(str(repository / "flows" / "deep" / "a.py")) == ("@us",)
    assert owners.of("../a.py") == ()
