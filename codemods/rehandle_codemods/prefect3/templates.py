"""Templates for the names of stored results, as Prefect 3 says them."""

from __future__ import annotations

import ast
import string
from typing import Collection

from rehandle.errors import RehandleError
from rehandle.prefect_3_options import DATES, FIELDS, FORMATTED, REFUSED_FIELDS, storage_key
from rehandle_codemods.prefect3.stopped import StoppedError

_KNOWN = {*DATES, *FIELDS, *FORMATTED, *REFUSED_FIELDS, "parameters"}
_UNKNOWN = "a template names what Prefect 3 doesn't fill in"


def translated(node: ast.expr, option: str, inputs: Collection[str]) -> str:
    """The template of Prefect 3 that gives the names that one of 1.x gives.

    Args:
        node: where it is written.
        option: what it is given as.
        inputs: the parameters of the task, which 1.x fills in by their names.

    Raises:
        StoppedError: it isn't a plain string, or nothing in Prefect 3 gives what it names.
    """
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        raise StoppedError(node, "the name of a stored result is made when the code runs", "Write it as a string")
    try:
        key = storage_key(node.value, option)
    except RehandleError as error:
        raise StoppedError(node, _UNKNOWN, str(error).rstrip(".")) from None
    for _, field, _, _ in string.Formatter().parse(node.value):
        name = (field or "").partition(".")[0].partition("[")[0]
        if name and (name in inputs) == (name in _KNOWN):
            twice = "is an input, and something of Prefect's too, so give the input another name"
            advice = twice if name in inputs else "is no input of the task, so write the name of one"
            raise StoppedError(node, _UNKNOWN, f"{{{name}}} {advice}")
    return key
