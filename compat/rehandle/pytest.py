"""A pytest plugin: run flows in a clean state, compare them before and after their migration, and on several Prefects.

pytest loads it where rehandle is installed. It does nothing until a test asks for one of its fixtures, or
``--prefect-versions FILE`` is given.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Union

import pytest

from rehandle import prefect_release
from rehandle.comparing.comparison import EQUAL, compare, is_same, portable, table
from rehandle.comparing.comparison import LEGACY_AND_MIGRATED as FORMS
from rehandle.comparing.prefect_versions import PrefectVersions

# What is of no use in a copy of a repository: environments, caches, histories.
NOT_COPIED = (".*", "__pycache__", "node_modules", "venv", "*.egg-info")
SECONDS = 900

PathLike = Union[str, "os.PathLike[str]"]


class Outcome:
    """What came of a flow. Two are equal if their flows did the same.

    Attributes:
        script: the name of the file that the flow is in.
        data: all of it, as ``rehandle.comparing.flow_outcome`` writes it.
        form: what a difference calls it, such as ``"legacy"``.
    """

    def __init__(self, script: str, data: Dict[str, Any], form: str) -> None:
        self.script = script
        self.data = data
        self.form = form

    @property
    def state(self) -> str:
        """The type of the flow's final state, such as ``"Success"``."""
        return str(self.data["state"])

    @property
    def tasks(self) -> List[Dict[str, Any]]:
        """For each task its name, state and value (as ``repr`` shows it), and what is stored of it."""
        return list(self.data["tasks"])

    @property
    def files(self) -> List[Dict[str, Any]]:
        """Every file that the flow wrote below its working directory: location, value and checksum."""
        return list(self.data["files"])

    @property
    def warnings(self) -> List[Dict[str, str]]:
        """The category and message of each warning about a line of the repository."""
        return list(self.data["warnings"])

    def differences(self, other: "Outcome") -> List[str]:
        """Say what is different.

        Args:
            other: another outcome.

        Returns:
            The lines of a table; none if nothing is different.
        """
        different = [row for row in compare(self.script, self.data, other.data) if row.verdict != EQUAL]
        return table(different, (self.form, other.form)) if different else []

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Outcome):
            return NotImplemented
        return is_same(self.data, other.data)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{self.form} {self.script}: {self.state}>"


class LegacyAndMigrated(NamedTuple):
    """What came of a flow before its migration and after it.

    Attributes:
        legacy: before: on Prefect 0.11 and later with rehandle's shim.
        migrated: after: from Prefect 0.11 on without anything of rehandle, unless the new code imports it.
        findings: what ``rehandle migrate`` reported, as its JSON does.
    """

    legacy: Outcome
    migrated: Outcome
    findings: List[Dict[str, Any]]


@pytest.fixture
def flow_runner(request: Any, tmp_path_factory: Any) -> Callable[..., Outcome]:
    """Run the flow of a script in a process of its own: ``flow_runner("flows/orders.py")`` returns an `Outcome`.

    The flow runs with checkpointing on, at once whatever its schedule, in an empty working directory and with an empty
    Prefect home. Arguments:

    * ``script``: a file with a flow at its top level, which runs nothing unless it is the main program.
    * ``shim``: make result handlers and Results work on any Prefect, as ``rehandle run`` does.
    * ``repository``: where the script's imports are, besides its own folder and ``src``; with relative imports, the
      folder that its package is in.
    * ``flow``: the flow's variable or name, where there are several.
    * ``parameters``: the flow's parameters, by name; JSON has to be able to hold them.
    * ``varying``: regular expressions of what differs from run to run in values and locations.

    The test fails if the flow can't be run at all. A flow that ends as ``Failed`` has been run.
    """
    records = _Records(request)

    def run(script: PathLike, shim: bool = False, repository: Optional[PathLike] = None, **options: Any) -> Outcome:
        path = _script(script)
        root = _folder(repository) if repository is not None else path.parent
        outcome = _run("this one", path, root, tmp_path_factory, ["--shim"] if shim else [], **options)
        records.add(outcome, _code(root))
        return outcome

    return run


@pytest.fixture
def legacy_and_migrated(request: Any, tmp_path_factory: Any) -> Callable[..., LegacyAndMigrated]:
    """Run the flow of a script as it is, and after ``rehandle migrate``, both in copies of its repository.

    ``legacy, migrated, findings = legacy_and_migrated("flows/orders.py")``, and then ``assert migrated == legacy``. The
    arguments are those of ``flow_runner`` without ``shim``: before Prefect 0.11 the migrated code runs with it, from
    0.11 on the legacy code. The test is skipped where ``rehandle migrate`` can't run: it needs Python 3.10.
    """
    records = _Records(request)

    def run(script: PathLike, repository: Optional[PathLike] = None, **options: Any) -> LegacyAndMigrated:
        path = _script(script)
        root = _folder(repository) if repository is not None else path.parent
        copies, findings = _migration(request.config, root, tmp_path_factory)
        inside = path.relative_to(root)
        legacy, migrated = (
            _run(form, copies / form / inside, copies / form, tmp_path_factory, modes, **options)
            for form, modes in zip(FORMS, _modes(findings))
        )
        records.add(legacy, _code(root))
        return LegacyAndMigrated(legacy, migrated, findings)

    return run


def _script(script: PathLike) -> Path:
    if not isinstance(script, (str, os.PathLike)):
        raise TypeError(
            f"the script has to be the path of a Python file, and this is {type(script).__name__}: "
            "a flow runs in a process of its own, whose Prefect is configured before the flow is made"
        )
    path = Path(os.path.realpath(script))
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}: give the path of a Python file with a flow")
    return path


