"""What the README shows: the rewrite at its top, and what `rehandle check` says about a real package."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from repositories import unpacked

from rehandle_codemods.cli import main

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def test_the_rewrite(repository):
    (diff,) = re.findall(r"```diff\n(.*?)```", README, re.DOTALL)
    lines = diff.splitlines()
    # Blank lines of a diff have no mark where editors strip them.
    before = "from prefect import task\n" + "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    after = "from prefect import task\n" + "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    (repository / "flow.py").write_text(before)
    assert main(["migrate", "flow.py"]) == 0
    assert (repository / "flow.py").read_text() == after


def test_what_check_says(downloads, repository, capsys):
    unpacked(downloads, "prefect_ds-*.tar.gz", repository)
    shutil.move(str(repository / "prefect_ds-0.1.1" / "prefect_ds"), str(repository / "prefect_ds"))
    main(["check", "--format", "concise", "prefect_ds"])
    captured = capsys.readouterr()
    (shown,) = re.findall(
        r"<!-- check prefect-ds 0\.1\.1 -->\n```console\n\$ rehandle check --format concise prefect_ds\n(.*?)```",
        README,
        re.DOTALL,
    )
    assert shown == captured.out + captured.err
