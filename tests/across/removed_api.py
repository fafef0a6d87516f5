"""What Prefect 1.4.1 lacks of the public names and parameters of earlier releases: the codemods' table of it.

``PYTHONPATH=tests tox exec -e releases -- python tests/across/removed_api.py`` writes it. It is made of the sources of
installed releases, because many modules of Prefect can't be imported without a library that most people don't have.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import griffe
import releases
import tomllib
from feature_tables import ROOT

PATH = ROOT / "codemods" / "rehandle_codemods" / "removed_api" / "removed.json"
# Commands aren't imported, the rules for handlers and Results know more of them, and what a handler of logs has is
# Python's.
_LEFT_OUT = (
    "prefect.cli.",
    "prefect.engine.result",
    "prefect.serialization.",
    "prefect.utilities.logging.CloudHandler.",
)
_HANDLER = "result_handler"
SETTING = "prefect.config."
LATEST = "1.4.1"


class Inherited(dict):
    """The parameters of what a class only inherits: it is gone where it was defined."""


def table():
    """The names and parameters that are gone, each with the minor release that came without it."""
    found = {release: public_api(releases.python(release)) for release in releases.MINORS}
    latest = found[LATEST]
    names: dict[str, str] = {}
    parameters: dict[str, dict[str, str]] = {}
    after = dict(zip(found, [*found][1:]))
    for release, api in found.items():
        if release == LATEST:
            continue
        without = ".".join(after[release].split(".")[:2]) if after[release] != LATEST else "1.0"
        for name, taken in api.items():
            if name.startswith(_LEFT_OUT) or (_HANDLER in name and not name.startswith(SETTING)):
                continue
            if name not in latest:
                if not isinstance(taken, Inherited):
                    names[name] = without
            elif latest[name] is not None:
                for parameter in (taken or {}).keys() - latest[name].keys() - {_HANDLER}:
                    parameters.setdefault(name, {})[parameter] = without
    return {
        "names": {name: names[name] for name in sorted(names) if not _goes_without_saying(name, names)},
        "parameters": {name: dict(sorted(parameters[name].items())) for name in sorted(parameters)},
    }


def _goes_without_saying(name, names):
    """Whether a name is inside of something that went with the same release, or in a class that is gone."""
    parent = name.rpartition(".")[0]
    is_class = parent.rpartition(".")[2][:1].isupper()
    return names.get(parent) == names[name] or (is_class and parent in names)


def public_api(python):
    """The public names of the Prefect that a Python has; of each function and class the parameters that have names.

    A name counts where it is defined, and where a package offers it. Of a class, what it inherits counts too, so that
    a method which moved to a base isn't gone.
    """
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    loader = griffe.GriffeLoader(search_paths=[site])
    package = loader.load("prefect", try_relative_path=False)
    loader.resolve_aliases(external=False)
    found = {}
    _walk(package, "prefect", found)
    _settings(tomllib.loads(Path(site, "prefect", "config.toml").read_text("utf-8")), SETTING, found)
    return found


def _settings(table, path, found):
    for key, value in table.items():
        if isinstance(value, dict):
            _settings(value, f"{path}{key}.", found)
        else:
            found[path + key] = None


def _walk(module, path, found):
    for name, member in module.members.items():
        target = _target(member)
        if name.startswith("_") or target is None or not target.path.startswith("prefect."):
            continue
        offered = module.is_init_module and (target.is_class or target.is_function)
        if member.is_alias and not offered:
            continue
        found[f"{path}.{name}"] = _parameters(target)
        if target.is_module and not member.is_alias:
            _walk(target, f"{path}.{name}", found)
        elif target.is_class:
            for attribute, what in target.all_members.items():
                if not attribute.startswith("_") and _target(what) is not None:
                    own = attribute in target.members and not member.is_alias
                    parameters = _parameters(_target(what))
                    found[f"{path}.{name}.{attribute}"] = parameters if own else Inherited(parameters or {})


def _target(member):
    try:
        return member.final_target if member.is_alias else member
    except griffe.GriffeError:
        return None


def _parameters(member):
    """By name; none of what isn't called, or whose constructor isn't written down."""
    if member.is_class:
        member = _target(member.all_members["__init__"]) if "__init__" in member.all_members else None
    if member is None or not member.is_function:
        return None
    starred = (griffe.ParameterKind.var_positional, griffe.ParameterKind.var_keyword)
    return {parameter.name: None for parameter in member.parameters if parameter.kind not in starred}


def text():
    """The file's."""
    return json.dumps(table(), indent=1) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), "utf-8")
