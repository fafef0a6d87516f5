"""One legacy repository on a Prefect without result handlers: as it is, under ``rehandle run``, and migrated.

``python demo.py`` works on copies in a temporary folder, and prints what matters on one screen; ``-v`` prints all of
it. It exits with 1 when anything is not as it should be: when the legacy code works without help, when a flow fails, or
when a flow does something else after its migration.
"""

import argparse
import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Set

from rehandle.comparing.comparison import DIFFERENT, EQUAL, Comparison, compare, table

HERE = Path(__file__).resolve().parent
REHANDLE = (sys.executable, "-m", "rehandle")
SHOWN = "flow_level.py"
"""The file whose rewrite is shown."""
NOT_RUN = {"gcs_flow.py": "it needs a bucket on Google Cloud Storage"}
# Prints the error of each import, and fails unless all fail for want of the result handlers.
IMPORT_EACH = """
import importlib, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        print(f"$ python -c 'import {name}'".ljust(36), f"-> {type(error).__name__}: {error}")
        assert error.name.startswith("prefect.engine.result_handlers"), name
    else:
        sys.exit(name)
"""
COLOURS = {"bold": "1", "red": "31", "green": "32", "dim": "2"}

Run = subprocess.CompletedProcess


class Demo:
    """The steps of the demo.

    Attributes:
        legacy: a copy of the legacy repository.
        migrated: a second copy, for ``rehandle migrate``.
        work: the folder below which flows store their results.
        verbose: whether to print everything.
        problems: what was not as it should be.
    """

    def __init__(self, folder: Path, *, verbose: bool) -> None:
        """Copy the legacy repository.

        Args:
            folder: an empty folder.
            verbose: whether to print everything.
        """
        self.legacy = Path(shutil.copytree(HERE / "legacy_flows", folder / "legacy"))
        self.migrated = Path(shutil.copytree(HERE / "legacy_flows", folder / "migrated"))
        self.work = folder / "work"
        self.verbose = verbose
        self.problems: List[str] = []

    def scripts(self) -> List[str]:
        """Name the files that run a flow when they are the main program."""
        return sorted(path.name for path in self.legacy.glob("*.py") if "__main__" in path.read_text())

    def runnable(self) -> List[str]:
        """Name the scripts that run on this machine."""
        return [script for script in self.scripts() if script not in NOT_RUN]

    def as_it_is(self) -> None:
        """Show that the legacy repository can't even be imported."""
        modules = sorted(path.stem for path in self.legacy.glob("*.py"))
        heading(f"1. As it is: none of {len(modules)} files can be imported")
        run = execute([sys.executable, "-c", IMPORT_EACH, *modules], self.legacy)
        self.show(run.stdout.splitlines(), run.stdout.splitlines()[:1])
        self.expect(run.returncode == 0, f"some of these can be imported without rehandle: {run.stderr}")

    def unchanged(self) -> None:
        """Run every flow unchanged with ``rehandle run`` and list what is stored."""
        heading("2. rehandle run: the same files, unchanged")
        shown: List[str] = []
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            runs = dict(zip(self.runnable(), pool.map(self.rehandle_run, self.runnable())))
        for script, run in runs.items():
            shown.append(f"$ rehandle run {script:16} -> exit {run.returncode}")
            self.expect(run.returncode == 0, f"rehandle run {script} failed:\n{run.stderr}")
            shown += [paint("dim", f"    {path}") for path in sorted(files(self.work / "unchanged" / script))]
        stored = sum(len(files(self.work / "unchanged" / script)) for script in runs)
        succeeded = sum(run.returncode == 0 for run in runs.values())
        self.show(shown, [f"{succeeded} of {len(runs)} flows succeed, and store {stored} files."])
        for script, reason in NOT_RUN.items():
            print(paint("dim", f"{script} is not run: {reason}."))

    def migrate(self) -> List[Dict[str, Any]]:
        """Show the rewrite, then migrate a copy.

        Returns:
            The findings of ``rehandle migrate --format json``.
        """
        heading("3. rehandle migrate")
        paths = "." if self.verbose or not (self.migrated / SHOWN).exists() else SHOWN
        print(f"$ rehandle migrate --diff {paths}")
        shown = execute([*REHANDLE, "migrate", "--diff", "--quiet", paths], self.migrated)
        for line in shown.stdout.splitlines():
            print(paint({"+": "green", "-": "red"}.get(line[:1], ""), line))
        self.expect(shown.returncode < 2, "rehandle migrate --diff failed")
        self.expect(files(self.migrated) == files(self.legacy), "rehandle migrate --diff changed a file")
        print("$ rehandle migrate .")
        run = execute([*REHANDLE, "migrate", "--format", "json", "."], self.migrated)
        self.expect(run.returncode < 2, f"rehandle migrate failed:\n{run.stderr}")
        findings: List[Dict[str, Any]] = json.loads(run.stdout or "[]")
        names = sorted({finding["filename"] for finding in findings})
        counted = [f"    {name:16} {counts(row for row in findings if row['filename'] == name)}" for name in names]
        self.show(counted, [f"{len(findings)} places in {len(names)} files: {counts(findings)}."])
        return findings

    def outcomes(self, findings: List[Dict[str, Any]]) -> None:
        """Run the legacy flows under the shim and the migrated ones without it, and compare what they did.

        Args:
            findings: what ``migrate`` returned.
        """
        heading("4. What the flows do: unchanged under rehandle, and migrated")
        incomplete = {Path(row["filename"]).name for row in findings if row["status"] in ("runtime", "left")}
        complete = [name for name in self.runnable() if not incomplete & set(local_files(self.migrated, name))]
        print(f"{len(complete)} of {len(self.runnable())} migrated flows run where every import of rehandle fails.")
        for script in self.runnable():
            if script not in complete:
                print(f"{script} is not fully migrated: the report tells what is left.")
        before = self.observe(self.legacy, self.runnable(), "--shim")
        after = self.observe(self.migrated, complete, "--without", "rehandle")
        after.update(self.observe(self.migrated, [name for name in self.runnable() if name not in complete]))
        comparisons: List[Comparison] = []
        for script in self.runnable():
            if script in before and script in after:
                comparisons += compare(script, before[script], after[script])
        for line in table(comparisons) if self.verbose else one_line_each(comparisons):
            print(paint("red" if DIFFERENT in line else "", line))
        different = sum(row.verdict == DIFFERENT for row in comparisons)
        self.expect(bool(comparisons), "no flow could be compared")
        self.expect(not different, f"{different} of {len(comparisons)} outcomes are {DIFFERENT}")
        if not self.problems:
            print(paint("green", f"\nAll {len(comparisons)} outcomes are {EQUAL}: states, values, stored objects."))
        if not self.verbose:
            print(paint("dim", "-v shows each of them, and the whole patch."))

    def observe(self, repository: Path, scripts: List[str], *options: str) -> Dict[str, Dict[str, Any]]:
        """Run flows with ``rehandle.comparing.flow_outcome``.

        Args:
            repository: where the scripts are.
            scripts: the scripts.
            *options: more arguments of ``rehandle.comparing.flow_outcome``.

        Returns:
            The outcomes by script. A script that failed is a problem, and not among them.
        """
        if not scripts:
            return {}
        folder = self.work / f"{repository.name}{''.join(options)}"
        paths = [repository / script for script in scripts]
        run = execute([sys.executable, "-m", "rehandle.comparing.flow_outcome", folder, *paths, *options], self.work)
        self.expect(run.returncode == 0, f"rehandle.comparing.flow_outcome failed:\n{run.stderr}")
        outcomes = {}
        for path in folder.glob("*/outcome.json"):
            outcome = json.loads(path.read_text(encoding="utf-8"))
            script = path.parent.name
            self.expect("error" not in outcome, f"the {repository.name} {script} failed:\n{outcome.get('error')}")
            if "error" not in outcome:
                outcomes[script] = outcome
        return outcomes

    def rehandle_run(self, script: str) -> "Run[str]":
        """Run one script with ``rehandle run`` in an empty working folder of its own."""
        folder = self.work / "unchanged" / script
        folder.mkdir(parents=True)
        return execute([*REHANDLE, "run", self.legacy / script], folder)

    def show(self, everything: List[str], short: List[str]) -> None:
        """Print the lines that are asked for."""
        for line in everything if self.verbose else short:
            print(line)

    def expect(self, truth: Any, problem: str) -> None:
        """Remember and print a problem unless something is true."""
        if not truth:
            self.problems.append(problem)
            print(paint("red", f"PROBLEM: {problem}"))


