"""Which files hold certain words: the one step that looks at every file."""

from __future__ import annotations

import os
import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Iterable, Iterator, Mapping, Sequence

from rehandle_codemods.files import git
from rehandle_codemods.files.discovery import NOTEBOOKS, PAGES, PRUNED
from rehandle_codemods.files.paths import read_bytes
from rehandle_codemods.progress import ProgressCallback, counted, silent

# What tells imports apart is itself imported where there is something to tell: that takes long where there isn't.
if TYPE_CHECKING:
    from rehandle_codemods.files.import_statements import Doubtful, Wanted

_WORTH_ASKING = 300
"""So many files take longer to open than git to start."""

# In JSON, a word may follow a newline that is written as a letter; a joined line goes on in the next string.
_ESCAPED = re.compile(rb'\\\\\\n",\s*"|\\[nrt]')


def code_of(path: str, data: bytes) -> bytes:
    """The text of a file as its imports are looked for: of a notebook with spaces for the newlines in JSON."""
    return _ESCAPED.sub(b" ", data) if path.endswith(NOTEBOOKS) else data


class Search:
    """Looks for words in files.

    Git is asked which of its own files hold them, where there are many: it reads them several times as fast. What it
    names, and what it doesn't know or know as it is, is read here.
    """

    def __init__(
        self,
        indexed: Mapping[str, frozenset[str]],
        jobs: int = 1,
        given: Mapping[str, bytes] = MappingProxyType({}),
        walked: Mapping[str, frozenset[str]] = MappingProxyType({}),
    ) -> None:
        """Keep what git knows.

        Args:
            indexed: folders, each with the files below it that git has in its index as they are.
            jobs: how many threads git uses; 0 for as many as there are processors.
            given: what files hold, instead of what is on disk.
            walked: folders outside of git work trees, each with the files below it.
        """
        self._walked = walked
        self._indexed = indexed
        self._jobs = jobs
        self._given = given

    def word_files(
        self,
        paths: Iterable[str],
        groups: Sequence[Sequence[bytes]],
        unreadable: set[str],
        report: ProgressCallback = silent,
    ) -> list[str]:
        """The files that hold all the words of at least one group.

        Args:
            paths: the files to look at.
            groups: the groups of words, none of them empty.
            unreadable: filled with the files that can't be read.
            report: told how many files are read.

        Returns:
            The files that match, in their order.
        """
        found = []
        rest: dict[bytes, list[Sequence[bytes]]] = {}
        for first, *others in groups:
            rest.setdefault(first, []).append(others)
        for path in counted("Reading", self._worth_reading(list(paths), groups), report):
            try:
                data = self._read(path)
            except OSError:
                unreadable.add(path)
                continue
            if any(
                first in data and any(all(word in data for word in others) for others in alternatives)
                for first, alternatives in rest.items()
            ):
                found.append(path)
        return found

    def importing_files(
        self, paths: Iterable[str], wanted: Iterable[Wanted], doubtful: Doubtful | None = None
    ) -> dict[str, bool]:
        """The files that import some modules and have a name in them that matters; what can't be read is left out.

        The time that a file takes doesn't depend on the number of modules.

        Args:
            paths: the files to look at.
            wanted: the modules, each with the names that matter.
            doubtful: whether an import may mean any of them; None where every import is found.

        Returns:
            The files that match, in their order, each with whether it certainly imports one.
        """
        from rehandle_codemods.files.import_statements import IMPORTLIB, WantedModules

        modules = WantedModules(wanted, doubtful)
        words = (*modules.stems, IMPORTLIB)
        found = {}
        for path in self._worth_reading(list(paths), [(word,) for word in words], imported=True):
            try:
                text = code_of(path, self._read(path))
            except OSError:
                continue
            certain = modules.used_in(path, text)
            if certain is not None:
                found[path] = certain
        return found

    def importers(self, paths: Iterable[str], packages: frozenset[bytes]) -> Iterator[str]:
        """The files that import one of some packages; a notebook or page needs only have a name of one in it.

        Args:
            paths: the files to look at.
            packages: the packages' names, without dots.

        Yields:
            The files, as soon as each is found.
        """
        from rehandle_codemods.files.import_statements import imports

        for path in self._worth_reading(list(paths), [(name,) for name in packages]):
            try:
                data = self._read(path)
            except OSError:
                continue
            if path.endswith((*NOTEBOOKS, *PAGES)):
                found = any(name in data.lower() for name in packages)
            else:
                found = imports(data, packages)
            if found:
                yield path

    def _worth_reading(
        self, paths: list[str], groups: Sequence[Sequence[bytes]], *, imported: bool = False
    ) -> list[str]:
        """The files that git doesn't say hold none of the groups' first words, or none as imports have them."""
        words = sorted({group[0] for group in groups})
        without: set[str] = set()
        known = [(folder, files, None) for folder, files in self._indexed.items()]
        for folder, files, pruned in [*known, *((folder, files, PRUNED) for folder, files in self._walked.items())]:
            asked = files.intersection(paths)
            if len(asked) < _WORTH_ASKING:
                continue
            suffixes = sorted({path[path.rindex(".") :] for path in asked})
            holding = git.holding(folder, words, suffixes, self._jobs, pruned, imported=imported)
            if holding is not None:
                without |= asked.difference(os.path.join(folder, name) for name in holding)
        return [path for path in paths if path not in without or path in self._given]

    def _read(self, path: str) -> bytes:
        return self._given[path] if path in self._given else read_bytes(path)
