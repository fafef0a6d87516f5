"""Repositories before their migration on one release of Prefect and after it on others, and what came of each."""

import contextlib
import io
import json
import os
import subprocess
from pathlib import Path
from types import MappingProxyType
from typing import Any, ContextManager, Dict, List, Mapping, NamedTuple, Sequence

import releases
from feature_tables import is_own

from rehandle.comparing.comparison import is_about_handlers
from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, LEFT, REWRITTEN, RUNTIME, Finding

OBSERVER = Path(__file__).with_name("observer.py")
SECONDS = 600
ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join([str(releases.ROOT / "compat"), str(releases.ROOT / "tests" / "flows")]),
    "PREFECT__FLOWS__CHECKPOINTING": "true",
    "PREFECT__LOGGING__LEVEL": "CRITICAL",
}
# What the code that is observed has of rehandle.
BLOCKED, IMPORTABLE, INSTALLED = "blocked", "importable", "installed"

Files = Dict[str, str]


class Migration(NamedTuple):
    """One repository before and after `rehandle migrate`.

    Attributes:
        before: the files as they were.
        after: the files as they are then.
        findings: what was reported.
    """

    before: Files
    after: Files
    findings: List[Finding]

    @property
    def needs(self) -> str:
        """What the migrated code needs: nothing, `to_result`, or the shim where legacy API is left."""
        statuses = {finding.status for finding in self.findings if finding.code != "RH208"}
        return INSTALLED if LEFT in statuses else IMPORTABLE if RUNTIME in statuses else BLOCKED

    @property
    def changes(self) -> bool:
        return any(finding.status in (REWRITTEN, RUNTIME) for finding in self.findings)


class Job(NamedTuple):
    """A repository to be observed.

    Attributes:
        files: its files.
        rehandle: what it has of rehandle.
        paths: the folders that are on sys.path; where none is given, those that a script or `src` would have.
        modules: what is imported; where nothing is given, every file.
        links: links to make, each with what it leads to from its folder.
    """

    files: Files
    rehandle: str
    paths: Sequence[str] = ()
    modules: Sequence[str] = ()
    links: Mapping[str, str] = MappingProxyType({})


def migrated(files: Files, folder: Path) -> Migration:
    """Migrate a repository in a new folder."""
    write(folder, files)
    here = os.getcwd()
    os.chdir(str(folder))
    try:
        findings = run(["."]).findings
        assert not [finding for finding in findings if finding.status == ERROR], findings
        with quiet():
            main(["migrate"])
        after = {name: Path(name).read_bytes().decode("utf-8") for name in files}
    finally:
        os.chdir(here)
    return Migration(files, after, findings)


def quiet() -> ContextManager[Any]:
    """Let nothing be printed. Reports are bytes: a StringIO takes none."""
    return contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8"))


def write(folder: Path, files: Files) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))


def observed(python: Path, jobs: Dict[str, Job], folder: Path) -> Dict[str, Dict[str, Any]]:
    """What came of each repository on the Prefect of a Python, all of them in one process."""
    rows = []
    folder.mkdir(parents=True, exist_ok=True)
    for number, job in enumerate(jobs.values()):
        write(folder / str(number), job.files)
        for link, target in job.links.items():
            (folder / str(number) / link).parent.mkdir(parents=True, exist_ok=True)
            (folder / str(number) / link).symlink_to(folder / str(number) / target)
        outcome = str(folder / f"{number}.json")
        row = {"folder": str(folder / str(number)), "outcome": outcome, "rehandle": job.rehandle}
        rows.append({**row, "paths": list(job.paths), "modules": list(job.modules)})
    listed = folder / "jobs.json"
    listed.write_text(json.dumps(rows), "utf-8")
    command = [str(python), "-B", "-W", "ignore", str(OBSERVER), str(listed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env={**os.environ, **ENVIRONMENT})
    assert done.returncode == 0, done.stderr
    return {name: json.loads(Path(row["outcome"]).read_text("utf-8")) for name, row in zip(jobs, rows)}


def comparable(outcome: Dict[str, Any], release: str, has_handlers: bool) -> Dict[str, Any]:
    """An outcome without the warnings that are Prefect's own on a release.

    Args:
        outcome: the outcome.
        release: the release.
        has_handlers: whether the code may be told that handlers are deprecated, which is left out then.
    """
    warnings = [each for each in outcome["warnings"] if not is_own(each["category"], each["message"], release)]
    return dict(outcome, warnings=[each for each in warnings if not (has_handlers and is_about_handlers(each))])
