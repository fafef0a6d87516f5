"""Why the rewriting tool can't run here, if it can't."""

import sys
from importlib.util import find_spec

from rehandle.__main__ import CODEMOD_PACKAGES

MISSING = ""
if sys.version_info < (3, 10):
    MISSING = "the rewriting tool needs Python 3.10 or later"
else:
    absent = [name for name in CODEMOD_PACKAGES if find_spec(name) is None]
    if absent:
        MISSING = f"the rewriting tool needs the extra codemods: there is no {', '.join(absent)}"
