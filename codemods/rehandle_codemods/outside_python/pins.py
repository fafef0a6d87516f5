"""Requirements that keep every release from being installed that the migrated code is for."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any, Callable, Iterable, Iterator, NamedTuple

from rehandle_codemods.files.toml import TOMLError, parsed
from rehandle_codemods.outside_python.found import Found, lines_of_code

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

_RELEASES = (
    *(f"0.14.{patch}" for patch in range(23)),
    *(f"0.15.{patch}" for patch in range(14)),
    *("1.0.0", "1.1.0", "1.2.0", "1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.3.0", "1.3.1", "1.4.0", "1.4.1"),
)
"""Those without result handlers, up to the last one that the migrated code is for."""
_NAME = "prefect"
_MESSAGE = "This pin admits no release of Prefect from 0.14 to 1.4, where handlers are gone. Write >=1.4,<2"
# The operators that Poetry, Pipenv and conda have besides those of Python packaging, and what they mean there.
_OPERATORS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"\^\s*0\.(\d+)(?:\.\d+)*"), lambda m: f">={m[0][1:]},<0.{int(m[1]) + 1}"),
    (re.compile(r"\^\s*(\d+)(?:\.\d+)*"), lambda m: f">={m[0][1:]},<{int(m[1]) + 1}"),
    (re.compile(r"~\s*(\d+)\.(\d+)(?:\.\d+)*"), lambda m: f">={m[0][1:]},<{m[1]}.{int(m[2]) + 1}"),
    (re.compile(r"=\s*(\d+(?:\.\d+)*)(?:\.\*)?(?:=\w+)?"), lambda m: f"=={m[1]}.*"),
    (re.compile(r"\d+(?:\.\d+)*"), lambda m: f"=={m[0]}"),
)
_CONDA = re.compile(rf"(?:[\w.-]+::)?{_NAME}\s*([=<>!~].*)", re.IGNORECASE)


class _Requirement(NamedTuple):
    """What is required of Prefect.

    Attributes:
        text: how it is written, or the key that has it as its value.
        specifier: the releases that it admits.
    """

    text: str
    specifier: str


def found(path: str, text: str) -> Iterator[Found]:
    """The requirements in a file that admit no release from 0.14 to 1.4.1, each where it is first written."""
    for pattern, requirements in _FORMATS:
        if pattern.search(path):
            for requirement in dict.fromkeys(requirements(text)):
                if _is_pin(requirement.specifier):
                    yield from _place(text, requirement.text)
            return


def _place(text: str, written: str) -> Iterator[Found]:
    # A key is one only before its value: other names may begin like it.
    pattern = re.compile(rf"(?<![\w-]){re.escape(written)}" + (r"(?=[\"']?\s*=)" if written.lower() == _NAME else ""))
    for row, line in lines_of_code(text):
        match = pattern.search(line)
        if match:
            yield Found(row, match.start() + 1, written, _MESSAGE)
            return


def _is_pin(specifier: str) -> bool:
    allowed = _specifiers(specifier)
    return allowed is not None and not any(allowed.contains(release) for release in _RELEASES)


def _specifiers(written: str) -> SpecifierSet | None:
    """What is written, in the terms of Python packaging; nothing where it isn't understood."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    for operator, meaning in _OPERATORS:
        match = operator.fullmatch(written.strip())
        if match:
            written = meaning(match)
            break
    try:
        return SpecifierSet(written.replace(" ", ""))
    except InvalidSpecifier:
        return None


# What each kind of file requires


def _requirements(strings: Iterable[object]) -> Iterator[_Requirement]:
    from packaging.requirements import InvalidRequirement, Requirement

    for string in strings:
        if isinstance(string, str) and _NAME in string.lower():
            try:
                requirement = Requirement(string.strip())
            except InvalidRequirement:
                continue
            if requirement.name.lower() == _NAME:
                yield _Requirement(string.strip(), str(requirement.specifier))


def _of_requirements(text: str) -> Iterator[_Requirement]:
    # Options of pip, such as hashes, may follow.
    return _requirements(line.partition(" --")[0].rstrip(" \\") for _, line in lines_of_code(text))


def _of_setup(text: str) -> Iterator[_Requirement]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return iter(())
    return _requirements(node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))


def _of_cfg(text: str) -> Iterator[_Requirement]:
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error:
        return iter(())
    sections = [parser[name] for name in parser.sections() if name.partition(".")[0] == "options"]
    return _requirements(line for section in sections for value in section.values() for line in value.splitlines())


def _of_toml(text: str) -> Iterator[_Requirement]:
    """A pyproject.toml's of the standard, of Poetry's, and a Pipfile's."""
    try:
        data = parsed(text)
    except TOMLError:
        return
    for path in ("project.dependencies", "project.optional-dependencies.*", "dependency-groups.*"):
        for listed in _values(data, path.split(".")):
            yield from _requirements(listed if isinstance(listed, list) else ())
    poetry = ("tool.poetry.dependencies", "tool.poetry.dev-dependencies", "tool.poetry.group.*.dependencies")
    for path in (*poetry, "packages", "dev-packages"):
        for table in _values(data, path.split(".")):
            for key, value in table.items() if isinstance(table, dict) else ():
                version = value.get("version") if isinstance(value, dict) else value
                if key.lower() == _NAME and isinstance(version, str):
                    yield _Requirement(key, version)


def _values(data: Any, path: list[str]) -> list[Any]:
    """What is at a path through tables; `*` stands for every key."""
    values = [data]
    for key in path:
        tables = [value for value in values if isinstance(value, dict)]
        values = [item for table in tables for name, item in table.items() if key in (name, "*")]
    return values


def _of_environment(text: str) -> Iterator[_Requirement]:
    """A conda environment's."""
    import yaml

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError:
        return
    for item in (_values(data, ["dependencies"]) or [[]])[0] or ():
        match = _CONDA.fullmatch(item.strip()) if isinstance(item, str) else None
        if match:
            yield _Requirement(item.strip(), match[1])
        for listed in _values(item, ["pip"]):
            yield from _requirements(listed if isinstance(listed, list) else ())


_FORMATS: tuple[tuple[re.Pattern[str], Callable[[str], Iterator[_Requirement]]], ...] = (
    (re.compile(r"(^|[-_./\\])(requirements|constraints)([-_./\\].*)?\.(txt|in)$", re.IGNORECASE), _of_requirements),
    (re.compile(r"(^|[/\\])setup\.py$"), _of_setup),
    (re.compile(r"(^|[/\\])setup\.cfg$"), _of_cfg),
    (re.compile(r"(^|[/\\])(pyproject\.toml|Pipfile)$"), _of_toml),
    (re.compile(r"(environment|conda)[^/\\]*\.ya?ml$", re.IGNORECASE), _of_environment),
)
