"""The Prefect that is installed where the tests run, configured for them."""

import importlib.util
import os
import sys
import tempfile

import cloudpickle

# Prefect reads its configuration when it is imported.
os.environ["PREFECT__HOME_DIR"] = os.environ["PREFECT_HOME"] = tempfile.mkdtemp(prefix="rehandle-home-")
os.environ["PREFECT__FLOWS__CHECKPOINTING"] = "true"
os.environ["PREFECT__LOGGING__LEVEL"] = "ERROR"


def installed_release():
    """The installed Prefect as numbers, or None."""
    if importlib.util.find_spec("prefect") is None:
        return None
    import prefect

    return tuple(int(part) for part in prefect.__version__.split(".")[:3])


PREFECT = installed_release()

LOADS_FUNCTIONS = sys.version_info < (3, 11) or tuple(map(int, cloudpickle.__version__.split(".")[:2])) >= (1, 5)
"""Whether the installed cloudpickle can load functions: the one that Prefect 0.11 and earlier want can't on 3.11."""
