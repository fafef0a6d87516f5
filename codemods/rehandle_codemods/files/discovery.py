"""Which files there are, and which of them matter."""

from __future__ import annotations

import itertools
import os
import re
import stat
from typing import Container, NamedTuple, Sequence

from rehandle_codemods.files import git
from rehandle_codemods.files.paths import git_root
from rehandle_codemods.files.patterns import matches
from rehandle_codemods.options import DEFAULTS, Options

NOTEBOOKS = (".ipynb",)
PAGES = (".md", ".markdown", ".rst")
SUFFIXES = (".py", ".pyi", ".pyw", *NOTEBOOKS)
_OTHERS = re.compile(
    r"""(?: \.(?: toml | ya?ml | cfg | env | sh | bash) | (?:^|[/\\.]) Dockerfile [\w.-]* | (?:^|[/\\])\.env[\w.-]*
        | (?:^|[/\\])setup\.py | (?:^|[/\\])(?:Pipfile|Makefile|Jenkinsfile)
        | (?:requirements|constraints)[^.]*\.(?:txt|in) )$""",
    re.VERBOSE | re.IGNORECASE,
)
REPOSITORIES = frozenset([".git", ".hg", ".svn"])
PRUNED = REPOSITORIES.union(
    [
        ".tox",
        ".nox",
        ".venv",
        "venv",
        ".env",
        "node_modules",
        "__pycache__",
        ".mypy_cache",
        ".pytest_cache",
        ".ruff_cache",
        ".ipynb_checkpoints",
        "build",
        "dist",
        "site-packages",
        ".eggs",
    ]
)


# Not unmerged, not outside of a sparse checkout, and not to be taken for unchanged whatever it is.
_AS_IT_IS = "H"
_WHY_NOT = {
    False: "doesn't exist. Check the spelling and the working directory",
    True: "isn't a regular file. Give a folder or a file with Python code",
}
_NOTHING = {
    False: "has no Python files. Give a folder or a file with Python code",
    True: "has no Python files that git doesn't ignore. Give another folder, a file, or --no-respect-gitignore",
}


class Selection(NamedTuple):
    """The files of a run, by paths without symbolic links.

    Attributes:
        chosen: the files that may change, in order.
        around: the other files of the same repositories: read for their names, never changed.
        refused: paths that give no file, each with the reason and what to do.
        links: the symbolic links among the files, each with the file that it leads to.
        outside: those among what was asked for that lead out of the given paths; such a file is in `around`.
        indexed: folders, each with the files below it that git has in its index as they are.
        walked: folders outside of git work trees, each with the files below it.
        others: the files below the given paths that may set or pin something for the code.
        whole: whether the repositories were looked at.
        unlisted: the folders in git work trees of which git couldn't list the files: what it ignores isn't left out.
        src: the folders that the configurations of all these files say modules are imported from.
    """

    chosen: list[str]
    around: list[str]
    refused: list[tuple[str, str]]
    links: dict[str, str]
    outside: list[str]
    indexed: dict[str, frozenset[str]]
    walked: dict[str, frozenset[str]]
    others: list[str]
    whole: bool
    unlisted: list[str]
    src: list[str]


class Files(NamedTuple):
    """What is below a folder.

    Attributes:
        plain: the Python files.
        links: the symbolic links that are named like one.
        closed: the folders and files that can't be reached, each with the reason and what to do.
        indexed: the Python files that git has in its index as they are.
        others: the files that may set or pin something for the code, if they are wanted.
        by_git: whether git listed them.
        pruned: whether they are all but those in `PRUNED` folders.
    """

    plain: list[str]
    links: list[str]
    closed: list[tuple[str, str]]
    indexed: list[str]
    others: list[str]
    by_git: bool
    pruned: bool


