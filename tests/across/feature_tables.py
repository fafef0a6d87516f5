"""What the same flows do on every release: running them, and a table of what works where."""

import ast
import json
import os
import subprocess
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Tuple

ROOT = Path(__file__).parents[2]
FLOWS = ROOT / "tests" / "flows"
SECONDS = 900

LIMITED, IMPOSSIBLE = "limited", "impossible"


class Limit(NamedTuple):
    """Features that don't do on some releases what they do on the one that is compared with.

    Attributes:
        features: their titles, as in the files with the flows.
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


class OwnWarning(NamedTuple):
    """A warning that some releases of Prefect give, and others don't.

    Attributes:
        category: its class.
        message: how it begins.
        first: the first of these releases.
        last: the last one.
    """

    category: str
    message: str
    first: str
    last: str


# Any other warning has to be the same on all releases. The last of these are announcements that Prefect took back.
OWN_WARNINGS = (
    OwnWarning("UserWarning", "Tasks were created but not added to the flow: ", "0.11.5", "1.4.1"),
    OwnWarning("UserWarning", "DEPRECATED: the result_handler ", "0.9.8", "0.10.0"),
    OwnWarning("UserWarning", "DEPRECATED: all cache_* options on a Task ", "0.9.8", "0.10.0"),
)
Warnings = List[Tuple[str, str]]


class Came(NamedTuple):
    """What came of some features on a release.

    Attributes:
        outcomes: by the feature's title, what it returned, or the error that it ended with.
        warnings: by the feature's title, the category and message of each warning.
    """

    outcomes: Dict[str, Any]
    warnings: Dict[str, Warnings]


class FeatureTable(NamedTuple):
    """The features of an API on each release.

    Attributes:
        api: the folder with the flows, in ``tests/flows``.
        oracle: the release that the others are compared with, as it is, without rehandle.
        releases: the others.
        limits: where they differ.
        introduction: what the page says before the table.
        stand_ins: for a feature that is impossible on the oracle, the one whose outcome there it is compared with.
    """

    api: str
    oracle: str
    releases: Tuple[str, ...]
    limits: Tuple[Limit, ...]
    introduction: str
    stand_ins: Dict[str, str]

    def limit_of(self, feature, release):
        """The limit that a feature has on a release, or None where it works."""
        for limit in self.limits:
            if feature in limit.features and numbers(limit.first) <= numbers(release) <= numbers(limit.last):
                return limit
        return None

    def runs(self, feature, release):
        """Whether a release has what a feature needs at all."""
        limit = self.limit_of(feature, release)
        return limit is None or limit.verdict != IMPOSSIBLE

    def features(self):
        """The titles of the features by the description of the file that they are in. No file is imported: not here."""
        found = {}
        for path in sorted((FLOWS / self.api).glob("*.py")):
            module = ast.parse(path.read_text("utf-8"))
            (table,) = (
                node.value for node in module.body if isinstance(node, ast.Assign) and node.targets[0].id == "FEATURES"
            )
            found[ast.get_docstring(module).rstrip(".")] = [ast.literal_eval(key) for key in table.keys]
        return found

    def outcomes(self, python, folder, shim):
        """What came of each feature on the Prefect of a Python, all of them in one process: `Came`.

        Args:
            python: the Python.
            folder: where files may be made.
            shim: whether rehandle is switched on.
        """
        return run_features(python, FLOWS / self.api, folder, *(["--shim"] if shim else []))

    def compare(self, release, found, oracle):
        """Fail unless a release does what the oracle does, but for its limits, each of which has to be one.

        Args:
            release: the release.
            found: what came of the features there.
            oracle: what came of them on the oracle.
        """
        limited = {title for title in oracle.outcomes if self.limit_of(title, release)}
        expected = {title: oracle.outcomes[self.stand_ins.get(title, title)] for title in oracle.outcomes}
        different = differences(found.outcomes, expected)
        unexpected = {title: pair for title, pair in different.items() if title not in limited}
        assert not unexpected, shown(unexpected)
        assert limited - set(different) == set(), "these work: take them out of the limits"

    def compare_warnings(self, release, found, expected):
        """Fail unless a release warns of the same, but for Prefect's own announcements on single releases.

        Features that are impossible there are left out.

        Args:
            release: the release.
            found: its warnings, by feature.
            expected: those of the oracle, or of another release.
        """
        found, expected = (
            {title: without_own(each, release) for title, each in warnings.items() if self.runs(title, release)}
            for warnings in (found, expected)
        )
        different = differences(found, expected)
        assert not different, shown(different)

    def text(self):
        """The table and its limits, in Markdown."""
        notes = []
        lines = self.introduction.splitlines()
        for section, titles in self.features().items():
            lines += ["", f"### {section}", ""]
            lines += ["| |" + "|".join(self.releases) + "|", "|---|" + "|".join(":-:" for _ in self.releases) + "|"]
            for title in titles:
                cells = []
                for release in self.releases:
                    limit = self.limit_of(title, release)
                    if limit is not None and limit not in notes:
                        notes.append(limit)
                    cells.append("✓" if limit is None else f"{limit.verdict} ({notes.index(limit) + 1})")
                lines.append(f"| {title} | " + " | ".join(cells) + " |")
        lines += ["", "### Limits", ""]
        lines += [f"{number}. {limit.why}." for number, limit in enumerate(notes, 1)]
        return "\n".join(lines) + "\n"


def run_features(python, features, folder, *options):
    """What came of each feature in the files of a folder: `Came`.

    Args:
        python: the Python whose Prefect runs them.
        features: the folder with the files.
        folder: where files may be made.
        options: more arguments of ``run_features.py``.
    """
    written = folder / "outcomes.json"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PREFECT"))}
    environment.update(
        PYTHONPATH=str(ROOT / "compat"),
        PYTHONDONTWRITEBYTECODE="1",
        PREFECT__HOME_DIR=str(folder / "home"),
        PREFECT__FLOWS__CHECKPOINTING="true",
        PREFECT__LOGGING__LEVEL="CRITICAL",
    )
    command = [str(python), "-W", "ignore", str(FLOWS / "run_features.py"), str(features), str(written), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=environment)
    assert done.returncode == 0, done.stderr
    rows = json.loads(written.read_text("utf-8"))
    return Came(
        {title: row["outcome"] for title, row in rows.items()},
        {title: [tuple(each) for each in row["warnings"]] for title, row in rows.items()},
    )


def differences(found, expected):
    """What is different, by the feature's title."""
    assert set(found) == set(expected)
    return {title: (found[title], expected[title]) for title in found if found[title] != expected[title]}


def shown(different):
    """Differences for people: both of each cell."""
    return "".join(f"\n{title}\n  found:    {pair[0]}\n  expected: {pair[1]}" for title, pair in different.items())


def without_own(warnings, release):
    """Warnings without those that are Prefect's own on a release."""
    return [each for each in warnings if not is_own(*each, release)]


def is_own(category, message, release):
    """Whether a warning is Prefect's own on a release."""
    return any(
        category == each.category
        and message.startswith(each.message)
        and numbers(each.first) <= numbers(release) <= numbers(each.last)
        for each in OWN_WARNINGS
    )


def numbers(release):
    return tuple(map(int, release.split(".")))
