"""Asking git, without letting the repository's own configuration run anything.

The configuration of a repository can name programs that git runs, also for commands that only read: `core.fsmonitor`
when the index is read, filters when a file is compared, hooks when the index is refreshed, a remote helper when a
partial clone lacks an object. Whoever made the repository chose them, so they are all switched off.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Iterable

if TYPE_CHECKING:
    import subprocess

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
_OTHER_OUTPUT = ("GIT_DIFF_OPTS", "GIT_EXTERNAL_DIFF")
_MANY = 100
"""To look for so many words takes git longer than reading all files takes here."""
_START = 4
_BEFORE = r"(?:(?<![^\s.,('\":*\\])|(?<=\\[nrt]))"
"""What is before a module's name in an import or in quotes, in a notebook perhaps a letter for a newline."""
_AFTER = r"(?!\w)(?=[\w.:\x80-\xff]*[ \t\f]*(?:[,;#)'\"\\\r]|$|import\b|as\b))"
"""What is after it in the same line, and perhaps after further names."""
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
    done = run(folder, *arguments)
    return done.stdout if done is not None and done.returncode in (0, nothing) else None


def complaint(folder: str) -> str:
    """Why git can't list the files of a folder, in its own words."""
    done = run(folder, "ls-files", "--", ".git")
    return why_failed(done) if done is not None else "git can't be run"


def why_failed(done: subprocess.CompletedProcess[bytes]) -> str:
    """The line in which a command said why it failed; the first one, where none stands out."""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return next((line for line in lines if line.startswith("fatal: ")), lines[0] if lines else "no reason given")


def run(folder: str, *arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    """Run a git command that only reads.

    Args:
        folder: where it runs.
        arguments: the command.

    Returns:
        The command, which has ended; None where git is missing.
    """
    import subprocess

    left_out = (*_OTHER_REPOSITORY, *_OTHER_OUTPUT)
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    # Bytes are to be bytes, also where words are looked for.
    environment.update(GIT_NO_LAZY_FETCH="1", LC_ALL="C")
    command = ["git", "-C", folder, *_HARMLESS, *arguments]
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=environment, check=False)
    except (OSError, ValueError):
        return None


def holding(
    folder: str,
    words: Iterable[bytes],
    suffixes: Iterable[str],
    jobs: int,
    pruned: Iterable[str] | None = None,
    *,
    imported: bool = False,
) -> list[str] | None:
    """The files in git's index that hold at least one of some words where they are in the work tree.

    Args:
        folder: a folder of the work tree, or any folder if others than the index's files are looked at.
        words: identifiers, or parts of such.
        suffixes: what the names of the files end with.
        jobs: the number of threads; 0 for as many as there are processors.
        pruned: look at all files that lie there, but not in folders of these names; None for the index's files.
        imported: files in which none of the words is as in an import or in quotes needn't be among them.

    Returns:
        The paths, relative to the folder; None where git can't tell about every file.
    """
    others = ["--no-index", "--no-exclude-standard"] if pruned is not None else []
    wanted = sorted(os.fsdecode(word) for word in words)
    if len(wanted) > _MANY:
        return None
    # Not every git has the first one.
    for kind, patterns in (("--perl-regexp", _expressions(wanted, imported=imported)), ("--fixed-strings", wanted)):
        arguments = [
            "--no-literal-pathspecs",
            *("grep", *others, "--no-recurse-submodules", "--no-textconv", "--text", "-z", "--files-with-matches"),
            *(f"--threads={jobs or os.cpu_count() or 1}", kind),
            *(part for pattern in patterns for part in ("-e", pattern)),
            "--",
            *(f"*{suffix}" for suffix in suffixes),
            *(f":(exclude,glob)**/{name}/**" for name in pruned or ()),
        ]
        done = run(folder, *arguments)
        # What it can't read it says on standard error, and goes on.
        if done is not None and done.returncode in (0, 1) and not done.stderr:
            return [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    return None


def _expressions(words: list[str], *, imported: bool) -> list[str]:
    """Expressions for words, as few as are fast: git goes through a file once for each.

    The alternatives of one begin alike, but for capitals, so that nearly all of a file is skipped.
    """
    by_start: dict[str, list[str]] = {}
    for word in words:
        by_start.setdefault(word[:_START].lower(), []).append(re.escape(word))
    found = ["|".join(alternatives) for alternatives in by_start.values()]
    return [*(f"{_BEFORE}(?:{words}){_AFTER}" for words in found), "__import__"] if imported else found


def without_filters(root: str) -> list[str] | None:
    """Options by which a git command runs none of the filters that a repository has configured.

    Args:
        root: the top of the work tree.

    Returns:
        The options; None where git can't tell, or can't be told so.
    """
    filters = output(root, "config", "-z", "--name-only", "--get-regexp", _FILTERS, nothing=1)
    if filters is None:
        return None
    off: list[str] = []
    for name in {os.fsdecode(key).rpartition(".")[0] for key in filters.split(b"\0") if key}:
        if "=" in name:  # `-c` would take it for another one, and the filter would run
            return None
        off += ("-c", f"{name}.clean=", "-c", f"{name}.process=", "-c", f"{name}.required=false")
    return off


def uncommitted(root: str, paths: Iterable[str]) -> list[str]:
    """The files of a work tree with changes that no commit has.

    Args:
        root: the top of the work tree, without symbolic links.
        paths: files in it that matter also where git doesn't know them yet.

    Returns:
        The paths, relative to the top, in order; none where git can't tell.
    """
    off = without_filters(root)
    if off is None:
        return []
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
