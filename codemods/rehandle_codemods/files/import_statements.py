"""Which modules a file may import, told from its text without parsing it: rather too many than too few."""

from __future__ import annotations

import os
import re
from functools import cached_property
from typing import Callable, Iterable, Iterator, NamedTuple

STAR = b"*"

_LETTER = rb"[\w\x80-\xff]"
_SPACE = rb"[ \t\f\\\r\n]"
_LINE = rb"(?:[^\r\n#;\\(]|\\\r?\n|\\\r)*"
# Each begins with a word or a quote, which `re` looks for far faster than for one of several, or for a word's boundary.
_FROM = re.compile(
    rb"from(?:%s+|(?=\.))(?P<module>[.\w\x80-\xff \t]+?)%s*\b(?P<word>import)\b%s*(?P<names>\([^()]*\)|%s)"
    % (_SPACE, _SPACE, _SPACE, _LINE)
)
_IMPORT = re.compile(rb"import[ \t\f\\](?P<names>%s)" % _LINE)
_QUOTED = [re.compile(rb"%s((?:%s|[.:])+)%s" % (quote, _LETTER, quote)) for quote in (b"'", b'"')]
_QUOTED_DOTTED = [
    re.compile(rb"%s(%s*[.:](?:%s|[.:])*)%s" % (quote, _LETTER, _LETTER, quote)) for quote in (b"'", b'"')
]
IMPORTLIB = b"importlib"
_BY_NAME = (b"import_module", b"__import__")
# Of something else than a string alone.
_BY_ANY_NAME = re.compile(
    rb"(?:import_module|__import__)\s*\((?!\s*(?:name\s*=\s*)?[rbuRBU]?(?:'[^'\n]*'|\"[^\"\n]*\")\s*[,)])"
)
# What may be an attribute, or a string, as for `getattr`; and what is before it, with the name that it is one of.
_ATTRIBUTE = re.compile(rb"[.'\"]\s*(%s+)" % _LETTER)
_OWNER = re.compile(rb"(?:(%s+)\s*\.\s*|[)\]]\s*\.\s*|['\"])\Z" % _LETTER)
_IMPORT_BY_NAME = re.compile(rb"(?:import_module|__import__)\s*\(")
_ASSIGNED_TO = re.compile(rb"(%s+)\s*=\s*[\w.]*\Z" % _LETTER)
_COMMENT = re.compile(rb"#[^\r\n]*")
_NAME = re.compile(rb"%s+|\*" % _LETTER)
_DOTTED = re.compile(rb"%s+(?:\.%s+)*" % (_LETTER, _LETTER))
_FEW = 40
"""So many names are looked for one by one in less time than all words of a text are told apart."""
_NO_IDENTIFIER = bytes(
    byte if byte >= 0x80 or chr(byte).isalnum() or byte == ord("_") else ord(" ") for byte in range(0x100)
)


class Wanted(NamedTuple):
    """A module, and the names in it that matter.

    Attributes:
        path: the file, without symbolic links.
        names: its names; STAR where a star import of it matters too.
        handlers: those that may be a handler, a class of such, or make one: they matter also where only a run can tell
            what is imported.
    """

    path: str
    names: frozenset[bytes]
    handlers: frozenset[bytes] = frozenset()


Doubtful = Callable[[str, str, str], bool]
"""Whether a module, or a name taken of it, isn't found for a file's import, and may be any module all the same."""


class _Imports:
    """What a file imports, as far as a known name is in it; told apart when it is asked for, and once.

    Attributes:
        text: what the file holds.
    """

    def __init__(self, text: bytes, known: set[bytes]) -> None:
        self.text = text
        self._known = known

    @cached_property
    def taken(self) -> list[tuple[int, tuple[bytes, ...], set[bytes]]]:
        """Of each `from` import: the number of dots, the dotted name after them, what is taken of it."""
        return list(_from_imports(self.text, self._known))

    @cached_property
    def modules(self) -> list[tuple[bytes, ...]]:
        """The dotted names of what is imported whole, and those in quotes."""
        return [*_plain_imports(self.text, self._known), *_quoted_names(self.text, self._known)]

    @cached_property
    def words(self) -> set[bytes]:
        """All words in it."""
        return _words(self.text)


