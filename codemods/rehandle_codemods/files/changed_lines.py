"""The lines of a work tree's files that have changed since a revision, whether they are committed or not."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Iterator, NamedTuple, Sequence

from rehandle_codemods.files import git

if TYPE_CHECKING:
    import subprocess

Lines = tuple[range, ...]
"""Lines of a file, from 1 and as git counts them: a line ends with a line feed."""

_EVERY: Lines = (range(1, sys.maxsize),)
_BATCH = 100
"""So many files are compared by one command, whose length systems limit."""
_COMMIT = re.compile("[0-9a-f]{40,64}")
_HUNK = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPED = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
# What a person or a repository may have configured would change what is parsed here.
_DIFF = (
    *("-c", "core.quotePath=true", "-c", "diff.relative=false"),
    *("-c", "diff.autoRefreshIndex=false"),  # else it writes the index where a file only looks changed
    *("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--find-renames", "--ignore-submodules=all"),
    f"-O{os.devnull}",
)
_LINES = ("--unified=0", "--inter-hunk-context=0", "--text", "--src-prefix=a/", "--dst-prefix=b/")


class RevisionError(Exception):
    """Nothing can be compared with a revision; the message says why and what to do."""


class Base(NamedTuple):
    """What a work tree is compared with.

    Attributes:
        top: the top of the work tree, without symbolic links.
        commit: the commit's full name.
    """

    top: str
    commit: str


def base(folder: str, revision: str) -> Base:
    """The commit where a work tree's branch left that of a revision: the revision itself, where it is in its history.

    Args:
        folder: a folder of the work tree.
        revision: a branch, a tag or a commit, as a person types it.

    Returns:
        The commit.

    Raises:
        RevisionError: the folder is in no work tree, git knows no such revision there, or there is no such commit.
    """
    top = os.path.realpath(_said(git.run(folder, "rev-parse", "--show-toplevel"), folder))
    if not _commit(top, revision):
        raise RevisionError(f"git knows no commit {revision!r} in {top}{_unknown(top, revision)}")
    done = git.run(top, "merge-base", _commit(top, revision), "HEAD")
    commit = done.stdout.decode().strip() if done is not None and not done.returncode else ""
    if not commit:
        advice = _shallow(top) or ". Give a revision that is in its history"
        raise RevisionError(f"{revision} and what is checked out in {top} have no commit in common{advice}")
    return Base(top, commit)


def changed_lines(since: Base, paths: Sequence[str]) -> dict[str, Lines]:
    """The lines that a work tree has, and a commit hasn't.

    A file that was renamed is compared with what it was. One that git doesn't track is new as a whole.

    Args:
        since: the commit.
        paths: files of the work tree, without symbolic links.

    Returns:
        The lines of each file.

    Raises:
        RevisionError: git can't compare them.
    """
    if not paths:
        return {}
    off = git.without_filters(since.top)
    if off is None:
        why = "a filter in its configuration has a = in its name, so it can't be switched off"
        raise RevisionError(f"git can't compare {since.top}: {why}. Give it another name")
    names = {os.path.relpath(path, since.top).replace(os.sep, "/"): path for path in paths}
    listed = _said(git.run(since.top, "ls-files", "-z", "--full-name"), since.top, partial=since)
    tracked = set(listed.split("\0"))
    before = dict(_changed(since, off))
    lines: dict[str, Lines] = {path: () if name in tracked else _EVERY for name, path in names.items()}
    changed = sorted(name for name in names if name in tracked and name in before)
    for start in range(0, len(changed), _BATCH):
        batch = changed[start : start + _BATCH]
        both = dict.fromkeys([*batch, *(before[name] for name in batch)])
        done = git.run(since.top, *off, *_DIFF, *_LINES, since.commit, "--", *both)
        _said(done, since.top, partial=since)
        for name, found in _added(done.stdout if done is not None else b""):
            if name in names:
                lines[names[name]] = found
    return lines


def _changed(since: Base, off: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The files that have changed, each with what it was called."""
    listed = _said(
        git.run(since.top, *off, *_DIFF, "--name-status", "-z", since.commit, "--"), since.top, partial=since
    )
    fields = iter(listed.split("\0"))
    for status in fields:
        if status:
            name = next(fields)
            yield (next(fields), name) if status[0] in "RC" else (name, name)


