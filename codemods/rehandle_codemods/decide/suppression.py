"""Which places aren't wanted: their rule isn't selected, or is ignored in their file or by a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, NamedTuple

from rehandle_codemods.decide.selection import RuleSelection, fits
from rehandle_codemods.index.ignore_comments import Request, requests

if TYPE_CHECKING:
    from rehandle_codemods.index.module import Module
    from rehandle_codemods.options import Codes, Options


class _Ignored(NamedTuple):
    start: int
    end: int
    codes: Codes


class Suppression:
    """What isn't wanted in a run."""

    def __init__(self, options: Options, checked_code: Callable[[str], str]) -> None:
        """Keep the choices.

        Args:
            options: the choices of the run.
            checked_code: takes what a comment says for the code of a rule; raises ValueError where there is none.
        """
        self._rules = RuleSelection(options)
        self._checked_code = checked_code
        self._ignored: dict[Module, list[_Ignored]] = {}
        self._wrong: dict[Module, list[Request]] = {}

    def hides(self, module: Module, span: tuple[int, int], code: str) -> bool:
        """Whether a place isn't wanted.

        Args:
            module: where it is.
            span: its offsets.
            code: the code of its rule.

        Returns:
            Whether it isn't.
        """
        if not self._rules.counts(code, module.path):
            return True
        return any(
            start < max(span[1], span[0] + 1) and span[0] < end and any(fits(code, selector) for selector in codes)
            for start, end, codes in self._of(module)
        )

    def wrong(self, module: Module) -> list[Request]:
        """The comments of a file that ask for something that can't be told."""
        self._of(module)
        return self._wrong[module]

    def _of(self, module: Module) -> list[_Ignored]:
        if module not in self._ignored:
            found = list(requests(module.source, self._checked_code))
            self._wrong[module] = [request for request in found if request.problem]
            self._ignored[module] = [
                _Ignored(start, end, request.codes)
                for request in found
                for start, end in (
                    [module.statements.whole]
                    if request.whole_file
                    else module.statements.of_comment(request.start, alone=request.alone)
                )
            ]
        return self._ignored[module]