def _folder(repository: PathLike) -> Path:
    path = Path(os.path.realpath(repository))
    if not path.is_dir():
        raise NotADirectoryError(f"repository={path} is no folder: give the one that the script's imports are in")
    return path


def _run(
    form: str,
    script: Path,
    repository: Path,
    factory: Any,
    modes: Sequence[str],
    flow: Optional[str] = None,
    parameters: Optional[Dict[str, Any]] = None,
    varying: Sequence[str] = (),
) -> Outcome:
    folder = Path(os.path.realpath(str(factory.mktemp("flow"))))
    command = [sys.executable, "-m", "rehandle.comparing.flow_outcome", str(folder), str(script), *modes]
    command += ["--repository", str(repository), *(f"--varying={pattern}" for pattern in varying)]
    command += [f"--flow={flow}"] if flow is not None else []
    command += [f"--parameters={json.dumps(parameters)}"] if parameters is not None else []
    # The shim is on where a test says so, and nowhere else.
    environment = {name: value for name, value in os.environ.items() if name != "REHANDLE"}
    environment.setdefault("PREFECT__LOGGING__LEVEL", "ERROR")
    if environment.get("PYTHONPATH"):
        # The process has another working directory.
        entries = environment["PYTHONPATH"].split(os.pathsep)
        environment["PYTHONPATH"] = os.pathsep.join(os.path.abspath(entry) for entry in entries)
    written = folder / script.name / "outcome.json"
    done = subprocess.run(
        command,
        cwd=str(folder),
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    if not written.exists():
        pytest.fail(f"{script} ended its process ({done.returncode}):\n{done.stderr}", pytrace=False)
    data = json.loads(written.read_text("utf-8"))
    if "error" in data:
        pytest.fail(f"{script} can't be run:\n{data['error']}", pytrace=False)
    return Outcome(script.name, data, form)


def _migration(config: Any, repository: Path, factory: Any) -> Tuple[Path, List[Dict[str, Any]]]:
    """The folder with the copies of a repository, and the findings: made once in a run of pytest."""
    done: Dict[Path, Tuple[Path, List[Dict[str, Any]]]] = config.__dict__.setdefault("_rehandle_migrations", {})
    if repository not in done:
        if sys.version_info < (3, 10):
            pytest.skip("rehandle migrate needs Python 3.10 or later")
        copies = Path(os.path.realpath(str(factory.mktemp("migration"))))
        for form in FORMS:
            shutil.copytree(str(repository), str(copies / form), ignore=shutil.ignore_patterns(*NOT_COPIED))
        command = [sys.executable, "-m", "rehandle", "migrate", "--format", "json", "."]
        ran = subprocess.run(
            command,
            cwd=str(copies / "migrated"),
            capture_output=True,
            text=True,
        )
        if ran.returncode not in (0, 1):
            pytest.fail(f"rehandle migrate failed on {repository}:\n{ran.stdout}{ran.stderr}", pytrace=False)
        done[repository] = (copies, json.loads(ran.stdout or "[]"))
    return done[repository]


def _modes(findings: Sequence[Dict[str, Any]]) -> Tuple[List[str], List[str]]:
    """What of rehandle the legacy and the migrated code have on the installed Prefect."""
    if not prefect_release.has_results():
        return [], ["--shim"]
    statuses = {finding["status"] for finding in findings}
    if "left" in statuses:
        return ["--shim"], ["--shim"]
    return ["--shim"], [] if "runtime" in statuses else ["--without", "rehandle"]


def _code(repository: Path) -> str:
    """A checksum of the code in a repository: what was collected of other code isn't compared."""
    digest = hashlib.sha256()
    for parent, folders, names in os.walk(str(repository)):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in NOT_COPIED)
        for name in sorted(name for name in names if name.endswith(".py")):
            digest.update(name.encode() + b"\0" + Path(parent, name).read_bytes() + b"\0")
    return digest.hexdigest()


class _Records:
    """The outcomes of one test, compared with those of other releases that have been collected."""

    def __init__(self, request: Any) -> None:
        self.outcomes: List[Dict[str, Any]] = []
        self._node = request.node
        self._versions: Optional[PrefectVersions] = request.config.pluginmanager.get_plugin(PrefectVersions.NAME)
        self._node.rehandle_outcomes = self.outcomes

    def add(self, outcome: Outcome, code: str) -> None:
        number = len(self.outcomes)
        self.outcomes.append({"script": outcome.script, "code": code, "outcome": portable(outcome.data)})
        if self._versions is None:
            return
        release, other = self._versions.reference(self._node.nodeid, number, code)
        if other is not None:
            here = Outcome(outcome.script, portable(outcome.data), outcome.form)
            lines = Outcome(outcome.script, other, f"on Prefect {release}").differences(here)
            if lines:
                pytest.fail("\n".join([f"{outcome.script} does something else here:", *lines]), pytrace=False)


def pytest_addoption(parser: Any) -> None:
    """Add the option."""
    group = parser.getgroup("rehandle", "flows on several releases of Prefect")
    group.addoption(
        "--prefect-versions",
        metavar="FILE",
        help="add what the flows of flow_runner and legacy_and_migrated did to this file, fail where they did "
        "something else on a Prefect that is in it already, and show a table of all",
    )


def pytest_configure(config: Any) -> None:
    """Switch the table on where it is asked for."""
    path = config.getoption("--prefect-versions")
    if path:
        config.pluginmanager.register(PrefectVersions(path), PrefectVersions.NAME)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> Optional[List[str]]:
    """Show the difference of two outcomes as a table."""
    if op != "==" or not isinstance(left, Outcome) or not isinstance(right, Outcome):
        return None
    return [f"{left!r} == {right!r}", *right.differences(left)]
