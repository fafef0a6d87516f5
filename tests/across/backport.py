"""Code that is written for Results, on every release: what works where, and the page of the docs that says so.

``python tests/across/backport.py`` writes the page, `docs/releases.md`.
"""

import ast
import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple, Tuple

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "releases.md"
RUNNER = ROOT / "tests" / "flows" / "run_new_api.py"
# What the others are compared with, as it is, without rehandle.
ORACLE = "1.4.1"
RELEASES = (
    "0.6.7",
    "0.7.3",
    "0.8.1",
    "0.9.8",
    "0.10.7",
    "0.11.5",
    "0.12.6",
    "0.13.19",
    "0.14.22",
    "0.15.13",
)
SECONDS = 900

LIMITED, IMPOSSIBLE = "limited", "impossible"


INTRODUCTION = """\
# Which release runs what

The same flows, written for the Results of Prefect 1.4.1, are run on each release after `import rehandle.auto`. What
comes of them is compared with what Prefect 1.4.1 does without rehandle: the states, values and locations, what is read
back from a location, and the stored objects. Of an object that is a pickle it is the value that is compared, as each
release of cloudpickle writes other bytes; any other object is compared byte by byte. Names that are made up
(`LocalResult` without a location) are left out.

`tox run -e releases` runs the flows, which are in `tests/flows/new_api`, and fails if this page is wrong.

✓ means that a release does what 1.4.1 does; the numbers stand for the limits below.
"""


class Limit(NamedTuple):
    """Features that don't do on some releases what they do on 1.4.1.

    Attributes:
        features: their titles, as in the files of `tests/flows/new_api`.
        first: the first of these releases.
        last: the last one.
        verdict: LIMITED or IMPOSSIBLE.
        why: what happens instead.
    """

    features: Tuple[str, ...]
    first: str
    last: str
    verdict: str
    why: str


LIMITS: Tuple[Limit, ...] = (
    Limit(
        ("`LocalDaskExecutor` with processes, with mapping",),
        "0.6.7",
        "0.11.5",
        IMPOSSIBLE,
        "Prefect's executor can't map with processes before 0.12: the mapped task fails with Prefect's own error",
    ),
    Limit(
        ("`flow.save` and `Flow.load`",),
        "0.6.7",
        "0.6.7",
        IMPOSSIBLE,
        "Flows have no `save` before Prefect 0.7. Pickling them with cloudpickle works",
    ),
    Limit(
        ("A secret refuses `result=`",),
        "0.6.7",
        "0.6.7",
        IMPOSSIBLE,
        "There are no tasks for secrets before Prefect 0.7",
    ),
    Limit(
        ("Each iteration of a loop is stored", "Templates with `{task_loop_count}`"),
        "0.11.5",
        "0.12.6",
        LIMITED,
        "Prefect 0.11.0 to 0.13.14 stores the last iteration alone",
    ),
    Limit(
        ("What `SUCCESS` is raised with is stored",),
        "0.11.5",
        "0.14.22",
        LIMITED,
        "Prefect 0.11 to 0.14 stores what a task returns, not what it raises `SUCCESS` with",
    ),
    Limit(
        (
            "`target=` a template with task inputs and parameters",
            "Templates with task inputs",
            "Templates with parameters and their defaults",
        ),
        "0.11.5",
        "0.11.5",
        LIMITED,
        "Prefect 0.11 fills in templates from the context alone: with any other name the task fails",
    ),
    Limit(
        ("`target=` a function", "A function as a location"),
        "0.11.5",
        "0.11.5",
        LIMITED,
        "Prefect 0.11 takes no functions: the task fails",
    ),
    Limit(
        ("Task inputs called `value` and `location`",),
        "0.11.5",
        "0.12.6",
        LIMITED,
        "Templates can't use an input called `value` before Prefect 0.13.7: the task fails",
    ),
    Limit(
        ("Task inputs come before the context",),
        "0.11.5",
        "0.12.6",
        LIMITED,
        "In Prefect 0.11 and 0.12 the context comes before the inputs",
    ),
    Limit(
        ("Templates with `{flow_run_id}` and `{task_run_id}`", "`flow_run_id` lasts for a run"),
        "0.11.5",
        "0.11.5",
        LIMITED,
        "Prefect 0.11.0 to 0.12.1 has no such ids in local runs: the task fails",
    ),
    Limit(
        ("`{flow_run_id}` of one's own",),
        "0.12.6",
        "0.12.6",
        LIMITED,
        "Prefect 0.12 replaces the id that a run is given",
    ),
    Limit(
        ("`PrefectResult` with a `DateTimeSerializer`",),
        "0.12.6",
        "0.12.6",
        LIMITED,
        "Prefect 0.12 takes a `JSONSerializer` there: another one is a `TypeError`",
    ),
)


def limit_of(feature, release):
    """The limit that a feature has on a release, or None where it works."""
    for limit in LIMITS:
        if feature in limit.features and numbers(limit.first) <= numbers(release) <= numbers(limit.last):
            return limit
    return None


def numbers(release):
    return tuple(map(int, release.split(".")))


def outcomes(python, release, folder):
    """What came of each feature on the Prefect of a Python, all of them in one process."""
    written = folder / f"{release}.json"
    shim = [] if release == ORACLE else ["--shim"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PREFECT"))}
    environment.update(
        PYTHONPATH=str(ROOT / "compat"),
        PYTHONDONTWRITEBYTECODE="1",
        PREFECT__HOME_DIR=str(folder / "home"),
        PREFECT__FLOWS__CHECKPOINTING="true",
        PREFECT__LOGGING__LEVEL="CRITICAL",
    )
    command = [str(python), "-W", "ignore", str(RUNNER), str(written), *shim]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=environment)
    assert done.returncode == 0, done.stderr
    return json.loads(written.read_text("utf-8"))


def features():
    """The titles of the features by the description of the file that they are in. No file is imported: not here."""
    found = {}
    for path in sorted((ROOT / "tests" / "flows" / "new_api").glob("*.py")):
        module = ast.parse(path.read_text("utf-8"))
        (table,) = (
            node.value for node in module.body if isinstance(node, ast.Assign) and node.targets[0].id == "FEATURES"
        )
        found[ast.get_docstring(module).rstrip(".")] = [ast.literal_eval(key) for key in table.keys]
    return found


def page():
    """The text of the page."""
    notes = []
    lines = INTRODUCTION.splitlines()
    for section, titles in features().items():
        lines += ["", f"## {section}", ""]
        lines += ["| |" + "|".join(RELEASES) + "|", "|---|" + "|".join(":-:" for _ in RELEASES) + "|"]
        for title in titles:
            cells = []
            for release in RELEASES:
                limit = limit_of(title, release)
                if limit is not None and limit not in notes:
                    notes.append(limit)
                cells.append("✓" if limit is None else f"{limit.verdict} ({notes.index(limit) + 1})")
            lines.append(f"| {title} | " + " | ".join(cells) + " |")
    lines += ["", "## Limits", ""]
    lines += [f"{number}. {limit.why}." for number, limit in enumerate(notes, 1)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
