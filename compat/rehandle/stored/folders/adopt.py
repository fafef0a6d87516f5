"""``rehandle results adopt``: the copies that `convert` makes, in a block of Prefect 3, as cache hits."""

import argparse
import importlib
import sys

from rehandle import prefect_release
from rehandle.errors import RehandleError
from rehandle.stored.folders import convert, copying

DESCRIPTION = """\
Copy stored results into a block of Prefect 3, so that a task whose result_storage_key is an object's name finds it
there: OLD and all folders in it, each object at its name, counted from OLD. Nothing is unpickled. Nothing that the
block stores already is replaced, and each key is asked for with Prefect's own store.
"""

EPILOG = f"""\
examples:
  rehandle results adopt /srv/results --storage local-file-system/results
  rehandle results adopt s3://bucket/old --storage s3-bucket/new --map 'double-{{n}}.pkl=doubled/{{n}}'

{convert.TEMPLATES}
It needs Prefect 3.2 or later, and its API (PREFECT_API_URL), where the block was saved. Prefect's blocks for buckets
can't write only where nothing is: let no flow write to the same keys meanwhile.

Exit: 0; 1 if something could not be copied, which is named; 2 after an error.
"""

_OLDEST_PYTHON = (3, 10)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments.

    Args:
        parser: the command's.
    """
    parser.add_argument("location", metavar="OLD", help="a folder, gs://bucket/folder, s3://... or azure://...")
    parser.add_argument(
        "--storage", metavar="SLUG/NAME", required=True, help="a saved block, such as s3-bucket/results"
    )
    convert.add_common_arguments(parser)


def main(options: argparse.Namespace) -> int:
    """Run the command.

    Args:
        options: the parsed arguments.

    Returns:
        The exit code.
    """
    if sys.version_info < _OLDEST_PYTHON or not prefect_release.is_prefect_3():
        raise RehandleError(
            "adopt needs Prefect 3.2 or later, on Python 3.10 or later: pip install 'rehandle[prefect3]'"
        )
    source, entries = copying.opened(options.location)
    target = importlib.import_module("rehandle.prefect3.adoption").Block(options.storage)
    return convert.run(options, source, entries, target)
