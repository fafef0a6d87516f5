"""A wrapper that warnings pass over, so that they point where they did before the function was wrapped.

``warnings.warn(..., stacklevel=2)`` doesn't count the import system's frames. It knows them by the name of their file,
which has ``importlib`` and ``_bootstrap`` in it: hence the name of this one.
"""

import functools
from typing import Any, Callable, ContextManager, Dict, Tuple

Arguments = Tuple[Tuple[Any, ...], Dict[str, Any]]


def with_arguments(original: Callable[..., Any], prepare: Callable[..., Arguments]) -> Callable[..., Any]:
    """Wrap a method so that its arguments are changed first.

    Args:
        original: the method.
        prepare: takes the instance, the positional arguments and the keywords, and returns the latter two.

    Returns:
        The wrapper.
    """

    @functools.wraps(original)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        args, kwargs = prepare(self, args, kwargs)
        return original(self, *args, **kwargs)

    return wrapper


def within(original: Callable[..., Any], context: Callable[[Any], ContextManager[Any]]) -> Callable[..., Any]:
    """Wrap a method so that it runs in a context.

    Args:
        original: the method.
        context: takes the instance, and returns the context.

    Returns:
        The wrapper.
    """

    # Nothing here has a name that a keyword could have.
    @functools.wraps(original)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with context(args[0]):
            return original(*args, **kwargs)

    return wrapper
