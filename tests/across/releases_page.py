"""The page of the docs that says what works where.

``PYTHONPATH=tests python tests/across/releases_page.py`` writes it.
"""

import backport
import corners
import feature_tables
import migrated_api
import old_api
import unaided

PATH = feature_tables.ROOT / "docs" / "releases.md"
TABLES = (backport.TABLE, old_api.TABLE, unaided.TABLE, corners.TABLE, migrated_api.TABLE)

INTRODUCTION = """\
# Which release runs what

The same flows are run on each release, and what comes of them is compared with one release: the states, values and
locations, what is read back from a location, the stored objects, and the warnings. Of an object that is a pickle it is
the value that is compared, as each release of cloudpickle writes other bytes; any other object is compared byte by
byte. Names that are made up (`LocalResult` without a location, any `LocalResultHandler`) are left out. Of warnings
those count that users see: all have to be the same but for Prefect's own on 0.9 and 0.10.0, which calls handlers and
caches deprecated, and rehandle's, which calls a handler deprecated from 0.11 on.

`tox run -e releases` runs the flows, which are in folders of `tests/flows`, and
fails if this page is wrong. Nearly every flow in `old_api` is also written with Results, by hand: on Prefect 1.4.1 that
does the same as the one with handlers on 0.10.7, but for the names of objects.

✓ means that a release does the same; the numbers stand for the limits below the tables.
"""


def page():
    """The text of the page."""
    tables = [*TABLES[:-1], migrated_api.table()]
    return "\n".join([INTRODUCTION, *(table.text() for table in tables)])


if __name__ == "__main__":
    PATH.write_text(page(), "utf-8")
