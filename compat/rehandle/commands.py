"""The commands of ``rehandle`` that need no more than the runtime; the others are in the codemods."""

import importlib
from typing import List, NamedTuple


class Command(NamedTuple):
    """A command.

    Attributes:
        module: the module whose ``main`` takes the arguments and returns the exit code.
        summary: what it does.
    """

    module: str
    summary: str

    def run(self, arguments: List[str]) -> int:
        """Run it.

        Args:
            arguments: those after the command's name.

        Returns:
            The exit code.
        """
        code: int = importlib.import_module(self.module).main(arguments)
        return code


COMMANDS = {
    "run": Command("rehandle.shim.run", "run a flow that uses result handlers, unchanged, on Prefect 0.11 to 1.4"),
    "show": Command("rehandle.stored.show", "say what a stored result is, without unpickling it, or print its value"),
    "sign": Command("rehandle.stored.sign", "sign stored results anew after they were moved"),
    "results": Command(
        "rehandle.stored.folders.command", "say what lies in a folder or bucket, and copy it for Prefect 3"
    ),
}
