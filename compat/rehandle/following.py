"""Which handlers a Result of Prefect's own can stand in for, and how it follows them.

A handler of a built-in class becomes such a Result only if it certainly is what its class makes of its arguments. What
is asked of a handler for that is asked past the user's code: no property and no ``__getattr__`` runs.

A handler may change after it was handed over, and Prefect 0.10 looks at it when a run begins. A Result can't see that.
So it is remembered here which handler a Result was made of, in this process alone: the Result and its pickles are
Prefect's own and have no trace of it. Before Prefect uses or pickles the Result of a task or flow, the shim brings it
up to date.
"""

import functools
import os
import weakref
from typing import Any, Dict, FrozenSet, List, NamedTuple, Optional, Tuple

from rehandle import handlers, prefect_release, results
from rehandle.handlers.cloud import CLIENTS
from rehandle.mapping import HANDLERS, HandlerMapping, relative_parameters
from rehandle.results.of_handler import Arguments, handler_arguments, result_for

_BUILT_IN = {getattr(handlers, name): row for name, row in HANDLERS.items()}

# What Python puts into a class, and what says nothing about how a handler reads and writes.
_HARMLESS = frozenset(
    f"__{name}__"
    for name in (
        *("init", "new", "post_init", "init_subclass", "class_getitem", "repr", "str", "eq", "ne", "lt", "le", "gt"),
        *("ge", "hash", "doc", "module", "qualname", "dict", "weakref", "annotations", "annotate", "annotate_func"),
        *("annotations_cache", "firstlineno", "type_params", "static_attributes", "parameters", "orig_bases"),
        *("abstractmethods", "match_args", "replace", "dataclass_fields", "dataclass_params"),
        *("attrs_attrs", "attrs_props", "attrs_post_init", "attrs_own_setattr"),
    )
)

# For a class what its methods were when they were last found to be Prefect's or rehandle's.
_trusted: Dict[type, List[Any]] = {}


class BuiltIn(NamedTuple):
    """What a class has of a built-in handler's.

    Attributes:
        row: the built-in handler's row in the table.
        classes: the class and its bases, up to the built-in one.
        methods: the names of the built-in class's methods and properties.
    """

    row: HandlerMapping
    classes: Tuple[type, ...]
    methods: FrozenSet[str]


@functools.lru_cache(maxsize=1024)
def built_in_of(cls: Any) -> Optional[BuiltIn]:
    """Find the built-in handler that decides what a class does.

    Args:
        cls: the class.

    Returns:
        What it has of it; None if there is no such handler, or the class has a say of its own.
    """
    if issubclass(cls, (results.Result, *prefect_release.result_classes())):
        return None
    for number, base in enumerate(cls.__mro__):
        if base not in _BUILT_IN or base is handlers.ResultHandler:
            continue
        row = _BUILT_IN[base]
        kept = {p.name for p in row.parameters if p.kept}
        decisive = {*dir(base), *kept, *CLIENTS, "logger"}
        own = {name for each in cls.__mro__[:number] for name in vars(each)}
        if any(name not in _HARMLESS if _is_special(name) else name in decisive for name in own):
            return None
        methods = {name for name in dir(base) if not _is_special(name)} - kept - {"_compared"}
        return BuiltIn(row, cls.__mro__[: number + 1], frozenset(methods))
    return None


class _Link:
    """What a Result was made of.

    Args:
        result: the Result. It is held weakly.
        handler: the handler.
        built_in: what the handler's class has of a built-in one.
        arguments: the arguments that the Result has; None if it is a ``ResultHandlerResult``.
        made: the attributes that the Result had when it was made.
    """

    __slots__ = ("arguments", "built_in", "handler", "made", "result")

    def __init__(
        self,
        result: Any,
        handler: Any,
        built_in: BuiltIn,
        arguments: Optional[Arguments],
        made: Dict[str, Any],
    ) -> None:
        self.result = weakref.ref(result, functools.partial(_forget, id(result)))
        self.handler = handler
        self.built_in = built_in
        self.arguments = arguments
        self.made = made


# By the identity of the Result: Results can't be hashed.
_links: Dict[int, _Link] = {}


def _forget(identity: int, reference: Any) -> None:
    _links.pop(identity, None)


def followed_result(handler: Any, built_in: BuiltIn) -> Any:
    """Make the Result for a handler, and remember that.

    Args:
        handler: the handler.
        built_in: what its class has of a built-in one.

    Returns:
        The Result.

    Raises:
        RehandleError: ``REHANDLE_WRITE_FORMAT`` has a value that it can't have.
    """
    arguments = _arguments(handler, built_in)
    result = _result(handler, built_in, arguments)
    _links[id(result)] = _Link(result, handler, built_in, arguments, dict(vars(result)))
    return result


