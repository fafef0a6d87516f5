"""Running `rehandle` as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

OLD = 'from prefect import Flow\n\nflow = Flow("é", result_handler=None)  # é\n'
NEW = OLD.replace("result_handler", "result")
ROOTS = [str(Path(__file__).parents[2] / "compat"), str(Path(__file__).parents[2] / "codemods")]


def run_command(*arguments, cwd, code="", **options):
    """Run a command of the rewriting tool, or some other code that has it at hand."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(ROOTS), **options.pop("env", {})}
    code = code or "import sys; from rehandle_codemods.cli.commands import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=cwd, env=environment, capture_output=True, check=False, **options
    )
