"""Which rules count where: selected and ignored codes, by files and by comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, NamedTuple, Sequence

from rehandle_codemods.files.patterns import matches
from rehandle_codemods.index.ignore_comments import Request, requests
from rehandle_codemods.options import ALL, Codes, Options

if TYPE_CHECKING:
    from rehandle_codemods.index.module import Module

ALWAYS = ("RH9",)
"""What could not be processed is an error, and no choice of rules hides it."""


class RuleSelection:
    """The rules of a run."""

    def __init__(self, options: Options) -> None:
        """Keep the choices.

        Args:
            options: the choices of the run.
        """
        self._options = options
        self._files: dict[str, tuple[str, ...]] = {}

    def counts(self, code: str, path: str) -> bool:
        """Whether a rule counts in a file.

        The longest code that a rule's begins with decides; where `select` and `ignore` have the same one, `ignore`.

        Args:
            code: the rule's code.
            path: the file's absolute path.

        Returns:
            Whether it does.
        """
        if code.startswith(ALWAYS):
            return True
        options = self._options.of(path)
        return _fit(code, options.select) > _fit(code, options.ignore) and _fit(code, self._ignored(path)) < 0

    def _ignored(self, path: str) -> tuple[str, ...]:
        if path not in self._files:
            rows = self._options.of(path).per_file_ignores
            self._files[path] = tuple(code for pattern, codes in rows if matches((pattern,), path) for code in codes)
        return self._files[path]


def _fit(code: str, selectors: Sequence[str]) -> int:
    """How much of a code the most specific of some selectors is; negative where none fits."""
    fitting = (0 if selector == ALL else len(selector) for selector in selectors if fits(code, selector))
    return max(fitting, default=-1)


def fits(code: str, selector: str) -> bool:
    """Whether a selector means a rule: by its code, the beginning of it, or ALL."""
    return selector == ALL or code.startswith(selector)


class _Request(NamedTuple):
    start: int
    end: int
    codes: Codes


class Ignored:
    """Which rules aren't wanted at which places: not selected, ignored in a file, or by a comment."""

    def __init__(self, options: Options, checked_code: Callable[[str], str]) -> None:
        """Keep the choices.

        Args:
            options: the choices of the run.
            checked_code: takes what a comment says for the code of a rule; raises ValueError where there is none.
        """
        self._rules = RuleSelection(options)
        self._checked_code = checked_code
        self._ignored: dict[Module, list[_Request]] = {}
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
        """The comments of a file that ask for something that isn't known."""
        self._of(module)
        return self._wrong[module]

    def _of(self, module: Module) -> list[_Request]:
        if module not in self._ignored:
            found = list(requests(module.source, self._checked_code))
            self._wrong[module] = [request for request in found if request.problem]
            self._ignored[module] = [
                _Request(start, end, request.codes)
                for request in found
                for start, end in (
                    [module.statements.whole]
                    if request.whole_file
                    else module.statements.of_comment(request.start, alone=request.alone)
                )
            ]
        return self._ignored[module]