def follow(result: Any, handler: Any, built_in: BuiltIn, arguments: Arguments) -> None:
    """Remember of a Result that came in a pickle what handler it was made of.

    Args:
        result: the Result.
        handler: the handler, which may have changed since.
        built_in: what its class has of a built-in one.
        arguments: the handler's arguments in the pickle, which the Result has.
    """
    row = built_in.row
    # All else in the Result may have been set in itself.
    names = vars(result).keys() & {p.result_name or p.name for p in row.parameters}
    made = {name: vars(result)[name] for name in names}
    _links[id(result)] = _Link(result, handler, built_in, arguments, made)


def follow_in_copy(result: Any, new: Any) -> None:
    """Remember that a copy of a Result was made of the same handler.

    Args:
        result: the Result.
        new: the copy.
    """
    link = _links.get(id(result))
    if link is not None:
        _links[id(new)] = _Link(new, link.handler, link.built_in, link.arguments, link.made)


def handler_of(result: Any) -> Any:
    """Give the handler that a Result was made of in this process, or None.

    Args:
        result: a Result, or anything else.
    """
    link = _links.get(id(result))
    return None if link is None else link.handler


def bring_up_to_date(result: Any, pickled: bool = False) -> None:
    """Make a Result what it would be if its handler were converted now. What was set in the Result itself stays.

    Args:
        result: a Result, or anything else.
        pickled: whether it is going to be pickled. No client survives that, nor does it matter then what folders are
            here. Otherwise a handler whose folder is missing stays one: it fails, and a Result would make the folder.
    """
    link = _links.get(id(result))
    if link is None:
        return
    arguments = _arguments(link.handler, link.built_in, pickled)
    if arguments is not None and not pickled and _has_no_folder(link.built_in.row, arguments):
        arguments = None
    if _are_equal(arguments, link.arguments):
        return
    new = _result(link.handler, link.built_in, arguments)
    missing = object()
    own = {name: value for name, value in vars(result).items() if link.made.get(name, missing) is not value}
    link.arguments, link.made = arguments, dict(vars(new))
    # Not another object in its place: others may have this one. At once, because another thread may read from it.
    result.__class__, result.__dict__ = type(new), {**vars(new), **own}


def _result(handler: Any, built_in: BuiltIn, arguments: Optional[Arguments]) -> Any:
    return results.ResultHandlerResult(handler) if arguments is None else result_for(arguments, built_in.row)


def _has_no_folder(row: HandlerMapping, arguments: Arguments) -> bool:
    return not all(os.path.isdir(arguments[p.name]) for p in row.parameters if p.relative_trap)


def _are_equal(one: Optional[Arguments], other: Optional[Arguments]) -> bool:
    if one is None or other is None:
        return one is other
    # Not by == alone: a constant may be an array, which compares item by item.
    return one.keys() == other.keys() and all(
        one[name] is other[name] or (isinstance(one[name], (str, dict)) and one[name] == other[name]) for name in one
    )


def _arguments(handler: Any, built_in: BuiltIn, pickled: bool = False) -> Optional[Arguments]:
    """Give a handler's arguments as they are now: None if the handler isn't certainly what its class makes of them."""
    attributes = vars(handler)
    if type(handler).__mro__[: len(built_in.classes)] != built_in.classes:
        # It was given another class since, or its class other bases.
        return None
    # Without a logger it hasn't been through its constructor, and fails when it reads or writes.
    if not attributes.keys().isdisjoint(built_in.methods) or "logger" not in attributes:
        return None
    found = [vars(each).get(name) for each in built_in.classes for name in built_in.methods]
    if found != _trusted.get(type(handler)):
        if not all(map(_is_original, found)):
            return None
        _trusted[type(handler)] = found
    row = built_in.row
    if row.in_cloud and not pickled and any(attributes.get(name) is not None for name in CLIENTS):
        return None
    if relative_parameters(row, attributes):
        return None
    return handler_arguments(attributes, row)


def _is_original(attribute: Any) -> bool:
    """Tell whether a method or property is Prefect's or rehandle's: somebody may have put another one into a class."""
    function = getattr(attribute, "fget", attribute)
    home = getattr(function, "__globals__", {}).get("__name__", "") or type(function).__module__
    return attribute is None or home.startswith(("prefect.", "rehandle."))


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")
