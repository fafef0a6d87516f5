"""Every case in another layout: it comes out as before, in that layout."""

from __future__ import annotations

import pytest
from repositories import CASES, read_case, write_files

from rehandle_codemods.cli.commands import main

# isort's own layouts count columns, and have spaces wherever the file has tabs.
OF_ISORT = {"RH101/laid_out_by_isort", "RH101/told_to_linters"}
ALL = [path for path in sorted(CASES.rglob("*.case")) if f"{path.parent.name}/{path.stem}" not in OF_ISORT]


def with_tabs_and_crlf(text):
    return text.replace("    ", "\t").replace("\n", "\r\n")


def without_a_last_newline(text):
    return text.rstrip("\n").replace("    ", "  ")


@pytest.mark.parametrize("layout", [with_tabs_and_crlf, without_a_last_newline])
@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case_in_another_layout(path, layout, repository, capsys):
    case = read_case(path)
    write_files(repository, {name: layout(text) for name, text in case.before.items()})
    main(["migrate"])
    for name, text in case.after.items():
        assert (repository / name).read_bytes().decode("utf-8") == layout(text)
