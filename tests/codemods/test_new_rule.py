"""What CONTRIBUTING.md says of a new rule: one file is put into the package, and nothing else is changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from pages import ROOT

pytestmark = pytest.mark.prefect(None)
RULE = '''"""Setting that another one stands for.

A rule that this test makes up.

## Example

```diff
 import os

-os.environ["PREFECT__ENGINE__RESULT_HANDLER__DEFAULT_CLASS"] = "somewhere"
+os.environ["SOMEWHERE"] = "somewhere"
```
"""

from __future__ import annotations

from functools import partial

from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.places import Setting
from rehandle_codemods.decide.verdicts import Rewrite, Rewritten, Verdict
from rehandle_codemods.rewrite import code
from rehandle_codemods.rules import rule


@rule
def decide(place: Setting, decisions: Decisions) -> Verdict | None:
    """Name the other one."""
    rewrite = Rewrite(place.node, partial(code.saying, text="SOMEWHERE"))
    return Rewritten(f"SOMEWHERE instead of {place.text}", (rewrite,))
'''
BEFORE = 'import os\n\nos.environ["PREFECT__ENGINE__RESULT_HANDLER__DEFAULT_CLASS"] = "somewhere"\n'
PAGE = f"# RH199: Setting that another one stands for\n\n{RULE.split(chr(34) * 3)[1].partition(chr(10))[2].strip()}\n"


@pytest.fixture
def copy(tmp_path):
    for folder in ("codemods", "compat", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "images"))
    (tmp_path / "codemods" / "rehandle_codemods" / "rules" / "rh199_other_setting.py").write_text(RULE, "utf-8")
    return tmp_path


def python(copy, *arguments, folder=None):
    path = os.pathsep.join([str(copy / "codemods"), str(copy / "compat"), str(copy / "docs")])
    command = [sys.executable, *arguments]
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode("utf-8").replace("\r\n", "\n")


def test_a_rule_is_one_file(copy):
    assert python(copy, "-m", "rehandle", "explain", "rh199") == (
        0,
        f"{PAGE}\n<https://github.com/rehandle/rehandle/blob/main/docs/rules/RH199.md>\n",
    )
    folder = copy / "repository"
    folder.mkdir()
    (folder / "settings.py").write_text(BEFORE, "utf-8")
    code, said = python(copy, "-m", "rehandle", "check", folder=folder)
    assert "settings.py:3:12: RH199 [rewritten] SOMEWHERE instead of PREFECT__ENGINE__RESULT_HANDLER" in said
    assert code == 1
    assert python(copy, "-m", "rehandle", "migrate", "--ignore", "RH199", folder=folder)[0] == 0
    assert (folder / "settings.py").read_text("utf-8") == BEFORE
    assert python(copy, "-m", "rehandle", "migrate", folder=folder)[0] == 0
    assert (folder / "settings.py").read_text("utf-8") == 'import os\n\nos.environ["SOMEWHERE"] = "somewhere"\n'
    assert python(copy, "-c", "import conf; conf.write_pages_of_rules(None)") == (0, "")
    assert (copy / "docs" / "rules" / "RH199.md").read_text("utf-8") == PAGE
