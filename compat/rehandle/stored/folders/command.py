"""``rehandle results``: what lies in a folder or bucket, and copies of it that Prefect 3 reads."""

import argparse
from typing import Sequence

from rehandle.stored.folders import adopt, convert, ls
from rehandle.stored.terminal import Parser, run

DESCRIPTION = "Look at many stored results, wherever they lie. Nothing is unpickled, and nothing is changed in place."

_COMMANDS = {
    "ls": (ls, "say what lies in a folder or bucket"),
    "convert": (convert, "make copies that Prefect 3 reads"),
    "adopt": (adopt, "make copies in a block of Prefect 3"),
}


def main(arguments: Sequence[str]) -> int:
    """Run ``rehandle results``.

    Args:
        arguments: those after ``results``.

    Returns:
        The exit code: 0 for success, 1 if something failed, which is named, 2 for an error, 130 after Ctrl-C.
    """
    parser = Parser(prog="rehandle results", description=DESCRIPTION)
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for name, (module, summary) in _COMMANDS.items():
        command = commands.add_parser(
            name,
            help=summary,
            description=module.DESCRIPTION,
            epilog=module.EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add_arguments(command)
        command.set_defaults(main=module.main)
    return run(parser, arguments, lambda options: options.main(options))
