"""Which Prefect is installed: looked up without importing it where that is possible."""

import functools
import importlib
import importlib.util
import os
from typing import Any, Optional, Tuple

from rehandle.errors import PrefectNotFoundError, PrefectUnsupportedError
from rehandle.mapping import PREFECT_APIS, RESULT_BASE_MODULE, PrefectApi

Release = Tuple[int, ...]

INSTALL_ADVICE = (
    "install the release that your flows should run on, for example: pip install 'prefect==1.4.1' 'marshmallow<4'"
)


@functools.lru_cache(maxsize=None)
def package_folder() -> Optional[str]:
    """Find the installed Prefect without importing it.

    Returns:
        The folder of the ``prefect`` package, or None where there is none.
    """
    spec = importlib.util.find_spec("prefect")
    if spec is None or not spec.submodule_search_locations or spec.origin is None:
        return None
    return os.path.dirname(spec.origin)


@functools.lru_cache(maxsize=None)
def _api() -> Optional[PrefectApi]:
    return next((api for api in PREFECT_APIS if _has_file(*api.file)), None)


def has_handlers() -> bool:
    """Tell whether the installed Prefect has result handlers of its own, as 0.4 to 0.13 have."""
    api = _api()
    return api is not None and api.handlers


def has_results() -> bool:
    """Tell whether the installed Prefect uses Results, as 0.11 to 1.4 do."""
    api = _api()
    return api is not None and api.results


def has_either() -> bool:
    """Tell whether the installed Prefect is of those that have result handlers or Results: 0.4 to 1.4."""
    return _api() is not None


@functools.lru_cache(maxsize=None)
def result_classes() -> Tuple[Any, ...]:
    """Give Prefect's ``Result`` if there is one, also that of 0.4 to 0.10, which isn't what ``result=`` takes."""
    if not has_either():
        return ()
    return (importlib.import_module(RESULT_BASE_MODULE).Result,)


def is_prefect_3() -> bool:
    """Tell whether the installed Prefect is 3.0 or later."""
    return _has_file("transactions.py")


def look_again() -> bool:
    """Look for Prefect anew: the user's code may have imported another one, or changed where Python looks for it.

    Returns:
        Whether something else was found before.
    """
    looked, before = package_folder.cache_info().currsize, package_folder()
    for function in (package_folder, _api, result_classes):
        function.cache_clear()
    return bool(looked) and package_folder() != before


def require() -> None:
    """Make sure that there is a Prefect, without importing it.

    Raises:
        PrefectNotFoundError: no Prefect is installed.
    """
    if package_folder() is None:
        raise PrefectNotFoundError(f"rehandle found no Prefect in this Python: {INSTALL_ADVICE}.")


def load() -> Any:
    """Import Prefect.

    Returns:
        The ``prefect`` module.

    Raises:
        PrefectNotFoundError: no Prefect is installed.
    """
    require()
    return importlib.import_module("prefect")


def release() -> Release:
    """Tell the release of the installed Prefect, as numbers: ``(0, 14, 22)``.

    Raises:
        PrefectNotFoundError: no Prefect is installed.
        PrefectUnsupportedError: its version can't be read.
    """
    version = str(getattr(load(), "__version__", ""))
    numbers = []
    for part in version.split("+")[0].split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
    if not numbers:
        raise PrefectUnsupportedError(f"rehandle can't read the version of the installed Prefect: {version!r}.")
    return tuple(numbers)


def home_folder() -> str:
    """Tell Prefect's home folder: ``prefect.config.home_dir``, or where it would be if Prefect were installed."""
    if has_either():
        return str(load().config.home_dir)
    return os.path.expanduser(os.environ.get("PREFECT__HOME_DIR", os.path.join("~", ".prefect")))


def results_folder(folder: Optional[str], validate: bool) -> str:
    """Tell the folder that Prefect's local results and handlers would use.

    Args:
        folder: the folder asked for. ``<home>/results`` stands in for None and for any folder inside Prefect's home.
        validate: whether to make the path absolute and the folder exist.
    """
    home = os.path.abspath(home_folder())
    if folder is None or _is_inside(folder, home):
        folder = os.path.join(home, "results")
    if validate:
        folder = os.path.abspath(os.path.expanduser(folder))
        os.makedirs(folder, exist_ok=True)
    return folder


def result_base() -> type:
    """Tell what rehandle's own ``Result`` derives from.

    Returns:
        The ``Result`` of Prefect 0.4 to 0.10, whose states take anything else for a value.
        Elsewhere ``object``.
    """
    if has_handlers() and not has_results():
        cls: type = importlib.import_module("prefect.engine.result").Result
        return cls
    return object


def serializers_module() -> Any:
    """Import Prefect's serializers, which its Results have used since 0.12.1.

    Returns:
        The module, or None where Prefect has none.
    """
    try:
        return importlib.import_module("prefect.engine.serializers") if has_results() else None
    except ModuleNotFoundError:
        return None


def _has_file(*path: str) -> bool:
    """Tell whether Prefect has a file. An upgrade may leave folders behind, with nothing but caches in them."""
    folder = package_folder()
    return folder is not None and os.path.isfile(os.path.join(folder, *path))


def _is_inside(path: str, folder: str) -> bool:
    try:
        return os.path.commonpath([folder, os.path.abspath(path)]) == folder
    except ValueError:  # two drives on Windows
        return False
