"""What `rehandle check` costs beside other tools: CPU seconds of all processes, over 10,140 files of 17 packages.

The packages are downloaded, and this repository and its peers installed, into the folder CORPUS, once. ripgrep has to
be on PATH, or its rows are left out. LibCST's own runner would take half an hour: it runs on some files, and their
share of all bytes says what the rest would take. Whatever takes minutes is measured once.

python benchmarks/codemods.py [--rounds N] [--json FILE] [--corpus CORPUS]
"""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import measuring

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
SAMPLE = 120
FLOWS = [10, 100, 1000]
COPIES = 5
"""So many teams keep the same flows, each in a folder of its own."""
WRITTEN = 53
"""So many flows as people write them, of 20 to 200 lines."""
FILES = [1000, 10_000, 100_000]


class Corpus:
    """The trees and tools that are measured, made where they don't exist."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.bin = folder / "tools" / SUFFIX
        self.tools()
        self.matching = self.tree("matching", self.unpack)
        self.nothing = self.tree("nothing", self.without_words)
        self.legacy = self.tree("legacy", lambda tree: self.beside(tree, ["flows"]))
        self.copies = self.tree("copies", lambda tree: self.beside(tree, [f"team{n}/flows" for n in range(COPIES)]))
        self.written = self.tree("written", self.beside_written)
        self.small = self.tree("small", lambda tree: (tree / "a.py").write_text("x = 1\n", "utf-8"))

    def tools(self):
        python = self.bin / "python"
        if not python.exists():
            run(sys.executable, "-m", "venv", self.folder / "tools")
            run(python, "-m", "pip", "install", "-q", "libcst", "django-upgrade")
        run(python, "-m", "pip", "install", "-q", "--force-reinstall", "--no-deps", ROOT)
        run(python, "-m", "pip", "install", "-q", f"{ROOT}[codemods]")
        (self.folder / "rename_keyword.py").write_text(COMMAND, "utf-8")

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


def spent(*command, cwd, path=""):
    """Run a command; returns the CPU seconds that it and its children took, and the MB that the largest of them had."""
    environment = {**os.environ, "PYTHONPATH": path}
    # As installed: modules are compiled, and nothing else on the path is imported.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with open(os.devnull, "wb") as nothing:
        process = subprocess.Popen(
            [str(part) for part in command], cwd=cwd, env=environment, stdout=nothing, stderr=nothing
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command[0]} failed in {cwd} with exit code {process.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def by_turns(rounds, commands):
    """Measure commands one after the other, some times: CPU seconds by name."""
    taken = {name: [] for name in commands}
    names = list(commands)
    for number in range(rounds):
        for place in range(len(names)):
            name = names[(number + place) % len(names)]
            taken[name].append(commands[name]())
    return taken


def ratios(several, others):
    return [one / other for one, other in zip(several, others)]


def rows(arguments):
    corpus = Corpus(Path(arguments.corpus).resolve())
    yield from start_up(corpus, arguments.rounds)
    yield from whole_trees(corpus, arguments.rounds)
    yield from projects(corpus, arguments.rounds)
    yield from other_runners(corpus)
    yield from growth(corpus, arguments.rounds)


def start_up(corpus, rounds):
    rehandle, python = corpus.bin / "rehandle", corpus.bin / "python"
    commands = {
        "rehandle --version": (rehandle, "--version"),
        "rehandle --help": (rehandle, "--help"),
        "rehandle check, one file without a match": (rehandle, "check"),
        "python -c pass": (python, "-c", "pass"),
    }
    calls = {name: lambda command=command: spent(*command, cwd=corpus.small)[0] for name, command in commands.items()}
    for name, seconds in by_turns(3 * rounds, calls).items():
        yield measuring.row(name, "ms", [1000 * one for one in seconds], "under 80" if "rehandle" in name else "")


def whole_trees(corpus, rounds):
    if not shutil.which("rg"):
        yield measuring.Row("rg, the measure of the next rows", "", "not on PATH")
    words = [part for word in WORDS for part in ("-e", word)]
    check = (corpus.bin / "rehandle", "check", "--quiet")
    for tree, what, target in (
        (corpus.nothing, "nothing matches", "at most 2"),
        (corpus.matching, "53 match", "at most 8.6"),
    ):
        commands = {
            f"10,140 files, {what}": check,
            f"10,140 files, {what}, --jobs 2": (*check, "--jobs", "2"),
        }
        if shutil.which("rg"):
            commands["rg"] = ("rg", "-l", "-F", *words, "--type", "py", ".")
        calls = {
            name: lambda command=command, tree=tree: spent(*command, cwd=tree)[0] for name, command in commands.items()
        }
        taken = by_turns(rounds, calls)
        if "rg" in taken:
            yield measuring.row(f"10,140 files, {what}: rg -l with the same words", "s", taken["rg"])
        for name, seconds in taken.items():
            if name != "rg":
                yield measuring.row(name, "s", seconds)
                if "rg" in taken:
                    yield measuring.row(f"{name} / rg", "x", ratios(seconds, taken["rg"]), target)


def projects(corpus, rounds):
    """Some flows among 10,140 files that share words with them, and are no part of their project."""
    words = [part for word in WORDS for part in ("-e", word)]
    migrate = (corpus.bin / "rehandle", "migrate", "--diff", "--quiet")
    for tree, what, target in (
        (corpus.legacy, "the 13 of the examples", "at most 6"),
        (corpus.copies, f"{COPIES} copies of these", "at most 8.6"),
        (corpus.written, f"{WRITTEN} as people write them", "at most 8.6"),
    ):
        name = f"10,140 files and {what}, rewritten"
        commands = {name: migrate}
        if shutil.which("rg"):
            commands["rg"] = ("rg", "-l", "-F", *words, "--type", "py", ".")
        calls = {
            key: lambda command=command, tree=tree: spent(*command, cwd=tree)[0] for key, command in commands.items()
        }
        taken = by_turns(rounds, calls)
        yield measuring.row(name, "s", taken[name])
        if "rg" in taken:
            yield measuring.row(f"{name} / rg", "x", ratios(taken[name], taken["rg"]), target)


def other_runners(corpus):
    """Other tools on a copy, because they write; once, because that takes minutes."""
    names = subprocess.run(["git", "ls-files", "-z"], cwd=corpus.matching, check=True, capture_output=True).stdout
    files = sorted(os.fsdecode(name) for name in names.split(b"\0") if name)
    copy = corpus.folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    run("git", "clone", "-q", corpus.matching, copy)
    own = spent(corpus.bin / "rehandle", "check", "--quiet", cwd=copy)[0]
    upgraded = spent(corpus.bin / "django-upgrade", "--target-version", "5.2", *files, cwd=copy)[0]
    yield measuring.row("10,140 files: django-upgrade / rehandle check", "x", [upgraded / own], "at least 10")
    sample = random.Random(0).sample(files, SAMPLE)
    tool = (corpus.bin / "python", "-m", "libcst.tool", "codemod", "-x", "rename_keyword.RenameKeyword")
    command = (*tool, "-j", "1", "--no-format", "--hide-progress")
    flow = copy / "flow.py"
    flow.write_text("from prefect import Flow\n\nFlow('f', result_handler=None)\n", "utf-8")
    start = spent(*command, flow, cwd=copy, path=str(corpus.folder))[0]
    if "result=None" not in flow.read_text("utf-8"):
        raise SystemExit("libcst.tool doesn't rename the keyword: the comparison would mean nothing")
    taken = spent(*command, *sample, cwd=copy, path=str(corpus.folder))[0] - start
    sizes = {name: (corpus.matching / name).stat().st_size for name in files}
    whole = start + taken * sum(sizes.values()) / sum(sizes[name] for name in sample)
    what = f"10,140 files: libcst.tool codemod (from {SAMPLE} of them, by their bytes)"
    yield measuring.row(what, "s", [whole])
    yield measuring.row(f"{what} / rehandle check", "x", [whole / own], "at least 1,000")
    shutil.rmtree(copy)


def growth(corpus, rounds):
    check = (corpus.bin / "rehandle", "check", "--quiet")
    for files in FILES:
        tree = corpus.generated(files, 10)
        taken = [spent(*check, cwd=tree) for _ in range(rounds)]
        yield measuring.row(
            f"{files:,} files, 10 match: for 1,000 files", "ms", [1e6 * one / files for one, _ in taken]
        )
        yield measuring.row(f"{files:,} files, 10 match: memory", "MB", [size for _, size in taken], "under 300")
    migrate = (corpus.bin / "rehandle", "migrate", "--diff", "--quiet")
    taken = {}
    for flows in FLOWS:
        tree = corpus.generated(10_000, flows)
        taken[flows] = [spent(*migrate, cwd=tree) for _ in range(rounds)]
        yield measuring.row(f"10,000 files, {flows:,} rewritten: memory", "MB", [size for _, size in taken[flows]])
    fewest = FLOWS[0]
    for flows in FLOWS[1:]:
        further = [1000 * (more - few) / (flows - fewest) for (more, _), (few, _) in zip(taken[flows], taken[fewest])]
        yield measuring.row(f"10,000 files, {flows:,} rewritten: each beyond {fewest}", "ms", further, "at most 12")


def add_arguments(parser):
    parser.add_argument(
        "--corpus",
        metavar="FOLDER",
        default=os.environ.get("REHANDLE_CORPUS", str(ROOT / ".tox" / "corpus")),
        help="where the files and tools are, or are put (default: REHANDLE_CORPUS, or .tox/corpus)",
    )


if __name__ == "__main__":
    measuring.main(__doc__, rows, add_arguments)
