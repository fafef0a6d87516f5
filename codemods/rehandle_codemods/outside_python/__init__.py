"""What stands in the way of Prefect 1.4.1 in files that aren't Python: settings that have ended, and pins."""

from __future__ import annotations

import re
from typing import Iterator, Mapping, NamedTuple, Sequence

from rehandle_codemods.files.paths import read_bytes, shown
from rehandle_codemods.findings import NOTE, Finding
from rehandle_codemods.outside_python import pins, settings
from rehandle_codemods.outside_python.found import Found

_FIRST_WORD = re.compile(rb"prefect|result_handler|local_processes|log_to_cloud|graphql_url|checkpoint", re.IGNORECASE)


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
            text = data.decode("utf-8") if _FIRST_WORD.search(data) else ""
        except (OSError, UnicodeDecodeError):
            continue
        findings = [_finding(shown(path), code, found) for code, found in _found(path, text)]
        if findings:
            result.findings.extend(sorted(findings))
            result.sources[shown(path)] = text
    return result


def _found(path: str, text: str) -> Iterator[tuple[str, Found]]:
    if text:
        for found in settings.found(path, text):
            yield "RH403", found
        for found in pins.found(path, text):
            yield "RH404", found


def _finding(filename: str, code: str, found: Found) -> Finding:
    end = (found.row, found.column + len(found.text))
    return Finding(filename, 0, (found.row, found.column), end, code, NOTE, found.message)