class WantedModules:
    """Tells which files use names of some modules, by what they import."""

    def __init__(self, wanted: Iterable[Wanted], doubtful: Doubtful | None = None):
        """Lay them out by the parts of their paths.

        Args:
            wanted: the modules; one may come more than once.
            doubtful: whether an import may mean any of them; None where every import is found.
        """
        self._doubtful = doubtful
        self._names: dict[tuple[bytes, ...], set[bytes]] = {}
        self._by_part: dict[bytes, list[tuple[tuple[bytes, ...], int]]] = {}
        self._handlers: set[bytes] = set()
        for path, names, handlers in wanted:
            self._handlers |= handlers
            parts = module_parts(path)
            if parts not in self._names:
                for place, part in enumerate(parts):
                    self._by_part.setdefault(part, []).append((parts, place))
            self._names.setdefault(parts, set()).update(names)

        self._known = {STAR, *self._by_part}

    @property
    def stems(self) -> set[bytes]:
        """The last parts of the modules' names: a file that imports one of them holds it."""
        return {parts[-1] for parts in self._names if parts}

    def used_in(self, path: str, text: bytes) -> bool | None:
        """Whether a file imports one of the modules, or a package that one is in, and has one of its names in it.

        Args:
            path: the file, without symbolic links.
            text: what it holds.

        Returns:
            Whether it certainly does, where it may: it may where it takes a handler's name from what isn't found, or
            from what only a run can name. Else None.
        """
        file = _Imports(text, self._known)
        if self._is_used(path, file):
            return True
        return False if self._handlers and self._is_perhaps_used(path, file) else None

    def _is_used(self, path: str, file: _Imports) -> bool:
        for parts, exact, taken, by_name in self._imported(path, file):
            names = self._names[parts]
            if taken:
                if not names.isdisjoint(taken):
                    return True
            elif exact and by_name:
                return True  # others may take the module from here
            elif (exact or parts[-1] in file.words) and not names.isdisjoint(file.words):
                return True
        return False

    def _is_perhaps_used(self, path: str, file: _Imports) -> bool:
        text = file.text
        by_name = any(word in text for word in _BY_NAME) and _BY_ANY_NAME.search(text)
        absolute = [(dotted, names) for level, dotted, names in file.taken if not level]
        if not (by_name or absolute or file.modules):
            return False
        few = len(self._handlers) < _FEW
        present = {name for name in self._handlers if name in text} if few else self._handlers & file.words
        if not present:
            return False
        if any(not names.isdisjoint(present) and self._is_doubtful(path, dotted) for dotted, names in absolute):
            return True
        modules = [(dotted, b"") for dotted in file.modules]
        modules += ((dotted, name) for dotted, names in absolute for name in names - {STAR})
        if not by_name and not any(self._is_doubtful(path, dotted, name) for dotted, name in modules):
            return False
        owners = set(_owners(text, present))
        if by_name and not owners.isdisjoint([b"", *_imported_by_name(text)]):
            return True
        return bool(owners) and any(self._is_doubtful(path, dotted, name) for dotted, name in modules)

    def _is_doubtful(self, path: str, dotted: tuple[bytes, ...], taken: bytes = b"") -> bool:
        said = b".".join(dotted).decode("utf-8", "replace")
        return (
            self._doubtful is not None and bool(dotted) and self._doubtful(said, taken.decode("utf-8", "replace"), path)
        )

    def _imported(self, path: str, file: _Imports) -> Iterator[tuple[tuple[bytes, ...], bool, set[bytes], bool]]:
        """The modules that an import may mean: each, whether it or a package above it, and the names taken of it.

        No names are where the module itself is taken: then any of its own may be used. The last is whether the module
        has a name of the file's then.
        """
        folder = module_parts(os.path.join(os.path.dirname(path), "__init__"))
        for level, dotted, taken in file.taken:
            above = folder[: len(folder) - (level - 1)] if level else ()
            for parts, exact in self._meant(above, dotted):
                if exact:
                    yield parts, True, taken, False
            for name in taken - {STAR}:
                for parts, exact in self._meant(above, (*dotted, name)):
                    yield parts, exact, set(), True
        for dotted in file.modules:
            for end in range(1, len(dotted) + 1):
                for parts, exact in self._meant((), dotted[:end]):
                    if exact or end == len(dotted):
                        yield parts, exact, set(), False

    def _meant(self, above: tuple[bytes, ...], dotted: tuple[bytes, ...]) -> Iterator[tuple[tuple[bytes, ...], bool]]:
        """The modules that a dotted name may be, or be above; from any folder where none is given."""
        for parts, place in self._by_part.get(dotted[-1], ()) if dotted else ():
            start = place + 1 - len(dotted)
            if start >= 0 and parts[start : place + 1] == dotted and (not above or parts[:start] == above):
                yield parts, place + 1 == len(parts)
        if not dotted and above in self._names:
            yield above, True


