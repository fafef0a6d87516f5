"""What a run found, as text and as the formats that other tools read: one module each, with a `render`."""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Mapping, NamedTuple, Sequence

from rehandle_codemods.options import DEFAULTS, Options

if TYPE_CHECKING:
    from rehandle_codemods.engine.run import Outcome
    from rehandle_codemods.report.next_command import Typed

TEXT = "text"
HTML = "html"
FOR_PEOPLE = (TEXT, "concise")
"""Those that a terminal shows; the others are for programs."""

FORMATS = (*FOR_PEOPLE, "json", "sarif", "github", "junit", HTML)
"""The names that `--format` takes."""


class Report(NamedTuple):
    """What is to be shown.

    Attributes:
        outcome: what a run found.
        done: whether the changes were written.
        colour: whether it is for a terminal that shows colours.
        quiet: whether nothing but the findings is to be shown.
        paths: what the run was about.
        options: its choices.
        given: what files hold, by their paths, instead of what is on disk.
        typed: the command line, for one to type next; None where there is none.
    """

    outcome: Outcome
    done: bool
    colour: bool = False
    quiet: bool = False
    paths: Sequence[str] = (".",)
    options: Options = DEFAULTS
    given: Mapping[str, bytes] = MappingProxyType({})
    typed: Typed | None = None


def render(name: str, report: Report) -> str:
    """Render a report.

    Args:
        name: one of FORMATS, or `statistics`.
        report: what is to be shown.

    Returns:
        The text, with a newline at its end. It may hold lone surrogates, from names of files that aren't UTF-8.
    """
    # A module is imported when it is wanted: most runs find nothing, and print one line.
    module = importlib.import_module(f"{__name__}.{name}")
    text: str = module.render(report)
    return text
