"""Small repositories: cases written as one file each, and downloads."""

from __future__ import annotations

import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

CASES = Path(__file__).parent / "cases"


class Case(NamedTuple):
    """A repository before and after, and what is reported."""

    before: dict[str, str]
    after: dict[str, str]
    findings: list[str]


def read_case(path: Path) -> Case:
    """Read a case: sections that begin with `>>> before FILE`, `>>> after FILE` or `>>> findings`.

    A file without an `after` section doesn't change.
    """
    sections: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines(keepends=True):
        if line.startswith(">>> "):
            current = sections.setdefault(line[4:].strip(), [])
        else:
            current.append(line)
    before = {key[7:]: "".join(text) for key, text in sections.items() if key.startswith("before ")}
    after = {key[6:]: "".join(text) for key, text in sections.items() if key.startswith("after ")}
    findings = [line.strip() for line in sections.get("findings", []) if line.strip()]
    assert before, f"{path} has no `>>> before` section"
    return Case(before, {**before, **after}, findings)


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