def one_line_each(comparisons: List[Comparison]) -> List[str]:
    """Lay comparisons out with one line for each flow, and each outcome that differs."""
    lines = []
    for script in dict.fromkeys(row.script for row in comparisons):
        rows = [row for row in comparisons if row.script == script]
        different = [row for row in rows if row.verdict == DIFFERENT]
        lines.append(f"{script:16} {len(rows):2} outcomes  {DIFFERENT if different else EQUAL}")
        lines += [f"    {line}" for line in table(different)] if different else []
    return lines


def counts(findings: Iterable[Dict[str, Any]]) -> str:
    """Say how many findings have each status, in the words that reports have for it."""
    from rehandle_codemods.findings import WORDS  # here, so that without the codemods the demo can say what it lacks

    states = [finding["status"] for finding in findings]
    return ", ".join(f"{states.count(status)} {WORDS[status]}" for status in dict.fromkeys(states))


def execute(command: List[Any], folder: Path) -> "Run[str]":
    """Run a command to its end with checkpointing on, in a folder, and capture what it prints."""
    environment = dict(
        os.environ,
        PREFECT__FLOWS__CHECKPOINTING="true",
        PREFECT__LOGGING__LEVEL="CRITICAL",
        PYTHONDONTWRITEBYTECODE="1",
    )
    environment.pop("RESULTS_DIR", None)
    return subprocess.run(
        [str(part) for part in command], cwd=str(folder), env=environment, capture_output=True, text=True
    )


