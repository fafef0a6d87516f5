"""The settings in `[tool.rehandle]` of a pyproject.toml: options of the command line, under their names."""

from __future__ import annotations

import glob as globs
import os
from typing import Any, Callable, Mapping, NamedTuple, Sequence

from rehandle.suggestion import suggestion
from rehandle_codemods.files.patterns import checked_pattern
from rehandle_codemods.options import Codes, Pattern
from rehandle_codemods.rules import checked_code

FILENAME = "pyproject.toml"
_EXTEND = "extend"


class ConfigError(Exception):
    """Configuration that can't be used; the message names the file and the setting, and says what to do."""


class Kind(NamedTuple):
    """What a setting may be.

    Attributes:
        expected: said of a value that is something else.
        fits: whether a value is one.
        convert: makes the option's value of it, for a file in a certain folder; raises ValueError with what is wrong.
    """

    expected: str
    fits: Callable[[Any], bool]
    convert: Callable[[Any, str], Any] = lambda value, folder: value


def choice(*choices: str) -> Kind:
    """A setting that is one of some words."""
    return Kind(f"one of {', '.join(choices)}", lambda value: value in choices)


def _are_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _patterns(value: list[str], folder: str) -> tuple[Pattern, ...]:
    return tuple(checked_pattern(folder, glob) for glob in value)


def folders_of(glob: str, folder: str) -> tuple[str, ...]:
    """The folders that a pattern such as `libs/*/src` names.

    Args:
        glob: the pattern, of a path.
        folder: the folder that it is relative to.

    Returns:
        The folders, as absolute paths.

    Raises:
        ValueError: there are none.
    """
    pattern = os.path.join(globs.escape(folder), os.path.expanduser(glob))
    found = [os.path.normpath(path) for path in globs.glob(pattern, recursive=True) if os.path.isdir(path)]
    if not found:
        raise ValueError(f"{glob!r} names no folder. Check the spelling, and where it is relative to: {folder}")
    return tuple(sorted(found))


def _folders(value: list[str], folder: str) -> tuple[tuple[str, ...], ...]:
    return tuple(folders_of(glob, folder) for glob in value)


def _codes(value: list[str], folder: str) -> Codes:
    return tuple(map(checked_code, value))


def _per_file(value: dict[str, list[str]], folder: str) -> tuple[tuple[Pattern, Codes], ...]:
    return tuple((checked_pattern(folder, glob), _codes(codes, folder)) for glob, codes in value.items())


FLAG = Kind("true or false", lambda value: isinstance(value, bool))
NUMBER = Kind(
    "a whole number, 0 or more", lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= 0
)
TEXT = Kind("a string", lambda value: isinstance(value, str))
FILE = Kind("the path of a file", TEXT.fits, lambda value, folder: os.path.join(folder, value))
FOLDERS = Kind("a list of folders", _are_strings, _folders)
CODES = Kind("a list of codes", _are_strings, _codes)
PATTERNS = Kind("a list of patterns", _are_strings, _patterns)
PER_FILE = Kind(
    "a table of patterns, each with a list of codes",
    lambda value: isinstance(value, dict) and all(map(_are_strings, value.values())),
    _per_file,
)


class Lookup:
    """Looks for the nearest pyproject.toml with a `[tool.rehandle]` table, once in each folder."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def nearest(self, folder: str) -> str:
        """The one nearest to the files in a folder, up to the repository's top; an empty string where there is none.

        Raises:
            ConfigError: one can't be read as TOML.
        """
        if folder not in self._found:
            path = os.path.join(folder, FILENAME)
            above = os.path.dirname(folder)
            if _has_table(path):
                self._found[folder] = path
            elif above == folder or os.path.exists(os.path.join(folder, ".git")):
                self._found[folder] = ""
            else:
                self._found[folder] = self.nearest(above)
        return self._found[folder]


def find(paths: Sequence[str]) -> str:
    """The file that counts for a run as a whole: the nearest to the folder that all paths are in.

    Args:
        paths: files and folders.

    Returns:
        The file; an empty string where there is none.
    """
    try:
        folder = os.path.commonpath([_folder(path) for path in paths])
    except ValueError:  # none, or on several drives
        folder = os.getcwd()
    return Lookup().nearest(folder)


def _folder(path: str) -> str:
    path = os.path.abspath(path)
    return path if os.path.isdir(path) else os.path.dirname(path)


def _has_table(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return False
    # Most projects have no settings: spare them the time that a TOML parser takes to import.
    return b"rehandle" in data and _table(path, data) is not None


def _table(path: str, data: bytes) -> dict[str, Any] | None:
    from rehandle_codemods.files.toml import TOMLError, parsed

    try:
        tool = parsed(data.decode("utf-8")).get("tool", {})
    except (TOMLError, UnicodeError) as error:
        raise ConfigError(f"{path} isn't valid TOML: {error}. Correct it") from None
    table = tool.get("rehandle") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: [tool.rehandle] has to be a table")
    return table


def read(path: str, kinds: Mapping[str, Kind], extending: Sequence[str] = ()) -> dict[str, Any]:
    """Read and check the settings in a file, and in those that it extends: its own win.

    Args:
        path: a TOML file.
        kinds: what each setting may be, by its name.
        extending: the files through which it is read, the first one first.

    Returns:
        The values, by the names of their settings.

    Raises:
        ConfigError: the file can't be read, has no `[tool.rehandle]`, extends itself, or a setting is unknown or of the
            wrong type.
    """
    by = f"{extending[-1]}: {_EXTEND}: " if extending else ""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigError(f"{by}{path} can't be read: {error.strerror or error}") from None
    table = _table(path, data)
    if table is None:
        leave_out = _EXTEND if extending else "--config"
        raise ConfigError(f"{by}{path} has no [tool.rehandle]. Give a file that has, or leave out {leave_out}")
    folder = os.path.dirname(os.path.abspath(path))
    settings = {}
    if _EXTEND in table:
        settings = read(_extended(path, table.pop(_EXTEND), folder, extending), kinds, [*extending, path])
    for name, value in table.items():
        kind = kinds.get(name)
        if kind is None:
            known = sorted([*kinds, _EXTEND])
            raise ConfigError(f"{path}: [tool.rehandle] has no setting {name!r}. {suggestion(name, known)}")
        if not kind.fits(value):
            raise ConfigError(f"{path}: {name} has to be {kind.expected}, not {value!r}")
        try:
            settings[name] = kind.convert(value, folder)
        except ValueError as error:
            raise ConfigError(f"{path}: {name}: {error}") from None
    return settings


def _extended(path: str, value: object, folder: str, extending: Sequence[str]) -> str:
    """The file that one extends.

    Raises:
        ConfigError: it isn't named by a string, or it is extended already.
    """
    if not isinstance(value, str):
        raise ConfigError(f"{path}: {_EXTEND} has to be the path of a file, not {value!r}")
    found = os.path.normpath(os.path.join(folder, os.path.expanduser(value)))
    chain = [*extending, path]
    if any(os.path.realpath(found) == os.path.realpath(each) for each in chain):
        way = " extends ".join([*chain, found])
        raise ConfigError(f"{path}: {_EXTEND}: {way}. Leave out one of them")
    return found
