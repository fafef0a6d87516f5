"""Small repositories: cases written as one file each, and downloads."""

from __future__ import annotations

import re
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

import made_once
import pytest

CASES = Path(__file__).parent / "codemods" / "cases"


class Case(NamedTuple):
    """A repository before and after, and what is reported.

    Attributes:
        before: the files as they are.
        after: the same files after `rehandle migrate`.
        findings: what is reported; empty where the case doesn't say.
        patterns: the patterns of docs/patterns.md that it shows.
        release: the Prefect that runs the files as they are.
        shim: whether they need rehandle.auto there.
        not_compared: why what they do isn't compared with what they do after the migration.
        differs: the releases on which that differs, and why it has to.
        by_hand: what somebody does who follows the advice, as a patch of the migrated files (`by_hand.patched`).
    """

    before: dict[str, str]
    after: dict[str, str]
    findings: list[str]
    patterns: list[str]
    release: str
    shim: bool
    not_compared: str
    differs: tuple[list[str], str]
    by_hand: str


def read_case(path: Path) -> Case:
    """Read a case: sections that begin with `>>> before FILE`, `>>> after FILE`, `>>> findings` or `>>> by hand`.

    A file without an `after` section doesn't change. Lines without a section, each at most once:
    `>>> patterns ID...`, `>>> release RELEASE`, `>>> shim`, `>>> not compared: REASON`,
    `>>> differs RELEASE...: REASON`.
    """
    sections: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines(keepends=True):
        if line.startswith(">>> "):
            current = sections.setdefault(line[4:].strip(), [])
        else:
            current.append(line)
    before = {key[7:]: "".join(text) for key, text in sections.items() if key.startswith("before ")}
    after = {key[6:]: "".join(text) for key, text in sections.items() if key.startswith("after ")}
    findings = [line.strip() for line in sections.pop("findings", []) if line.strip()]
    by_hand = "".join(sections.pop("by hand", []))
    assert before, f"{path} has no `>>> before` section"
    assert set(after) <= set(before), f"{path} has another file afterwards"
    said = {}
    for key, text in sections.items():
        name = re.match(r"before |after |patterns\b|release\b|shim$|not compared:|differs\b", key)
        assert name, f"{path} has a section {key!r}"
        if name.group() not in ("before ", "after "):
            assert not text, f"{path} has text below {key!r}"
            said[name.group().rstrip(":")] = key[name.end() :].strip()
    releases, _, reason = said.get("differs", "").partition(":")
    return Case(
        before,
        {**before, **after},
        findings,
        said.get("patterns", "").split(),
        said.get("release", "0.10.7"),
        "shim" in said,
        said.get("not compared", ""),
        (releases.split(), reason.strip()),
        by_hand,
    )


def write_files(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))


def unpacked(downloads: Path, pattern: str, folder: Path) -> Path:
    """Unpack the one download that fits a pattern."""
    archive = next(downloads.glob(pattern))
    if archive.suffix == ".whl":
        zipfile.ZipFile(archive).extractall(folder)
    else:
        with tarfile.open(archive) as file:
            file.extractall(folder)
    return folder


def downloaded(name: str, commands) -> Path:
    """A folder with what `pip download` gets, kept between runs. Without an index the test is skipped.

    Args:
        name: the folder's.
        commands: for each download its options, and the requirement.
    """

    def install(folder):
        folder.mkdir(parents=True)
        for options in commands:
            made_once.run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, *options)

    pins = [" ".join(options) for options in commands]
    try:
        return made_once.folder(made_once.TOX / "downloads", name, pins, install)
    except made_once.UnavailableError as error:
        pytest.skip(f"can't be downloaded from PyPI: {error}")
