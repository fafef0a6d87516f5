"""A path as it is shown, the top of its git work tree, and the bytes that it holds."""

from __future__ import annotations

import os


def shown(path: str) -> str:
    """A path relative to the working directory where it is inside it, else as it is."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return path
    return path if relative.startswith(os.pardir) else relative


def git_root(folder: str) -> str:
    """The top of the git work tree that holds a folder, or an empty string."""
    folder = os.path.realpath(folder)
    while not os.path.exists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return ""
        folder = above
    return folder


def read_bytes(path: str) -> bytes:
    """The bytes of a file, by the shortest way there is."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        with open(handle, "rb", buffering=0, closefd=False) as file:
            return file.readall()
    finally:
        os.close(handle)
