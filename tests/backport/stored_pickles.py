"""What a folder holds."""

import cloudpickle


def stored(folder):
    """The unpickled content of every file below a folder, by the file's name."""
    return {path.name: cloudpickle.loads(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}
