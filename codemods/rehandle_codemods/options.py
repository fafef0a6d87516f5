"""What a run may be told about the rewrite."""

from __future__ import annotations

from typing import NamedTuple


class Options(NamedTuple):
    """The choices of a run.

    Attributes:
        keep_names: classes that become Results keep a name that ends in `Handler`.
    """

    keep_names: bool = False


DEFAULTS = Options()
