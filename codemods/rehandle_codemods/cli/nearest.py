"""The options of each file: those of the command line, else of the pyproject.toml that is nearest to it."""

from __future__ import annotations

import os
from typing import Any, Collection, Mapping

from rehandle_codemods.cli import settings
from rehandle_codemods.cli.parameters import SETTINGS
from rehandle_codemods.options import DEFAULTS, PER_FILE, Options


class NearestOptions:
    """Takes a folder, and says what counts for its files: `Options.nearest`.

    Attributes:
        used: the files whose settings counted somewhere, beyond the run's own, in the order in which they were found.
    """

    def __init__(self, options: Options, params: Mapping[str, Any], given: Collection[str]) -> None:
        """Begin with what counts for the run as a whole.

        Args:
            options: its options.
            params: all that it was told, by the names of parameters; `config` is the file that its settings are from.
            given: what the command line says, which wins everywhere.
        """
        self._options = options
        self._params = params
        self._given = given
        self._lookup = settings.Lookup()
        self._read: dict[str, Options] = {"": options, os.path.realpath(params["config"] or os.curdir): options}
        self.used: list[str] = []

    def __call__(self, folder: str) -> Options:
        """The options for the files in a folder; those of the run where no configuration is above it.

        Raises:
            ConfigError: the configuration can't be used, or not in this run.
        """
        path = self._lookup.nearest(folder)
        if path not in self._read:
            self._read[path] = self._of(path)
            self.used.append(path)
        return self._read[path]

    def _of(self, path: str) -> Options:
        found = {name.replace("-", "_"): value for name, value in settings.read(path, SETTINGS).items()}
        for name, value in found.items():
            if name in PER_FILE or name in self._given or name not in self._params or self._params[name] == value:
                continue
            setting = name.replace("_", "-")
            raise settings.ConfigError(
                f"{path}: {setting} = {_spelt(value)}, but this run has {_spelt(self._params[name])}, and that is one "
                f"for all its files. Say it by --{setting}, or run on {os.path.dirname(path)} alone"
            )
        if "src" in found:
            found["src"] = tuple(folder for folders in found["src"] for folder in folders)
        own = {name: found.get(name, getattr(DEFAULTS, name)) for name in PER_FILE if name not in self._given}
        return self._options._replace(**own)


def _spelt(value: object) -> str:
    """A value as TOML has it."""
    return str(value).lower() if isinstance(value, bool) else f'"{value}"' if isinstance(value, str) else str(value)
