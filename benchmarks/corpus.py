"""The trees that `codemods.py` measures in, and the tools that it measures: downloaded and made once, in one folder."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from rehandle_codemods.index.prefect_names import TRIGGERS

ROOT = Path(__file__).resolve().parents[1]
SUFFIX = "Scripts" if os.name == "nt" else "bin"
PACKAGES = [
    "Django==5.2.19",
    "sympy==1.14.0",
    "pandas==3.1.1",
    "SQLAlchemy==2.1.9",
    "ansible-core==2.19.14",
    "botocore==1.44.5",
    "apache-airflow==2.10.5",
    "apache-airflow-core==3.3.2",
    "dask==2026.8.0",
    "distributed==2026.8.0",
    "Twisted==26.10.0",
    "matplotlib==3.11.2",
    "scikit-learn==1.9.1",
    "networkx==3.6.1",
    "nltk==3.10.4",
    "prefect==0.10.7",
    "prefect==0.13.19",
]
# The words that make rehandle read a file.
WORDS = [group[0].decode() for group in TRIGGERS]
# What the same job is for LibCST's runner: a keyword of one function, by its qualified name.
COMMAND = """\
import libcst as cst
from libcst.codemod import VisitorBasedCodemodCommand
from libcst.metadata import QualifiedName, QualifiedNameProvider, QualifiedNameSource

FLOW = QualifiedName("prefect.Flow", QualifiedNameSource.IMPORT)


class RenameKeyword(VisitorBasedCodemodCommand):
    DESCRIPTION = "result_handler= to result="
    METADATA_DEPENDENCIES = (QualifiedNameProvider,)

    def leave_Call(self, original_node, updated_node):
        if FLOW not in self.get_metadata(QualifiedNameProvider, original_node, set()):
            return updated_node
        return updated_node.with_changes(args=[renamed(one) for one in updated_node.args])


def renamed(argument):
    ours = argument.keyword is not None and argument.keyword.value == "result_handler"
    return argument.with_changes(keyword=cst.Name("result")) if ours else argument
