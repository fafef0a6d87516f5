"""Run a script in each of some folders, in one process, and print what each printed as JSON.

Usage: ``python run_in_folders.py SCRIPT FOLDER...``. A folder without the script gives nothing. Where the
environment has WITH_HANDLERS, rehandle's shim makes handlers work.
"""

import contextlib
import importlib
import io
import json
import os
import runpy
import sys
import traceback


def main(script, folders):
    found = {}
    for folder in folders:
        os.chdir(folder)
        output = io.StringIO()
        try:
            with contextlib.redirect_stdout(output):
                if os.path.exists(script):
                    runpy.run_path(script, run_name="__main__")
        except Exception:
            output.write(traceback.format_exc())
        found[folder] = output.getvalue()
    print(json.dumps(found))


if __name__ == "__main__":
    if "WITH_HANDLERS" in os.environ:
        importlib.import_module("rehandle.auto")
    main(sys.argv[1], sys.argv[2:])
