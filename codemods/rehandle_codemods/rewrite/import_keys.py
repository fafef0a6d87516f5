"""What isort and ruff sort imports by, with the defaults of both."""

from __future__ import annotations

import re
import sys
from typing import Collection, Sequence, Union

import libcst as cst

from rehandle_codemods.rewrite.code import dotted_name

Statement = Union[cst.Import, cst.ImportFrom]
Key = tuple[object, ...]

FUTURE, STANDARD, OTHER, OWN, RELATIVE = range(5)
"""The kinds of modules, in the order in which they are imported; what is installed is any other."""


def kind(node: Statement, own: Collection[str]) -> int:
    """What kind of module a statement imports.

    Args:
        node: the statement.
        own: the top-level names of the project's own modules.

    Returns:
        One of this module's constants.
    """
    if isinstance(node, cst.ImportFrom) and node.relative:
        return RELATIVE
    root = root_of(node)
    if root == "__future__":
        return FUTURE
    return STANDARD if root in sys.stdlib_module_names else OWN if root in own else OTHER


def root_of(node: Statement) -> str:
    """The top-level package of what a statement imports."""
    if isinstance(node, cst.ImportFrom):
        return dotted_name(node.module).partition(".")[0]
    return dotted_name(node.names[0].name).partition(".")[0]


def key(node: Statement) -> Key:
    """The place of a statement among those of its kind: `import a` before `from a import b`, then by names."""
    if isinstance(node, cst.Import):
        alias = node.names[0]
        return (0, 0, natural(dotted_name(alias.name)), (), natural(alias.evaluated_alias or ""))
    module = natural(dotted_name(node.module))
    if isinstance(node.names, cst.ImportStar):
        return (1, -len(node.relative), module, (), ())
    first = node.names[0]
    names = name_key(first.evaluated_name), natural(first.evaluated_alias or "")
    return (1, -len(node.relative), module, *names)


def name_key(name: str) -> Key:
    """The place of a name in a statement: CONSTANTS, Classes, variables."""
    place = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return (place, *natural(name))


def natural(name: str) -> Key:
    """The place of a name, whatever the case of its letters; digits count as numbers."""
    parts = re.split(r"(\d+)", name.lower())
    return (tuple(int(part) if part.isdigit() else part for part in parts), name)


def are_sorted(keys: Sequence[Key]) -> bool:
    """Whether keys are in their order."""
    return list(keys) == sorted(keys)


def is_tidy(node: Statement) -> bool:
    """Whether a statement alone is as both tools would have it: names in their order, `as` by itself."""
    if isinstance(node, cst.Import):
        return len(node.names) == 1
    if isinstance(node.names, cst.ImportStar):
        return True
    renamed = any(alias.asname is not None for alias in node.names)
    keys = [name_key(alias.evaluated_name) for alias in node.names]
    return are_sorted(keys) and not (renamed and len(keys) > 1)
