"""What docs/rewrite-a-repository.md says that `rehandle check` says about a real package."""

from __future__ import annotations

import doctest
import re
import shutil
from pathlib import Path

from repositories import unpacked

from rehandle_codemods.cli.commands import main

PAGE = Path(__file__).parents[2] / "docs" / "rewrite-a-repository.md"


def test_what_check_says(downloads, repository, capsys):
    unpacked(downloads, "prefect_ds-*.tar.gz", repository)
    shutil.move(str(repository / "prefect_ds-0.1.1" / "prefect_ds"), str(repository / "prefect_ds"))
    ((arguments, shown),) = re.findall(
        r"```console\n\$ rehandle (check [^\n]*prefect_ds)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL
    )
    main(arguments.split())
    captured = capsys.readouterr()
    printed = captured.out + captured.err
    assert doctest.OutputChecker().check_output(shown, printed, doctest.ELLIPSIS), printed
