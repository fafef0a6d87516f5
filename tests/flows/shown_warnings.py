"""The warnings of Prefect, rehandle and the flows that users see, to be compared between releases."""

import contextlib
import importlib
import os
import warnings

# Python shows these in the main program alone; they are about the code of Prefect and others.
HIDDEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)
# Of Dask's coroutines, whenever memory happens to be collected.
UNRELATED = "was never awaited"


@contextlib.contextmanager
def warned():
    """A list that gets the category and message of each warning, once each."""
    found = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield found
    found += sorted({(each.category.__name__, str(each.message)) for each in caught if is_shown(each)})


def is_shown(warning):
    """Whether users see a warning, and it isn't one of other packages, whose releases differ."""
    prefect = os.path.dirname(importlib.import_module("prefect").__file__)
    is_others = "site-packages" in warning.filename and not warning.filename.startswith(os.path.join(prefect, ""))
    return not is_others and not issubclass(warning.category, HIDDEN) and UNRELATED not in str(warning.message)
