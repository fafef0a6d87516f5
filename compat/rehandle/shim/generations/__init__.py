"""What is patched, one module per generation of Prefect. Each has ``apply(patches)``."""

from typing import NamedTuple

from rehandle.errors import PrefectUnsupportedError
from rehandle.prefect_release import INSTALL_ADVICE, Release


class Generation(NamedTuple):
    """Releases that are patched in the same way.

    Attributes:
        first: the first release.
        end: the first release after them.
        module: the module with ``apply``.
    """

    first: Release
    end: Release
    module: str


GENERATIONS = (
    Generation((0, 4, 1), (0, 6, 6), "rehandle.shim.generations.handlers_read_every_format"),
    Generation((0, 6, 6), (0, 11), "rehandle.shim.generations.prefect_0_6"),
    Generation((0, 11), (0, 14), "rehandle.shim.generations.prefect_0_11"),
    Generation((0, 14), (2,), "rehandle.shim.generations.prefect_0_14"),
)


def module_for(release: Release) -> str:
    """Tell which module patches a release of Prefect.

    Args:
        release: the release as numbers, such as ``(1, 4, 1)``.

    Returns:
        The module's name.

    Raises:
        PrefectUnsupportedError: rehandle doesn't adapt to that release.
    """
    for generation in GENERATIONS:
        if generation.first <= release < generation.end:
            return generation.module
    version = ".".join(map(str, release))
    raise PrefectUnsupportedError(
        f"rehandle's shim is for Prefect 0.4.1 to 1.4, and the installed one is {version}. "
        f"Flows with result handlers don't run there; {INSTALL_ADVICE}."
    )
