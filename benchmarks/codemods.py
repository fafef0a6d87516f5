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
from pathlib import Path

import measuring
from corpus import COPIES, ROOT, WORDS, WRITTEN, Corpus, run

from rehandle_codemods.files.paths import git_root

RG = ("rg", "-l", "-F", *(part for word in WORDS for part in ("-e", word)), "--type", "py", ".")
SAMPLE = 120
FLOWS = [10, 100, 1000]
FILES = [1000, 10_000, 100_000]


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
    yield from large(corpus, arguments.rounds)
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
    taken = by_turns(3 * rounds, calls)
    for name, seconds in taken.items():
        yield measuring.row(name, "ms", [1000 * one for one in seconds], "under 80" if "rehandle" in name else "")
    bare = taken["python -c pass"]
    for name in list(commands)[2:3]:
        yield measuring.row(f"{name} / python -c pass", "x", ratios(taken[name], bare), "at most 4.6")


def whole_trees(corpus, rounds):
    """Trees in which nothing is rewritten: the other packages, and Prefect's own sources."""
    check = (corpus.bin / "rehandle", "check", "--quiet")
    for tree, what, target in (
        (corpus.nothing, "nothing matches", "at most 2"),
        (corpus.outside, "nothing matches, outside of git", "at most 3"),
        (corpus.matching, "53 match", "at most 8.6"),
    ):
        name = f"10,140 files, {what}"
        if tree is corpus.outside and git_root(tree):
            yield measuring.Row(name, "", "the corpus is in a git work tree")
            continue
        yield from beside_ripgrep(tree, {name: check, f"{name}, --jobs 2": (*check, "--jobs", "2")}, rounds, target)


def projects(corpus, rounds):
    """Some flows among 10,140 files that share words with them, and are no part of their project."""
    migrate = (corpus.bin / "rehandle", "migrate", "--diff", "--quiet")
    for tree, what, target in (
        (corpus.legacy, "the 13 of the examples", "at most 6"),
        (corpus.copies, f"{COPIES} copies of these", "at most 8.6"),
        (corpus.written, f"{WRITTEN} as people write them", "at most 8.6"),
    ):
        yield from beside_ripgrep(tree, {f"10,140 files and {what}, rewritten": migrate}, rounds, target)


def beside_ripgrep(tree, commands, rounds, target):
    """Some commands, and the same as ratios to looking for the same words."""
    if not shutil.which("rg"):
        yield measuring.Row("rg, the measure of the next row", "", "not on PATH")
    several = {**commands, **({"rg": RG} if shutil.which("rg") else {})}
    taken = by_turns(rounds, {name: lambda one=one: spent(*one, cwd=tree)[0] for name, one in several.items()})
    for name in commands:
        yield measuring.row(name, "s", taken[name])
        if "rg" in taken:
            yield measuring.row(f"{name} / rg", "x", ratios(taken[name], taken["rg"]), target)
    if "rg" in taken:
        yield measuring.row("rg -l with the same words, there", "s", taken["rg"])


def large(corpus, rounds):
    """What takes most memory: many files of one project, and one file with a handler in each line."""
    migrate = (corpus.bin / "rehandle", "migrate", "--diff", "--quiet")
    taken = [spent(*migrate, cwd=corpus.generated(2000, 2000)) for _ in range(rounds)]
    yield measuring.row("2,000 files, all rewritten: memory", "MB", [size for _, size in taken], "under 100")
    # Once: it takes a minute.
    parse = "import ast, sys; ast.parse(open(sys.argv[1]).read())"
    bare, least = spent(corpus.bin / "python", "-c", parse, "flow.py", cwd=corpus.dense)
    seconds, size = spent(*migrate, cwd=corpus.dense)
    what = "one file of 4.86 MB, a handler in each line"
    yield measuring.row(f"{what}: ast.parse alone", "s", [bare])
    yield measuring.row(f"{what}: ast.parse alone, memory", "MB", [least])
    yield measuring.row(what, "s", [seconds], "under 15")
    yield measuring.row(f"{what}: memory", "MB", [size], "under 500")


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