def select(
    paths: Sequence[str], options: Options = DEFAULTS, given: Container[str] = (), *, surroundings: bool = True
) -> Selection:
    """Find the Python files under some paths, and those of the repositories round them.

    Args:
        paths: files and folders. A file that is named is taken whatever it is called.
        options: the choices of the run: what is left out.
        given: files, without symbolic links, that needn't exist: what they hold is known.
        surroundings: whether the repositories are looked at, too.

    Returns:
        The files; a path that doesn't exist, and a folder without Python files, are in `refused`.
    """
    asked_for = [os.path.realpath(path) for path in paths]
    chosen: dict[str, None] = {}
    unnamed: set[str] = set()
    around: dict[str, None] = {}
    links: dict[str, bool] = {}  # whether it is below the given paths
    refused: dict[tuple[str, str], None] = {}
    indexed: dict[str, frozenset[str]] = {}
    walked: dict[str, frozenset[str]] = {}
    others: dict[str, None] = {}
    unlisted: dict[str, None] = {}
    roots: dict[str, None] = {}
    folders: dict[str, None] = {}
    for path, real in zip(paths, asked_for):
        if os.path.isdir(real):
            below = files_below(real, options)
            root = git_root(real)
            if root and not below.by_git and options.respect_gitignore:
                unlisted[path] = None
            if not (below.plain or below.links or below.closed):
                refused[path, _NOTHING[below.by_git]] = None
                continue
            chosen.update(dict.fromkeys(below.plain))
            unnamed.update(below.plain)
            links.update(dict.fromkeys(below.links, True))
            refused.update(dict.fromkeys(below.closed))
            others.update(dict.fromkeys(below.others))
            indexed[real] = frozenset(below.indexed)
            if below.pruned:
                walked[real] = frozenset(below.plain)
        elif os.path.isfile(real) or real in given:
            chosen[real] = None
            folder = os.path.dirname(real)
            root = git_root(folder)
            if not root:
                folders[folder] = None
        else:
            refused[path, _WHY_NOT[os.path.exists(path)]] = None
            continue
        if root and root != real:
            roots[root] = None
    for root in roots if surroundings else ():
        files = files_below(root, options)
        around.update(dict.fromkeys(files.plain))
        indexed[root] = frozenset(files.indexed)
        links = {**dict.fromkeys(files.links, False), **links}
    for folder in folders if surroundings else ():
        around.update(dict.fromkeys(_neighbours(folder)))
    # A link that leads nowhere, in a circle or to a folder isn't a file.
    targets = {link: os.path.realpath(link) for link in links if os.path.isfile(link)}
    outside = []
    for link, target in targets.items():
        asked = links[link] and not matches(options.of(link).excluded, link)
        inside = any(target == top or target.startswith(os.path.join(top, "")) for top in asked_for)
        (chosen if asked and inside else around).setdefault(target)
        if asked and not inside:
            outside.append(link)
    # Most have nothing left out: the folders are asked, of which there are fewer.
    folders_of = dict.fromkeys(map(os.path.dirname, itertools.chain(chosen, around)))
    every = {folder: options.inside(folder) for folder in folders_of}
    for path in list(chosen) if any(own.excluded for own in every.values()) else ():
        own = options.of(path)
        if own.excluded and (own.force_exclude or path in unnamed) and matches(own.excluded, path):
            # What it does with names of the files that change still counts.
            around[path] = chosen.pop(path)
    further = [path for path in around if path not in chosen]
    whole = surroundings or not (roots or folders)
    plain = [path for path in others if not matches(options.of(path).excluded, path)]
    src = dict.fromkeys(source for own in dict.fromkeys(every.values()) for source in own.src)
    return Selection(
        list(chosen), further, list(refused), targets, outside, indexed, walked, plain, whole, list(unlisted), list(src)
    )


def files_below(folder: str, options: Options = DEFAULTS) -> Files:
    """The Python files below a folder: those git knows or would add where it can tell, else all but pruned ones."""
    if options.respect_gitignore and git_root(folder):
        listed = _git_files(folder, options)
        if listed is not None:
            return listed
    return _walk(folder, options)


def _git_files(folder: str, options: Options) -> Files | None:
    listed = git.output(folder, "ls-files", "-z", "-v", "--cached", "--others", "--exclude-standard", "--", ".")
    if listed is None:
        return None
    files = Files([], [], [], [], [], by_git=True, pruned=False)
    top = os.path.join(folder, "")
    for name, tag in sorted({entry[2:]: entry[0] for entry in os.fsdecode(listed).split("\0") if entry}.items()):
        path = top + name
        if options.other_api and _is_other(name) and os.path.isfile(path):
            files.others.append(path)
        if name.endswith(SUFFIXES) or (name.endswith(PAGES) and options.of(path).docs):
            try:
                mode = os.lstat(path).st_mode
            except FileNotFoundError:  # deleted, which git isn't told yet
                continue
            except OSError as error:
                files.closed.append((path, _closed("read", error)))
                continue
            if stat.S_ISREG(mode):
                files.plain.append(path)
                if tag == _AS_IT_IS:
                    files.indexed.append(path)
            elif stat.S_ISLNK(mode):
                files.links.append(path)
    return files


def _walk(folder: str, options: Options = DEFAULTS) -> Files:
    files = Files([], [], [], [], [], by_git=False, pruned=True)
    usual = True
    stack = [folder]
    while stack:
        current = stack.pop()
        own = options.inside(current)
        suffixes = (*SUFFIXES, *PAGES) if own.docs else SUFFIXES
        pruned = PRUNED if own.exclude is None else REPOSITORIES
        usual = usual and pruned is PRUNED
        try:
            with os.scandir(current) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in pruned and not entry.name.endswith(".egg-info"):
                            stack.append(entry.path)
                        continue
                    if options.other_api and _is_other(entry.path) and entry.is_file(follow_symlinks=False):
                        files.others.append(entry.path)
                    if entry.name.endswith(suffixes):
                        if entry.is_file(follow_symlinks=False):
                            files.plain.append(entry.path)
                        elif entry.is_symlink():
                            files.links.append(entry.path)
        except OSError as error:
            files.closed.append((current, _closed("listed", error)))
    files.plain.sort()
    return files._replace(pruned=usual)


def _is_other(path: str) -> bool:
    """Whether a file may set or pin something for the code; most are soon told by the end of their names."""
    return (not path.endswith(SUFFIXES) or path.endswith("setup.py")) and _OTHERS.search(path) is not None


def _closed(what: str, error: OSError) -> str:
    return f"can't be {what}: {error.strerror or error}. Check its permissions, or leave it out"


def _neighbours(folder: str) -> list[str]:
    top = folder
    while os.path.exists(os.path.join(top, "__init__.py")):
        top = os.path.dirname(top)
    if top != folder:
        inside = folder
        while os.path.dirname(inside) != top:
            inside = os.path.dirname(inside)
        return _walk(inside).plain
    try:
        with os.scandir(folder) as entries:
            return sorted(e.path for e in entries if e.name.endswith(SUFFIXES) and e.is_file(follow_symlinks=False))
    except OSError:
        return []


def is_python(path: str) -> bool:
    """Whether a file can be imported, or is taken for Python because it has no suffix that says otherwise."""
    return not path.endswith((*NOTEBOOKS, *PAGES))
