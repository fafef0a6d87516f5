"""New names for old ones, by templates: ``double-{n}.pkl=doubled/{n}``."""

import os
import re
import string
from typing import Dict, List, NamedTuple, Pattern, Sequence, Set, Tuple

from rehandle.errors import RehandleError

_SEPARATOR = re.compile(r"(?<!=)=(?!=)")
_EXPECTED = 'expected OLD=NEW, as in "double-{n}.pkl=doubled/{n}"; a = in a name is written =='
_OUTSIDE = ("", ".", "..")

# The text before each field, and the field's name; the last one has none.
_Parts = List[Tuple[str, str]]


class Template(NamedTuple):
    """A template of ``--map``.

    Attributes:
        text: as it was given.
        shortest: matches an old name, each field as short as it can be.
        longest: the same, as long as it can be.
        new: what the new name is made of.
    """

    text: str
    shortest: Pattern[str]
    longest: Pattern[str]
    new: _Parts


def parse(text: str) -> Template:
    """Read a template.

    Args:
        text: the old name, ``=`` and the new name. A field, such as ``{n}``, stands for one or more characters, but
            for no ``/``.

    Raises:
        RehandleError: it is none; the message says what is wrong.
    """
    sides = _SEPARATOR.split(text)
    if len(sides) != 2:
        raise RehandleError(f"--map {text!r} has {len(sides) - 1} = between names: {_EXPECTED}.")
    old, new = (_parts(side.replace("==", "="), text) for side in sides)
    names = {name for _, name in old if name}
    for (_, name), (between, following) in zip(old, old[1:]):
        if following and not between:
            raise RehandleError(
                f"--map {text!r}: where {{{name}}} ends and {{{following}}} begins is ambiguous. Put text between them."
            )
    missing = sorted({name for _, name in new if name} - names)
    if missing:
        raise RehandleError(
            f"--map {text!r}: {{{missing[0]}}} isn't in the old name, which has "
            f"{', '.join(f'{{{name}}}' for name in sorted(names)) or 'no field'}. Use those."
        )
    _check("".join(before + name for before, name in new), f"--map {text!r}: the new name")
    return Template(text, _pattern(old, "+?"), _pattern(old, "+"), new)


def _parts(side: str, text: str) -> _Parts:
    parts: _Parts = []
    try:
        for before, name, specification, conversion in string.Formatter().parse(side):
            if specification or conversion or (name is not None and not name.isidentifier()):
                raise ValueError(f"{{{name}}} isn't just a name in braces, as {{n}} is")
            parts.append((before, name or ""))
    except ValueError as error:
        raise RehandleError(f"--map {text!r}: {error}. Write {{{{ and }}}} for braces; {_EXPECTED}.") from None
    if not parts:
        raise RehandleError(f"--map {text!r}: a name is missing: {_EXPECTED}.")
    return parts


def _pattern(parts: _Parts, repeated: str) -> Pattern[str]:
    seen: Set[str] = set()
    pattern = ""
    for before, name in parts:
        pattern += re.escape(before)
        if name:
            pattern += f"(?P={name})" if name in seen else f"(?P<{name}>[^/]{repeated})"
            seen.add(name)
    return re.compile(pattern)


def new_name(templates: Sequence[Template], old: str) -> str:
    """Tell the new name of an object.

    Args:
        templates: those that may fit.
        old: the old name, in the folder that is converted.

    Returns:
        The new name, which is the old one where no template fits.

    Raises:
        RehandleError: it is ambiguous, or leads out of the new folder.
    """
    found: Dict[str, str] = {}
    for template in templates:
        for pattern in (template.shortest, template.longest):
            match = pattern.fullmatch(old)
            if match is not None:
                name = "".join(before + (match[field] if field else "") for before, field in template.new)
                found.setdefault(name, template.text)
    if len(found) > 1:
        names, texts = " or ".join(map(repr, sorted(found))), " and ".join(sorted(set(found.values())))
        raise RehandleError(f"the new name is {names}, by --map {texts}: give templates that fit in one way alone")
    name = next(iter(found), old)
    _check(name, f"the new name {name!r}")
    return name


def _check(name: str, what: str) -> None:
    parts = name.replace(os.sep, "/").split("/")
    if any(part in _OUTSIDE for part in parts) or "\0" in name or (os.name == "nt" and ":" in name):
        raise RehandleError(
            f"{what} may lead out of the new folder: it begins or ends with a slash, or a part of it is empty, . or .. "
            "Give another one, by --map"
        )
