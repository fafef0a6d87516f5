"""Asking git, without letting the repository's own configuration run anything.

The configuration of a repository can name programs that git runs, also for commands that only read: `core.fsmonitor`
when the index is read, filters when a file is compared, hooks when the index is refreshed, a remote helper when a
partial clone lacks an object. Whoever made the repository chose them, so they are all switched off.
"""

from __future__ import annotations

import os
import subprocess
from typing import Iterable

_HARMLESS = (
    "--no-optional-locks",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "protocol.allow=never"),
)
# A hook's environment says which repository it belongs to, which needn't be the one that is looked at.
_OTHER_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
)
_FILTERS = r"^filter\..*\.(clean|process)$"


def output(folder: str, *arguments: str, nothing: int = 0) -> bytes | None:
    """What a git command that only reads prints.

    Args:
        folder: where it runs.
        arguments: the command.
        nothing: the exit code, beside 0, by which it says that there is nothing to print.

    Returns:
        The output; None where git is missing or fails.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _OTHER_REPOSITORY}
    environment["GIT_NO_LAZY_FETCH"] = "1"
    command = ["git", "-C", folder, *_HARMLESS, *arguments]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=environment, check=False)
    except (OSError, ValueError):
        return None
    return done.stdout if done.returncode in (0, nothing) else None


def uncommitted(root: str, paths: Iterable[str]) -> list[str]:
    """The files of a work tree with changes that no commit has.

    Args:
        root: the top of the work tree, without symbolic links.
        paths: files in it that matter also where git doesn't know them yet.

    Returns:
        The paths, relative to the top, in order; none where git can't tell.
    """
    filters = output(root, "config", "-z", "--name-only", "--get-regexp", _FILTERS, nothing=1)
    if filters is None:
        return []
    off: list[str] = []
    for name in {os.fsdecode(key).rpartition(".")[0] for key in filters.split(b"\0") if key}:
        if "=" in name:  # `-c` would take it for another one, and the filter would run
            return []
        off += ("-c", f"{name}.clean=", "-c", f"{name}.process=", "-c", f"{name}.required=false")
    status = ("status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--ignore-submodules=all")
    listed = output(root, *off, *status)
    if listed is None:
        return []
    relative = [os.path.relpath(os.path.realpath(path), root).replace(os.sep, "/") for path in paths]
    found: list[str] = []
    for entry in filter(None, os.fsdecode(listed).split("\0")):
        kind, path = entry[:2], entry[3:]
        if kind != "??":
            found.append(path)
        elif path.endswith("/"):
            found += [name for name in relative if name.startswith(path)]
        elif path in relative:
            found.append(path)
    return sorted(set(found))
