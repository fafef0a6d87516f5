"""Methods whose parameters have names that a task's inputs and a flow's parameters may have, too.

Prefect calls ``write`` and ``exists`` with all of them as keywords, for templates.
"""

import functools
import inspect
from typing import Any, Callable, TypeVar, cast

MethodT = TypeVar("MethodT", bound=Callable[..., Any])


def beside_any_input(method: MethodT) -> MethodT:
    """Make a method that a keyword may be given to which has the name of an argument that is given by position.

    A template can't use that keyword, as in all releases of Prefect.

    Args:
        method: the method, as a function.
    """
    names = list(inspect.signature(method).parameters)

    @functools.wraps(method)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        for name in names[: len(args)]:
            kwargs.pop(name, None)
        return method(*args, **kwargs)

    return cast(MethodT, wrapper)
