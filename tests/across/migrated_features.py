"""Each feature of the flows with result handlers as a small repository of its own, after `rehandle migrate`."""

import ast
import collections
import copy
from concurrent.futures import ThreadPoolExecutor
from typing import Dict, List, NamedTuple, Set

from feature_tables import FLOWS, Came, run_features
from observing import BLOCKED, IMPORTABLE, INSTALLED, migrated, write

from rehandle_codemods.findings import Finding

# What came of a flow is told as old code asks for it before the migration, and as new code does afterwards.
OUTCOMES_BEFORE, OUTCOMES_AFTER = "from old_api_outcomes import", "from new_api_outcomes import"


class MigratedFeature(NamedTuple):
    """A feature after the migration of the file that has it alone.

    Attributes:
        text: the file.
        needs: what of rehandle the file needs, as `observing.Migration` says it.
        findings: what was reported.
    """

    text: str
    needs: str
    findings: List[Finding]


def migrated_features(api, folder) -> Dict[str, MigratedFeature]:
    """Migrate each feature of an API, by its title."""
    found = {}
    for path in sorted((FLOWS / api).glob("*.py")):
        for title, text in slices(path.read_text("utf-8")).items():
            migration = migrated({"feature.py": text}, folder / str(len(found)))
            after = migration.after["feature.py"].replace(OUTCOMES_BEFORE, OUTCOMES_AFTER)
            found[title] = MigratedFeature(after, migration.needs, migration.findings)
    return found


def slices(text) -> Dict[str, str]:
    """A file for each feature of a file, by the feature's title: what it uses, and nothing more."""
    module = ast.parse(text)
    lines = text.splitlines(keepends=True)
    table = module.body[-1]
    definitions = collections.ChainMap(*(dict.fromkeys(bound(node), node) for node in module.body[:-1]))
    found = {}
    for key, value in zip(table.value.keys, table.value.values):
        used = reached(value, definitions)
        parts = [source(node, used, lines) for node in module.body[:-1] if used & set(bound(node))]
        entry = f"FEATURES = {{{ast.get_source_segment(text, key)}: {ast.get_source_segment(text, value)}}}\n"
        found[ast.literal_eval(key)] = "\n".join([*parts, entry])
    return found


def bound(node) -> List[str]:
    """The names that a statement of a module binds."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [target.id for target in node.targets]
    return [name for part in ast.iter_child_nodes(node) if isinstance(part, ast.stmt) for name in bound(part)]


def reached(node, definitions) -> Set[str]:
    """The names of a module that an expression uses, directly or not."""
    found: Set[str] = set()
    pending = [node]
    while pending:
        names = {part.id for part in ast.walk(pending.pop()) if isinstance(part, ast.Name)}
        new = {name for name in names if name in definitions} - found
        found |= new
        pending += [definitions[name] for name in new]
    return found


def source(node, used, lines) -> str:
    """The text of a statement; of an import only the names that are used."""
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        kept = copy.copy(node)
        kept.names = [alias for alias in node.names if (alias.asname or alias.name.partition(".")[0]) in used]
        return ast.unparse(kept) + "\n"
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    return "".join(lines[first - 1 : node.end_lineno])


def outcomes(features: Dict[str, MigratedFeature], python, folder, shim):
    """What came of each migrated feature on the Prefect of a Python: `Came`.

    Args:
        features: the features.
        python: the Python.
        folder: where files may be made.
        shim: whether rehandle is switched on for all; else each has as much of rehandle as it needs.
    """

    def run(needs, *options):
        files = folder / needs / "features"
        chosen = [each.text for each in features.values() if shim or each.needs == needs]
        write(files, {f"feature_{number}.py": text for number, text in enumerate(chosen)})
        return run_features(python, files, folder / needs, *options)

    if shim:
        return run(INSTALLED, "--shim")
    with ThreadPoolExecutor() as pool:
        jobs = [
            pool.submit(run, BLOCKED, "--without", "rehandle"),
            pool.submit(run, IMPORTABLE),
            pool.submit(run, INSTALLED, "--shim"),
        ]
        came = [job.result() for job in jobs]
    return Came(*(dict(collections.ChainMap(*parts)) for parts in zip(*came)))
