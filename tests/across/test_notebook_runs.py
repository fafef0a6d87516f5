"""A notebook that Jupyter runs: as it was on Prefect 0.10.7, and rewritten on 1.4.1."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import releases
from needs import MISSING

if MISSING:
    pytest.skip(MISSING, allow_module_level=True)

CELLS = [
    "%env PREFECT__FLOWS__CHECKPOINTING=true\nimport json\nimport os\n\nfrom prefect import Flow, task",
    "from prefect.engine.result_handlers import LocalResultHandler, ResultHandler",
    """class JsonResultHandler(ResultHandler):
    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def read(self, path):
        with open(path) as file:
            return json.load(file)

    def write(self, value):
        path = os.path.join(self.folder, "value.json")
        with open(path, "w") as file:
            json.dump(value, file)
        return path""",
    '!mkdir own\nhandler = JsonResultHandler(os.path.abspath("own"))',
    """@task(result_handler=handler)
def numbers():
    return [1, 2, 3]


@task
def total(found):
    return sum(found)""",
    """%%capture
with Flow("sums", result_handler=LocalResultHandler(os.path.abspath("pickles"))) as flow:
    first = numbers()
    last = total(first)""",
    "state = flow.run()\n%time done = state.is_successful()",
    """written = !ls own pickles | wc -l
print(done, state.result[first].result, state.result[last].result, written)
handler.read(os.path.abspath("own/value.json"))""",
]
EXECUTE = """
import sys
import nbclient, nbformat
made = nbformat.read(sys.argv[1], 4)
nbclient.NotebookClient(made, timeout=300, kernel_name="python3").execute()
nbformat.write(made, sys.argv[1])
"""
ROOT = Path(__file__).parents[2]


def notebook():
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell{number}",
            "metadata": {},
            "outputs": [],
            "source": cell.splitlines(keepends=True),
        }
        for number, cell in enumerate(CELLS)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def executed(release, path):
    """What the last cell prints, and what it shows, where a release is installed."""
    python = releases.python(release, "ipykernel", "nbclient")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PREFECT", "JUPYTER"))}
    environment = {**kept, "PREFECT__LOGGING__LEVEL": "CRITICAL", "HOME": str(path.parent)}
    subprocess.run([python, "-W", "ignore", "-c", EXECUTE, path], env=environment, cwd=path.parent, check=True)
    outputs = json.loads(path.read_text("utf-8"))["cells"][-1]["outputs"]
    # A kernel sends what is printed in as many pieces as its clock makes of it.
    printed = "".join(text for output in outputs for text in output.get("text", ()))
    return [printed.strip(), *("".join(output["data"]["text/plain"]) for output in outputs if "data" in output)]


def test_a_notebook_runs_as_before(tmp_path):
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        (folder / "pickles").mkdir(parents=True)
        (folder / "sums.ipynb").write_text(json.dumps(notebook(), indent=1) + "\n", "utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "compat"), str(ROOT / "codemods")])}
    command = [sys.executable, "-m", "rehandle", "migrate", "sums.ipynb"]
    assert subprocess.run(command, cwd=new, env=environment, check=False).returncode == 0
    rewritten = (new / "sums.ipynb").read_text("utf-8")
    assert "result_handler" not in rewritten
    assert "rehandle" not in rewritten
    before, after = executed("0.10.7", old / "sums.ipynb"), executed("1.4.1", new / "sums.ipynb")
    assert before == ["True [1, 2, 3] 6 ['5']", "[1, 2, 3]"]
    assert after == before
