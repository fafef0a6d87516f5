"""The ``rehandle`` command. What isn't the runtime's is in the ``codemods`` extra."""

import os
import sys
from typing import List, Optional, Sequence

from rehandle import __version__
from rehandle.commands import COMMANDS

EPILOG = """\
examples:
  rehandle run flow.py
  rehandle check flows/
  rehandle migrate --diff flows/ | git apply
  rehandle explain RH105

`rehandle COMMAND --help` tells more. check, migrate and explain come with the extra:
  pip install 'rehandle[codemods]'

In bash this completes commands and options; zsh and fish alike:
  eval "$(_REHANDLE_COMPLETE=bash_source rehandle)"
"""

CODEMOD_COMMANDS = {
    "check": "list every use of result handlers, and what would become of it",
    "migrate": "rewrite result handlers into Results",
    "explain": "print what a rule does",
}
CODEMOD_PACKAGES = ("click", "libcst", "pathspec", "rich")
LIST_RULES = "--list-rules"


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Run the ``rehandle`` command.

    Args:
        argv: the arguments without the program's name; those of the process if missing.

    Returns:
        The exit code: 0 for success, 1 for something left to do, 2 for an error.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in COMMANDS:
        return COMMANDS[arguments[0]].run(arguments[1:])
    if "_REHANDLE_COMPLETE" in os.environ or (arguments and arguments[0] in (*CODEMOD_COMMANDS, LIST_RULES)):
        return _codemods(arguments)
    from rehandle.command_line import CommandsParser

    parser = CommandsParser(
        "rehandle",
        "rehandle [-V] [--list-rules] COMMAND ...",
        "Move Prefect flows from result handlers to Results.",
        {**{name: command.summary for name, command in COMMANDS.items()}, **CODEMOD_COMMANDS},
        EPILOG,
    )
    parser.add_argument("-V", "--version", action="version", version=f"rehandle {__version__}")
    parser.add_argument(LIST_RULES, action="store_true", help="print the rules of check and migrate and exit")
    return parser.refuse(arguments)


def _codemods(arguments: List[str]) -> int:
    wanted = f"`{arguments[0]}`" if arguments else "completion"
    if sys.version_info < (3, 10):
        version = ".".join(map(str, sys.version_info[:2]))
        return _error(f"{wanted} needs Python 3.10 or later, and this is {version}")
    import atexit
    import gc
    from importlib.util import find_spec

    try:
        here = os.getcwd()
    except OSError as error:
        return _error(f"the working directory can't be used: {error.strerror}. Change to another one")
    # `python -m rehandle` puts the working directory first: its code is to be read, not run.
    if sys.path and sys.path[0] in ("", here):
        del sys.path[0]
    # Looked for before anything needs them: libcst is imported late, and Prefect brings click without the others.
    missing = [name for name in CODEMOD_PACKAGES if find_spec(name) is None]
    if missing:
        names = " and ".join(missing)
        return _error(f"{wanted} needs {names}, not installed here: pip install 'rehandle[codemods]'")
    # A short run leaves little garbage in circles: looking for it, at the end as well, costs more than it frees.
    gc.disable()
    atexit.register(gc.freeze)
    from rehandle_codemods.cli.commands import main as codemods_main

    return codemods_main(arguments)


def _error(message: str) -> int:
    print(f"rehandle: error: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
