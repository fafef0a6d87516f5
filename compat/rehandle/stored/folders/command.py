"""``rehandle results``: what lies in a folder or bucket, and copies of it that Prefect 3 reads."""

from typing import Sequence

from rehandle.command_line import CommandsParser, Parser
from rehandle.stored.folders import adopt, convert, ls
from rehandle.stored.terminal import run

DESCRIPTION = "Look at many stored results, wherever they lie. Nothing is unpickled, and nothing is changed in place."

EPILOG = """\
examples:
  rehandle results ls --recursive s3://bucket/flows
  rehandle results convert /srv/results /srv/results-3

`rehandle results COMMAND --help` tells more.
"""

COMMANDS = {
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
    if not arguments or arguments[0] not in COMMANDS:
        summaries = {name: summary for name, (_, summary) in COMMANDS.items()}
        usage = "rehandle results COMMAND ..."
        return CommandsParser("rehandle results", usage, DESCRIPTION, summaries, EPILOG).refuse(arguments)
    module, _ = COMMANDS[arguments[0]]
    parser = Parser(f"rehandle results {arguments[0]}", module.DESCRIPTION, module.EPILOG)
    module.add_arguments(parser)
    return run(parser, arguments[1:], module.main)