def _added(patch: bytes) -> Iterator[tuple[str, Lines]]:
    """The files of a patch, each with the lines that it adds.

    What looks like a header may be a line of a file: how many lines a hunk has tells them apart.
    """
    name = ""
    found: list[range] = []
    removed = added = 0
    row = 0
    for line in patch.split(b"\n"):
        sign = line[:1]
        if (removed or added) and sign in (b"+", b"-", b" "):
            removed -= sign != b"+"
            added -= sign != b"-"
            if sign == b"+":
                first = found.pop().start if found and found[-1].stop == row else row
                found.append(range(first, row + 1))
            row += sign != b"-"
        elif line.startswith(b"diff --git "):
            if name:
                yield name, tuple(found)
            name, found = "", []
        elif line.startswith(b"+++ "):
            name = _name(line[4:])
        else:
            hunk = _HUNK.match(line)
            if hunk is not None:
                removed, row, added = (1 if number is None else int(number) for number in hunk.groups())
    if name:
        yield name, tuple(found)


def _name(shown: bytes) -> str:
    """The path that a patch's header shows; empty where it is that of no file."""
    path = shown.removesuffix(b"\t")  # it is there where the path has a space
    if path.startswith(b'"'):
        path = _ESCAPE.sub(_character, path[1:-1])
    return os.fsdecode(path[2:]) if path.startswith(b"b/") else ""


def _character(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code, 8)]) if len(code) == 3 else _ESCAPED.get(code, code)


def _said(done: subprocess.CompletedProcess[bytes] | None, folder: str, partial: Base | None = None) -> str:
    """What git has printed, without the newline at its end.

    Args:
        done: the command, which has ended.
        folder: where it ran.
        partial: what was to be compared with, if it may be that the clone lacks it.

    Returns:
        The text.

    Raises:
        RevisionError: it failed.
    """
    if done is not None and not done.returncode:
        return os.fsdecode(done.stdout).removesuffix("\n")
    if done is None:
        raise RevisionError("git can't be run. Install it, or put it on PATH")
    words = git.why_failed(done)
    if partial is None:
        advice = "Name files of a clone, or mend what git says"
    elif git.output(folder, "config", "--get-regexp", r"^remote\..*\.promisor$"):
        advice = f"This clone lacks old contents: `git diff {partial.commit[:12]} > {os.devnull}` fetches them"
    else:
        advice = "Mend what git says"
    raise RevisionError(f"git can't compare {folder}: {words}. {advice}")


def _commit(top: str, revision: str) -> str:
    """The full name of a commit; empty where git knows none of that name."""
    if revision.startswith("-"):  # it would be an option
        return ""
    said = git.output(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    name = said.decode("ascii", "replace").strip() if said else ""
    return name if _COMMIT.fullmatch(name) else ""


def _shallow(top: str) -> str:
    """What to do where a clone has but the end of its history; empty where it has all."""
    if git.output(top, "rev-parse", "--is-shallow-repository") != b"true\n":
        return ""
    return (
        ": this clone is shallow. Fetch the rest by `git fetch --unshallow`, or in GitHub Actions by `fetch-depth: 0`"
    )


def _unknown(top: str, revision: str) -> str:
    """What to do about a revision that git doesn't know."""
    from difflib import get_close_matches

    said = git.output(top, "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags")
    known = os.fsdecode(said or b"").splitlines()
    # After a checkout in CI, a branch is often known as that of the remote alone.
    nearest = [name for name in known if name.endswith(f"/{revision}")] or get_close_matches(revision, known, 1)
    if nearest:
        return f". Did you mean {nearest[0]}?"
    return _shallow(top) or ". Give a branch, a tag or a commit; `git fetch` brings those of the remote"
