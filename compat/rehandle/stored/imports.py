"""What pickles would import, and whether that is here: nothing is imported to find out."""

import functools
import importlib.machinery
import importlib.util
import sys
from typing import Any, Dict, List, Optional

from rehandle.stored.pickle_opcodes import PickleFacts


def described(pickle: Optional[PickleFacts]) -> List[Dict[str, Any]]:
    """Describe what loading a pickle imports, for JSON.

    Args:
        pickle: what its opcodes tell, or None.

    Returns:
        For each import ``module``, ``name``, and whether this Python has the module (``found``).
    """
    return [
        {"module": module, "name": name, "found": is_found(module)}
        for module, name in (pickle.imports if pickle else ())
    ]


@functools.lru_cache(maxsize=1000)
def is_found(module: str) -> bool:
    """Tell whether a module is there, without running any of it or of its packages.

    Args:
        module: its full name.
    """
    if module == "__main__":
        return False
    if module in sys.modules:
        return True
    top, *deeper = module.split(".")
    try:
        spec = importlib.util.find_spec(top)
        for name in deeper:
            if spec is None:
                break
            folders = spec.submodule_search_locations or []
            spec = importlib.machinery.PathFinder.find_spec(f"{spec.name}.{name}", folders)
    except (ImportError, ValueError):
        return False
    return spec is not None
