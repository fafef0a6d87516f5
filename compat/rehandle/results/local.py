"""Results in files."""

import os
from typing import Any, Optional

from rehandle import prefect_release
from rehandle.results.stored import StoredResult
from rehandle.storage import LocalStore, Store


class LocalResult(StoredResult):
    """Keeps values in files, each written as a whole or not at all.

    Args:
        dir: the folder that locations are relative to. ``<home>/results`` if it is missing or lies inside Prefect's
            home folder (as Prefect does); the home is ``PREFECT__HOME_DIR``, by default ``~/.prefect``.
        validate_dir: whether to make the path absolute, with ``~`` expanded, and the folder exist.
        **kwargs: for ``Result``. A ``location`` is a path, absolute or relative to ``dir``.
    """

    def __init__(self, dir: Optional[str] = None, validate_dir: bool = True, **kwargs: Any) -> None:
        self.dir = prefect_release.results_folder(dir, validate_dir)
        super().__init__(**kwargs)

    @property
    def default_location(self) -> str:
        """A new path, ``<dir>/YYYY/M/D/<uuid>.prefect_result``. Prefect's own holds the time alone, and collides."""
        return self._name(super().default_location)

    def _store(self) -> Store:
        return LocalStore()

    def _name(self, location: str) -> str:
        # Absolute, so that what `write` returns can be read from another working directory.
        return os.path.abspath(os.path.join(self.dir, location))
