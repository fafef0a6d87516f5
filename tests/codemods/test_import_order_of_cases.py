"""Imports of every case, sorted by a tool before, are sorted for it afterwards; one statement a module; none unused."""

from __future__ import annotations

import ast
from collections import Counter

import pytest
from repositories import CASES, read_case, write_files

pytest.importorskip("isort", reason="needs isort")

from test_import_order import RUFF, TOOLS, WIDER, Ruff, differ, unused

from rehandle_codemods.engine.run import run
from rehandle_codemods.options import Options

pytestmark = pytest.mark.once

COMMENTS = "isort puts names with comments into statements of their own, and its comments elsewhere"
NOT_SORTED = {
    "RH101/comments_between_names": COMMENTS,
    "RH101/comments_of_merged_names": COMMENTS,
    "RH101/laid_out_by_isort": COMMENTS,
    "RH101/submodules_by_other_names": COMMENTS,
    "RH101/not_sorted": "what `from common import *` may bind as well is imported after it",
}
UNUSED = {
    "RH101/told_to_linters": "isort takes `# noqa` from some of the names",
    "RH101/submodules_by_other_names": "`import a.b` may be what loads a submodule for others",
}


def statements(text):
    """How many statements import names from each module; each name with `as` has its own for both tools."""
    found = [node for node in ast.parse(text).body if isinstance(node, ast.ImportFrom)]
    return Counter(f"{'.' * node.level}{node.module or ''}" for node in found if not any(a.asname for a in node.names))


def sorted_case(path, tool, folder):
    """Write a case's files as a tool sorts them, and give them; those that it would sort again are left out."""
    before = read_case(path).before
    write_files(folder, before)
    found = {}
    for name, text in before.items():
        if not name.endswith(".py"):
            continue
        once = tool.sort(text, folder)
        (folder / name).write_text(once, "utf-8")
        if tool.sort(once, folder) == once:
            found[name] = once
    return found


def is_sorted(before, after, tool, folder):
    if after == tool.sort(after, folder) or (not isinstance(tool, Ruff) and differ(after)):
        return True
    return tool is TOOLS["isort"] and "import (" not in before and after == WIDER.sort(after, folder)


@pytest.mark.skipif(RUFF is None, reason="needs ruff")
@pytest.mark.parametrize("target", ["prefect-1", "shim"])
@pytest.mark.parametrize("name", TOOLS)
def test_imports_of_every_case(name, target, tmp_path, monkeypatch):
    tool, looked_at = TOOLS[name], 0
    for path in sorted(CASES.rglob("*.case")):
        case = f"{path.parent.name}/{path.stem}"
        folder = tmp_path / case
        folder.mkdir(parents=True)
        monkeypatch.chdir(folder)
        before = sorted_case(path, tool, folder)
        for change in run(["."], options=Options(target=target)).changes:
            change.write()
        for file, old in before.items():
            new = (folder / file).read_text("utf-8")
            if new == old:
                continue
            looked_at += 1
            assert case in NOT_SORTED or is_sorted(old, new, tool, folder), (case, file, new)
            more = [module for module, count in statements(new).items() if count > max(1, statements(old)[module])]
            assert not more, (case, file, new)
            assert case in UNUSED or len(unused(new, folder)) <= len(unused(old, folder)), (case, file, new)
    assert looked_at > 200
