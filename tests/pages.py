"""The pages of the documentation, and what in them is run.

A page is run from top to bottom, in a process and an empty folder of its own; its Python shares one namespace.

========================  ============================================================================================
block                     what is done with it
========================  ============================================================================================
python or pycon, `>>>`    run by doctest; `...` in expected output stands for anything
python                    run
any, begins `# NAME.EXT`  written to that file, for the commands that follow
console                   each `$ command` is run by bash, and prints what is below it; `...` stands for anything.
                          Set-up (pip, venv, tox) isn't run: the extras and environments that it names must exist
diff                      `rehandle migrate` makes the lines with + of those with -
toml, json                parsed
========================  ============================================================================================

`<!-- not run: REASON -->` above a block leaves it out. `<!-- runs on: no Prefect, Prefect 0.6.6-0.10 -->` at the top
says where a page is run, with `, the shim on` if the shim is to be on from the start: without it where there is no
Prefect. `<!-- run by: tests/test_x.py -->` names a test of the page's own.
"""

import re
from pathlib import Path
from typing import List, NamedTuple, Optional, Tuple

ROOT = Path(__file__).parents[1]
_FENCE = re.compile(
    r"(?:^[ ]*<!-- not run: (?P<reason>.+?) -->\n\s*)?"
    r"^(?P<indent>[ ]*)(?P<fence>`{3,}|~{3,})(?P<language>[^\n`]*)\n(?P<text>.*?)^(?P=indent)(?P=fence)[ ]*$",
    re.M | re.S,
)
_FILE = re.compile(r"# ([\w./-]+\.\w+|\.[\w.-]+)\n")
_COMMENT = r"<!-- {}: (.+?) -->"


class Block(NamedTuple):
    """A fenced block.

    Attributes:
        language: what the fence says, such as ``python``.
        text: its lines, without the page's indentation.
        row: the line of its fence, from 1.
        reason: why it isn't run, or None.
    """

    language: str
    text: str
    row: int
    reason: Optional[str]

    @property
    def file(self) -> Optional[str]:
        """The file that the block is, or None."""
        match = _FILE.match(self.text)
        return match.group(1) if match else None


class Page(NamedTuple):
    """A page.

    Attributes:
        path: its file.
        blocks: its fenced blocks, without the site's own directives.
        releases: where it is run: the first and last release of each range, or None for no Prefect.
        with_shim: whether the shim is on from the start.
        own_test: the path of a test that runs it instead, or None.
    """

    path: Path
    blocks: List[Block]
    releases: List[Optional[Tuple[Tuple[int, ...], Tuple[int, ...]]]]
    with_shim: bool
    own_test: Optional[str]

    def runs_on(self, prefect: Optional[Tuple[int, ...]]) -> bool:
        """Tell whether the page is run where this release of Prefect is installed."""
        if prefect is None:
            return None in self.releases
        return any(first <= prefect and prefect[: len(last)] <= last for first, last in filter(None, self.releases))


def names() -> List[str]:
    """List all pages but those of the rules, which tests/codemods/test_rules.py runs."""
    found = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/**/*.md"), ROOT / "docs/rules/index.md"]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def load(name: str) -> Page:
    """Read a page."""
    path = ROOT / name
    text = path.read_text("utf-8")
    blocks = []
    for match in _FENCE.finditer(text):
        language = match.group("language").strip()
        if not language.startswith("{"):
            row = text.count("\n", 0, match.start("fence")) + 1
            # Not textwrap's dedent, which strips the lines that have spaces alone, as a patch has them.
            text_of_block = re.sub(rf"^{match.group('indent')}", "", match.group("text"), flags=re.M)
            blocks.append(Block(language, text_of_block, row, match.group("reason")))
    said = _said(text, "runs on") or "no Prefect"
    places, _, shim = said.partition(", the shim on")
    assert not shim, said
    own_test = _said(text, "run by")
    return Page(path, blocks, [_releases(place) for place in places.split(", ")], places != said, own_test)


def _said(text: str, what: str) -> Optional[str]:
    match = re.search(_COMMENT.format(what), text)
    return match.group(1) if match else None


def _releases(place: str) -> Optional[Tuple[Tuple[int, ...], Tuple[int, ...]]]:
    if place == "no Prefect":
        return None
    match = re.match(r"Prefect ([\d.]+)-([\d.]+)$", place)
    assert match, f"{place!r} is neither `no Prefect` nor `Prefect FIRST-LAST`"
    first, last = (tuple(map(int, release.split("."))) for release in match.groups())
    return first, last
