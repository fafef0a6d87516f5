"""Code that is nested deeper than Python's parser goes is reported, and neither ends the run nor the process."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from repositories import write_files

pytestmark = pytest.mark.prefect(None)

FLOW = "from prefect import Flow\n\nflow = Flow('f', result_handler=None)\n"
TOO_DEEP = {
    "a sum of 20,000 terms": "x = " + " + ".join(["1"] * 20_000),
    "a sum of 200,000 terms": "x = " + " + ".join(["1"] * 200_000),
    "100,000 brackets": "x = " + "(" * 100_000 + ")" * 100_000,
    "100,000 open brackets": "x = " + "[" * 100_000,
    "500,000 attributes": "x = a" + ".b" * 500_000,
    "20,000 calls": "x = a" + "()" * 20_000,
    "50,000 alternatives": "if a:\n    pass\n" + "elif b:\n    pass\n" * 50_000,
    "50,000 negations": "x = " + "not " * 50_000 + "a",
    "90,000 signs": "x = " + "-" * 90_000 + "1",
    "20,000 lambdas": "x = " + "lambda: " * 20_000 + "1",
    "150 suites": "".join(" " * depth + "if a:\n" for depth in range(150)) + " " * 150 + "pass",
}
DEEP = {
    "a sum of 700 terms": "x = " + " + ".join(["1"] * 700),
    "190 brackets": "x = " + "[" * 190 + "]" * 190,
    "20,000 joined strings": "x = (" + "\n    'a'" * 20_000 + ")",
    "700 alternatives": "if a:\n    pass\n" + "elif b:\n    pass\n" * 700,
    "700 attributes": "x = a" + ".b" * 700,
    "95 suites": "".join(" " * depth + "if a:\n" for depth in range(95)) + " " * 95 + "pass",
    "an argument of 50,000 lines": "x = [\n" + "    1,\n" * 50_000 + "]",
}


def test_deep_code(repository):
    codes = {**TOO_DEEP, **DEEP, "plain": ""}
    write_files(repository, {f"{name}.py": FLOW + code + "\n" for name, code in codes.items()})
    command = [sys.executable, "-m", "rehandle", "check", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 2, done.stderr
    found = {}
    for finding in json.loads(done.stdout):
        found.setdefault(finding["filename"][: -len(".py")], []).append(finding["code"])
    assert found == {name: ["RH901"] if name in TOO_DEEP else ["RH103"] for name in codes}
