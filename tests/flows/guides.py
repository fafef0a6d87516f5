"""What the tests of both guides look at."""

from pathlib import Path

import cloudpickle


def stored_values(folder):
    """The unpickled content of every file below a folder, by its relative path."""
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): cloudpickle.loads(path.read_bytes()) for path in files}


def result_of(state, task):
    return state.result[task]._result


def read_back(state, task):
    """The value as a later run would read it, from the location alone."""
    result = result_of(state, task)
    return result.read(result.location).value
