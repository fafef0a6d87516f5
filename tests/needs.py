"""Why the rewriting tool can't run here, if it can't."""

import sys

MISSING = ""
if sys.version_info < (3, 9):
    MISSING = "the rewriting tool needs Python 3.9 or later"
else:
    try:
        import click  # noqa: F401
        import libcst  # noqa: F401
    except ImportError as error:
        MISSING = f"the rewriting tool needs the extra codemods: {error}"
