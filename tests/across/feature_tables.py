"""What the same flows do on every release: running them, and a table of what works where."""

import ast
import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple, Tuple

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


class FeatureTable(NamedTuple):
    """The features of an API on each release.

    Attributes:
        api: the folder with the flows, in ``tests/flows``.
        oracle: the release that the others are compared with, as it is, without rehandle.
        releases: the others.
        limits: where they differ.
        introduction: what the page says before the table.
    """

    api: str
    oracle: str
    releases: Tuple[str, ...]
    limits: Tuple[Limit, ...]
    introduction: str

    def limit_of(self, feature, release):
        """The limit that a feature has on a release, or None where it works."""
        for limit in self.limits:
            if feature in limit.features and numbers(limit.first) <= numbers(release) <= numbers(limit.last):
                return limit
        return None

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
        """What came of each feature on the Prefect of a Python, all of them in one process.

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
            found: its outcomes.
            oracle: the oracle's.
        """
        assert set(found) == set(oracle)
        limited = {title for title in oracle if self.limit_of(title, release)}
        different = {title: (found[title], oracle[title]) for title in oracle if found[title] != oracle[title]}
        assert {title: pair for title, pair in different.items() if title not in limited} == {}
        assert limited - set(different) == set(), "these work: take them out of the limits"

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
    """What came of each feature in the files of a folder.

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
    return json.loads(written.read_text("utf-8"))


def numbers(release):
    return tuple(map(int, release.split(".")))