def files(folder: Path) -> Dict[str, bytes]:
    """Read every file below a folder, by its relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def local_files(repository: Path, script: str) -> Set[str]:
    """Name the files of a flat repository that a script is made of: itself and what it imports, directly or not."""
    found = {script}
    pending = [script]
    while pending:
        tree = ast.parse((repository / pending.pop()).read_text())
        imported = {f"{module}.py" for module in imported_modules(tree)}
        new = {name for name in imported - found if (repository / name).exists()}
        found |= new
        pending += new
    return found


def imported_modules(tree: ast.AST) -> Iterator[str]:
    """Name the modules that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def heading(text: str) -> None:
    """Print a step's heading."""
    print("\n" + paint("bold", text) + "\n")


def paint(style: str, text: str) -> str:
    """Colour a text where somebody looks at a terminal."""
    if style and sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        return f"\033[{COLOURS[style]}m{text}\033[0m"
    return text


def main() -> int:
    """Run the demo.

    Returns:
        The exit code: 0 when everything is as it should be, 1 when not, 2 without a Prefect to show it on.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-v", "--verbose", action="store_true", help="print each import, file, patch and outcome")
    options = parser.parse_args()
    try:
        import prefect
    except ImportError as error:
        advice = "pip install 'prefect==1.4.1' 'marshmallow<4'"
        print(f"demo.py: error: Prefect can't be imported ({error}): {advice}", file=sys.stderr)
        return 2
    print(f"Prefect {prefect.__version__} on Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory() as folder:
        demo = Demo(Path(folder).resolve(), verbose=options.verbose)
        demo.as_it_is()
        demo.unchanged()
        demo.outcomes(demo.migrate())
    return 1 if demo.problems else 0


if __name__ == "__main__":
    sys.exit(main())
