"""The codemods' table of what Prefect 1.4.1 lacks is what a comparison of real releases gives."""

import subprocess

import pytest
import releases
import removed_api

from rehandle_codemods import removed_api as table
from rehandle_codemods.removed_api.successors import SUCCESSORS

NAMES, PARAMETERS = table.tables()
_IMPORT = """
import importlib, inspect, sys

def find(dotted):
    parts = dotted.split(".")
    for count in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            continue
        for part in parts[count:]:
            found = getattr(found, part)
        return found

for line in sys.stdin.read().split():
    dotted, _, parameter = line.partition("(")
    try:
        found = find(dotted)
        if not parameter or parameter[:-1] in inspect.signature(found).parameters:
            print(line)
    except AttributeError:
        pass
"""


def test_the_table_is_up_to_date():
    assert removed_api.PATH.read_text("utf-8") == removed_api.text()


def present(lines):
    """Which names and parameters Prefect 1.4.1 has, when it is imported."""
    python = releases.python("1.4.1")
    command = [python, "-W", "ignore", "-c", _IMPORT]
    done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_nothing_in_it_is_there():
    parameters = [f"{name}({parameter})" for name, lost in PARAMETERS.items() for parameter in lost]
    assert present([*NAMES, *parameters]) == []


def test_every_successor_is_there():
    # Many of them can't be imported without a library.
    api = removed_api.public_api(releases.python("1.4.1"))
    assert [text for text in SUCCESSORS.values() if table.is_name(text) and text not in api] == []


@pytest.mark.parametrize("key", SUCCESSORS)
def test_every_successor_is_of_something_that_is_gone(key):
    name, _, parameter = key.partition("(")
    lost = {parameter for parameters in PARAMETERS.values() for parameter in parameters}
    if not name:
        assert parameter[:-1] in lost
    elif parameter:
        assert parameter[:-1] in PARAMETERS[name]
    else:
        assert table.name(name) or any(known.startswith(f"{name}.") for known in NAMES)