def imports(text: bytes, packages: frozenset[bytes]) -> bool:
    """Whether a file imports one of some packages, or a module in one: by a statement, or by a name in quotes.

    Args:
        text: what it holds.
        packages: the packages' names, without dots.
    """
    known = set(packages)
    dotted = (
        *(parts for level, parts, _ in _from_imports(text, known) if not level),
        *_plain_imports(text, known),
        *_quoted_names(text, known),
    )
    return any(parts[:1] and parts[0] in packages for parts in dotted)


def has_word(text: bytes, names: set[bytes]) -> bool:
    """Whether a text has one of some names in it as a whole word."""
    return not names.isdisjoint(_words(text))


def _words(text: bytes) -> set[bytes]:
    return set(text.translate(_NO_IDENTIFIER).split())


def _owners(text: bytes, names: set[bytes]) -> Iterator[bytes]:
    """Of what some names are attributes in a text; nothing where that has no name, or where a string is the name."""
    for match in _ATTRIBUTE.finditer(text):
        if match[1] in names:
            before = _OWNER.search(text, max(match.start(1) - 100, 0), match.start(1))
            if before is not None:
                yield before[1] or b""


def _imported_by_name(text: bytes) -> Iterator[bytes]:
    """The variables that are given what is imported by its name."""
    for match in _IMPORT_BY_NAME.finditer(text):
        variable = _ASSIGNED_TO.search(text, max(match.start() - 100, 0), match.start())
        if variable is not None:
            yield variable[1]


def module_parts(path: str) -> tuple[bytes, ...]:
    """A file's path as an import says it: its folders and its name, a package by its folder alone."""
    parts = _parts(os.path.splitext(path)[0])
    return parts[:-1] if parts[-1:] == (b"__init__",) else parts


def _parts(path: str) -> tuple[bytes, ...]:
    return tuple(os.fsencode(part) for part in path.split(os.sep) if part)


def _from_imports(text: bytes, known: set[bytes]) -> Iterator[tuple[int, tuple[bytes, ...], set[bytes]]]:
    """Of each `from` import with a known part: the number of dots, the dotted name after them, what is taken of it."""
    found = list(_FROM.finditer(text))
    # Hardly a file has a known part in any of its imports, and to look at all of them at once takes half the time.
    none = known.isdisjoint(_NAME.findall(b" ".join([match[0] for match in found])))
    for match in found:
        module = b"".join(match["module"].split())
        dotted = module.lstrip(b".")
        if dotted and (none or known.isdisjoint(_NAME.findall(match[0]))):
            continue
        names = set(_NAME.findall(_COMMENT.sub(b"", match["names"])))
        yield len(module) - len(dotted), tuple(dotted.split(b".")) if dotted else (), names


def _plain_imports(text: bytes, known: set[bytes]) -> Iterator[tuple[bytes, ...]]:
    found = list(_IMPORT.finditer(text))
    if known.isdisjoint(_NAME.findall(b" ".join([match[0] for match in found]))):
        return
    found = [match for match in found if not known.isdisjoint(_NAME.findall(match[0]))]
    others = {match.start("word") for match in _FROM.finditer(text)}
    for match in found:
        if match.start() in others or _NAME.match(text, match.start() - 1, match.start()):
            continue
        for alias in match["names"].split(b","):
            name = _DOTTED.match(alias.strip(b" \t\f\\\r\n"))
            if name is not None:
                yield tuple(name[0].split(b"."))


def _quoted_names(text: bytes, known: set[bytes]) -> Iterator[tuple[bytes, ...]]:
    """Dotted names in quotes, as for `mock.patch`; one part alone only where something is imported by its name."""
    by_name = any(word in text for word in _BY_NAME)
    for pattern in _QUOTED if by_name else _QUOTED_DOTTED:
        for name in pattern.findall(text):
            parts = tuple(filter(None, name.replace(b":", b".").split(b".")))
            if (by_name or len(parts) > 1) and not known.isdisjoint(parts):
                yield parts
