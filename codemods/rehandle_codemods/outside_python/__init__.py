"""What stands in the way of Prefect 1.4.1 in files that aren't Python: settings that have ended, and pins."""

from __future__ import annotations

from typing import Iterator, Mapping, NamedTuple, Sequence

from rehandle_codemods.files.paths import read_bytes, shown
from rehandle_codemods.findings import NOTE, Finding
from rehandle_codemods.outside_python import pins, settings
from rehandle_codemods.outside_python.found import Found

CODES = ("RH403", "RH404")
"""The rules whose findings are in files that aren't analysed as Python."""


class Notes(NamedTuple):
    """What a run found in files that aren't Python.

    Attributes:
        findings: notes, in the order of the files.
        sources: the texts of the files with notes, by their names as they are shown.
    """

    findings: list[Finding]
    sources: dict[str, str]


def noted(paths: Sequence[str], given: Mapping[str, bytes]) -> Notes:
    """Read files that aren't Python.

    What can't be read or isn't text is left out: nobody asked for these files.

    Args:
        paths: the files.
        given: what files hold, by their paths, instead of what is on disk.

    Returns:
        The notes.
    """
    result = Notes([], {})
    for path in paths:
        try:
            data = given[path] if path in given else read_bytes(path)
            names_prefect = b"prefect" in data.lower() or settings.is_configuration(path)
            text = data.decode("utf-8") if names_prefect else ""
        except (OSError, UnicodeDecodeError):
            continue
        findings = [_finding(shown(path), code, found) for code, found in _found(path, text)]
        if findings:
            result.findings.extend(sorted(findings))
            result.sources[shown(path)] = text
    return result


def _found(path: str, text: str) -> Iterator[tuple[str, Found]]:
    for code, found in (("RH403", settings.found), ("RH404", pins.found)):
        yield from ((code, each) for each in (found(path, text) if text else ()))


def _finding(filename: str, code: str, found: Found) -> Finding:
    end = (found.row, found.column + len(found.text))
    return Finding(filename, 0, (found.row, found.column), end, code, NOTE, found.message)