"""
COPIES = 5
"""So many teams keep the same flows, each in a folder of its own."""
WRITTEN = 53
"""So many flows as people write them, of 20 to 200 lines."""
DENSE = 4_860_000
"""The bytes of a file with a handler in each line: little less than the largest that is analysed."""


class Corpus:
    """The trees and tools that are measured, made where they don't exist."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.bin = folder / "tools" / SUFFIX
        self.tools()
        self.forget_what_is_old()
        self.matching = self.tree("matching", self.unpack)
        self.nothing = self.tree("nothing", self.without_words)
        self.outside = self.folder / "outside"
        if not self.outside.exists():
            shutil.copytree(self.nothing, self.outside, ignore=shutil.ignore_patterns(".git"))
        self.legacy = self.tree("legacy", lambda tree: self.beside(tree, ["flows"]))
        self.copies = self.tree("copies", lambda tree: self.beside(tree, [f"team{n}/flows" for n in range(COPIES)]))
        self.written = self.tree("written", self.beside_written)
        self.dense = self.tree("dense", self.one_file)
        self.small = self.tree("small", lambda tree: (tree / "a.py").write_text("x = 1\n", "utf-8"))

    def tools(self):
        python = self.bin / "python"
        if not python.exists():
            run(sys.executable, "-m", "venv", self.folder / "tools")
            run(python, "-m", "pip", "install", "-q", "libcst", "django-upgrade")
        run(python, "-m", "pip", "install", "-q", "--force-reinstall", "--no-deps", ROOT)
        run(python, "-m", "pip", "install", "-q", f"{ROOT}[codemods]")
        (self.folder / "rename_keyword.py").write_text(COMMAND, "utf-8")

    def forget_what_is_old(self):
        """Delete the trees that were made by another version of this, but for what was downloaded."""
        digest = hashlib.sha256("\n".join(WORDS).encode())
        for path in [Path(__file__), *sorted((ROOT / "examples" / "legacy_flows").rglob("*.py"))]:
            digest.update(path.read_bytes())
        made_by = self.folder / "made-by"
        if not made_by.exists() or made_by.read_text("utf-8") != digest.hexdigest():
            for path in self.folder.iterdir():
                if path.is_dir() and path.name not in ("matching", "tools", "wheels"):
                    shutil.rmtree(path)
            made_by.write_text(digest.hexdigest(), "utf-8")

    def tree(self, name, make):
        """Make a git work tree; whole or not at all."""
        tree = self.folder / name
        if not tree.exists():
            new = self.folder / f"new-{name}"
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir()
            make(new)
            run("git", "-C", new, "init", "-q")
            run("git", "-C", new, "add", "-A", "-f")
            identity = ("-c", "user.name=rehandle", "-c", "user.email=rehandle@example.org")
            run("git", "-C", new, *identity, "commit", "-qm", "all")
            new.rename(tree)
        return tree

    def unpack(self, tree):
        wheels = self.folder / "wheels"
        only = ("--no-deps", "--only-binary=:all:", "--python-version", "3.12")
        for package in PACKAGES:
            # One call for each: two releases of Prefect can't share one.
            run(self.bin / "python", "-m", "pip", "download", "-q", *only, "-d", wheels, package)
        for wheel in sorted(wheels.glob("*.whl")):
            target = tree / "-".join(wheel.name.split("-")[:2])
            run(sys.executable, "-m", "zipfile", "-e", wheel, target)
        for path in [path for path in tree.rglob("*") if path.is_file() and path.suffix != ".py"]:
            path.unlink()

    def without_words(self, tree):
        shutil.copytree(self.matching, tree, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"))
        for path in tree.rglob("*.py"):
            data = path.read_bytes()
            for word in WORDS:
                data = data.replace(word.encode(), b"x" * len(word))
            if data != path.read_bytes():
                path.write_bytes(data)

    def beside(self, tree, folders):
        """The legacy repository of the examples, beside all files that have nothing to do with it."""
        shutil.copytree(self.nothing, tree, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"))
        for folder in folders:
            shutil.copytree(ROOT / "examples" / "legacy_flows", tree / folder)

    def beside_written(self, tree):
        self.beside(tree, [])
        (tree / "flows").mkdir()
        (tree / "flows" / "common.py").write_text(COMMON, "utf-8")
        for number in range(WRITTEN - 1):
            (tree / "flows" / f"job_{number:02}.py").write_text(written(number), "utf-8")

    def one_file(self, tree):
        text = DENSE_HEAD + DENSE_LINE * ((DENSE - len(DENSE_HEAD)) // len(DENSE_LINE))
        (tree / "flow.py").write_text(text, "utf-8")

    def generated(self, files, flows):
        """A tree with some files, of which some are flows with a handler of their own."""

        def make(tree):
            for number in range(files):
                folder = tree / f"team{number // 100:04}"
                folder.mkdir(exist_ok=True)
                text = FLOW if number % (files // flows) == 0 else OTHER
                (folder / f"job_{number:06}.py").write_text(text.format(number=number), "utf-8")

        return self.tree(f"generated-{files}-{flows}", make)


FLOW = '''"""Flow {number}."""

from prefect import Flow, task
from prefect.engine.result_handlers import LocalResultHandler, ResultHandler


class Nowhere{number}(ResultHandler):
    def read(self, location):
        return None

    def write(self, result):
        return "nowhere"


@task(result_handler=LocalResultHandler("/data/{number}"))
def extract():
    return [{number}]


@task
def load(rows):
    print(rows)


with Flow("flow-{number}", result_handler=Nowhere{number}()) as flow:
    load(extract())
'''
OTHER = '"""Module {number}."""\n\nimport json\nimport os\n' + "".join(
    f"""

def step_{part}(path, count={part}):
    with open(os.path.join(path, "{{number}}.json")) as file:
        rows = json.load(file)
    return [row for row in rows if row["count"] > count]
"""
    for part in range(8)
)


DENSE_HEAD = """\
from prefect import Flow
from prefect.engine.result_handlers import LocalResultHandler

"""
DENSE_LINE = 'flow = Flow("sums", result_handler=LocalResultHandler())\n'
COMMON = '''"""What all jobs share: where results are kept, and how rows are written."""

import csv
import os
import uuid

from prefect.engine.result_handlers import GCSResultHandler, LocalResultHandler, ResultHandler

RESULTS = LocalResultHandler(dir="/srv/results", validate=False)
WAREHOUSE = GCSResultHandler(bucket="warehouse")


class CSVHandler(ResultHandler):
    """Keeps rows as a CSV file."""

    def __init__(self, folder):
        self.folder = folder
        super().__init__()

    def read(self, path):
        with open(path, newline="") as file:
            return list(csv.DictReader(file))

    def write(self, rows):
        path = os.path.join(self.folder, uuid.uuid4().hex + ".csv")
        with open(path, "w", newline="") as file:
            writer = csv.DictWriter(file, sorted(rows[0]) if rows else [])
            writer.writeheader()
            writer.writerows(rows)
        return path
'''
HEAD = '''"""Job {number}: from the source to the warehouse."""

import datetime
import json

from prefect import Flow, Parameter, task
from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler

from common import RESULTS, CSVHandler{imported}

FOLDER = "/data/job_{number}"


@task(max_retries=3, retry_delay=datetime.timedelta(minutes=1), result_handler=CSVHandler(FOLDER))
def extract(day):
    """Rows of one day."""
    with open(f"{{FOLDER}}/{{day}}.json") as file:
        return json.load(file)["rows"]
'''
STEP = '''

@task({options})
def step_{part}(rows, least={part}):
    """Keep what matters for part {part}."""
    kept = []
    for row in rows:
        if row.get("amount", 0) >= least:
            kept.append({{**row, "part": {part}}})
    return kept
'''
OPTIONS = [
    "",
    "checkpoint=True",
    'result_handler=LocalResultHandler(dir="/srv/results", validate=False)',
    "result_handler=JSONResultHandler()",
    "name='kept', result_handler=RESULTS",
]
TAIL = """

with Flow("job-{number}", result_handler={handler}) as flow:
    day = Parameter("day", default="2020-01-01")
    rows = extract(day)
{steps}

if __name__ == "__main__":
    flow.run()
"""


def written(number):
    """A flow as people write them: the number decides how long it is, and which handlers it has where."""
    parts = range(number % 17)
    steps = (STEP.format(part=part, options=OPTIONS[(number + part) % len(OPTIONS)]) for part in parts)
    calls = "\n".join(f"    rows = step_{part}(rows)" for part in parts)
    warehouse = number % 3 == 0
    handler = "WAREHOUSE" if warehouse else "RESULTS"
    head = HEAD.format(number=number, imported=", WAREHOUSE" if warehouse else "")
    return head + "".join(steps) + TAIL.format(number=number, handler=handler, steps=calls)


def run(*command):
    subprocess.run([str(part) for part in command], check=True)
