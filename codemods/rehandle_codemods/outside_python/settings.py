"""Settings of Prefect that have ended, in its own configuration files and where environment variables are set."""

from __future__ import annotations

import os
import re
from typing import Any, Iterator, Mapping

from rehandle_codemods import removed_api
from rehandle_codemods.files.toml import TOMLError, parsed
from rehandle_codemods.outside_python.found import Found, lines_of_code

_CONFIG = "prefect.config"
_VARIABLE = re.compile(r"\bPREFECT__(\w+)")
_HEADER = re.compile(r"\s*\[\s*([\w.\"' -]+?)\s*\]")
_KEY = re.compile(r"\s*([\w.\"'-]+)\s*=")


def is_configuration(path: str) -> bool:
    """Whether a file is called as Prefect's own configuration is, in which nothing need name Prefect."""
    return os.path.basename(path) == "config.toml"


def found(path: str, text: str) -> Iterator[Found]:
    """The settings in a file that Prefect 1.4.1 doesn't know any more."""
    for row, line in lines_of_code(text):
        for variable in _VARIABLE.finditer(line):
            name = variable[1].lower().replace("__", ".")
            message = _message(variable[0], name)
            if message:
                yield Found(row, variable.start() + 1, variable[0], message)
    if is_configuration(path):
        yield from _of_configuration(text)


def _of_configuration(text: str) -> Iterator[Found]:
    """In a `config.toml`: Prefect's own, or the user's in `~/.prefect`."""
    try:
        names = set(_names(parsed(text)))
    except TOMLError:
        return
    table = ""
    for row, line in enumerate(text.splitlines(), 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = _plain(header[1])
        elif key:
            name = ".".join(filter(None, [table, _plain(key[1])]))
            message = _message(name, name) if name in names else ""
            if message:
                yield Found(row, key.start(1) + 1, key[1], message)


def _names(table: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in table.items():
        yield prefix + key
        if isinstance(value, dict):
            yield from _names(value, f"{prefix}{key}.")


def _plain(key: str) -> str:
    return re.sub(r"[\s\"']", "", key)


def _message(written: str, name: str) -> str:
    removed = removed_api.name(f"{_CONFIG}.{name}")
    if removed is None:
        return ""
    variable = written if written != name else ""
    advice = removed.advice
    if advice.startswith(f"Write {_CONFIG}."):
        successor = advice[len(f"Write {_CONFIG}.") :]
        new = f"PREFECT__{successor.upper().replace('.', '__')}" if variable else successor
        advice = f"Write {new}"
    return f"Prefect {removed.release} and later ignore the setting {written}. {advice}"
