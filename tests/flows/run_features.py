"""Run the features in the files of a folder on the installed Prefect and write down what came of each, as JSON.

``python run_features.py FOLDER OUTCOMES [FEATURE...] [--shim[=WAY] | --without MODULE]``. The folder is `new_api`,
`old_api`, or one with files like theirs. Each feature runs in a working directory of its own. A feature that ends with
an exception has the exception as its outcome. Its warnings are those of its run and of the import of its file.
"""

import argparse
import importlib
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path

from shown_warnings import warned

HERE = Path(__file__).resolve().parent


def features(folder):
    """The title, function, and warnings before it is called, of each feature in a folder."""
    for path in sorted(folder.glob("*.py")):
        with warned() as warnings_of_file:
            module = importlib.import_module(path.stem)
        for title, feature in module.FEATURES.items():
            yield title, feature, warnings_of_file


def observe(feature):
    import prefect

    here = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            # The cache of a flow's run is not for the next feature.
            with prefect.context(caches={}):
                return json.loads(json.dumps(feature()))
        except Exception as error:
            return {"error": type(error).__name__, "traceback": traceback.format_exc()}
        finally:
            os.chdir(here)


def on_by_environment():
    """What the file `rehandle.pth` does when an interpreter starts."""
    os.environ["REHANDLE"] = "1"
    importlib.import_module("rehandle.shim.installation").install_if_asked()


def on_when_prefect_is_there():
    importlib.import_module("prefect")
    importlib.import_module("rehandle.auto")


WAYS = {
    "import": lambda: importlib.import_module("rehandle.auto"),
    "environment": on_by_environment,
    "late": on_when_prefect_is_there,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("outcomes", type=Path)
    parser.add_argument("titles", nargs="*")
    parser.add_argument("--shim", nargs="?", const="import", choices=WAYS, help="switch rehandle on, and how")
    parser.add_argument("--without", metavar="MODULE", help="make every import of this module fail")
    arguments = parser.parse_args()
    sys.path[:0] = [str(HERE), str(arguments.folder.resolve())]
    if arguments.without:
        sys.modules[arguments.without] = None
    if arguments.shim:
        WAYS[arguments.shim]()
    importlib.import_module("prefect")
    outcomes = {}
    for title, feature, warnings_of_file in features(arguments.folder):
        if not arguments.titles or title in arguments.titles:
            with warned() as warnings_of_run:
                outcome = observe(feature)
            outcomes[title] = {"outcome": outcome, "warnings": sorted({*warnings_of_file, *warnings_of_run})}
    arguments.outcomes.write_text(json.dumps(outcomes, indent=1), "utf-8")


if __name__ == "__main__":
    main()
