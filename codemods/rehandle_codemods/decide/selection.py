"""Which rules count in which files: selected and ignored codes."""

from __future__ import annotations

from typing import Sequence

from rehandle_codemods.files.patterns import matches
from rehandle_codemods.options import ALL, Options

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
        options = self._options
        return _fit(code, options.select) > _fit(code, options.ignore) and _fit(code, self._ignored(path)) < 0

    def _ignored(self, path: str) -> tuple[str, ...]:
        if path not in self._files:
            rows = self._options.per_file_ignores
            self._files[path] = tuple(code for pattern, codes in rows if matches((pattern,), path) for code in codes)
        return self._files[path]


def _fit(code: str, selectors: Sequence[str]) -> int:
    """How much of a code the most specific of some selectors is; negative where none fits."""
    fitting = (0 if selector == ALL else len(selector) for selector in selectors if fits(code, selector))
    return max(fitting, default=-1)


def fits(code: str, selector: str) -> bool:
    """Whether a selector means a rule: by its code, the beginning of it, or ALL."""
    return selector == ALL or code.startswith(selector)
