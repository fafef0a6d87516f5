"""``result=`` and ``target=`` where Prefect has ``result_handler=`` alone, or ignores ``result=`` (0.6 to 0.10).

What Prefect stores and reads is ``.result_handler``. ``.result`` is computed from it: a Result that was given is in a
``ResultAdapter`` there, and a handler is shown as the Result that it converts to.
"""

import functools
import importlib
import inspect
import sys
import warnings
from types import FrameType
from typing import Any, Callable, Dict, Optional, Tuple

from rehandle.conversion import is_handler, is_result, shown_type, to_result
from rehandle.shim import deprecation
from rehandle.shim.generations.accept_result_handler import (
    is_uncalled,
    refuse_for_secret,
    shown,
    with_parameters,
)
from rehandle.shim.generations.importlib_bootstrap import Arguments, with_arguments
from rehandle.shim.generations.result_as_handler import ResultAdapter, located
from rehandle.shim.patches import Patches

_PREVIEW = "prefect.engine.results."

# Where a task keeps its target: its own attribute of that name is another one.
_TARGET = "_target"


def take_results(patches: Patches, task: Any, flow: Any, storage: Any) -> None:
    """Make classes take ``result=`` and have ``.result``, and tasks ``target=``.

    Args:
        patches: records each change.
        task: Prefect's ``Task``.
        flow: Prefect's ``Flow``.
        storage: the module with Prefect's storage classes.
    """
    patches.set_attribute(task, "__init__", _task_init(task.__init__))
    patches.set_attribute(task, "copy", _copying(task.copy))
    patches.set_attribute(task, "target", TargetAttribute())
    # Until 0.9.0 False is also what a task has that nobody said anything about.
    defaults = importlib.import_module("prefect").config.tasks.defaults
    patches.set_attribute(task, "_checkpoint_may_be_unsaid", defaults.get("checkpoint") is False)
    patches.set_attribute(flow, "__init__", _taking_result(flow.__init__))
    # Its name until 0.7.
    name = "register" if hasattr(flow, "register") else "deploy"
    patches.set_attribute(flow, name, _registering(getattr(flow, name)))
    for cls in (storage.Storage, storage.Docker):
        patches.set_attribute(cls, "__init__", _taking_result(cls.__init__))
    for cls in (task, flow, storage.Storage):
        patches.set_attribute(cls, "result", ResultAttribute())
    runner = importlib.import_module("prefect.engine.task_runner").TaskRunner
    for cls in (task, flow, storage.Storage, runner):
        patches.set_attribute(cls, "result_handler", HandlerAttribute())


class HandlerAttribute:
    """``.result_handler`` of a task, flow, storage or runner: Prefect's, but a Result is in an adapter there."""

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'result_handler'")
        if "result_handler" not in vars(instance):
            raise AttributeError(f"{owner.__name__!r} object has no attribute 'result_handler'")
        return vars(instance)["result_handler"]

    def __set__(self, instance: Any, value: Any) -> None:
        if is_result(value) or _is_preview(value):
            value = adapted(f"{shown(instance)}.result_handler", value)
        vars(instance)["result_handler"] = value

    def __delete__(self, instance: Any) -> None:
        del vars(instance)["result_handler"]


class ResultAttribute:
    """``.result`` of a task, flow or storage: what its handler is as a Result.

    A value that is neither a Result nor a handler is the user's own affair: an old task may use the name for anything.
    """

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'result'")
        own = vars(instance).get("result")
        return to_result(getattr(instance, "result_handler", None)) if own is None else own

    def __set__(self, instance: Any, value: Any) -> None:
        if is_uncalled(value):
            raise TypeError(f"{shown(instance)}.result takes a Result, such as LocalResult(), not {shown_type(value)}")
        vars(instance).pop("result", None)
        if is_result(value) or is_handler(value):
            instance.result_handler = adapted(f"{shown(instance)}.result", value)
            if is_result(value):
                warn_if_unstored(instance)
        elif value is not None:
            vars(instance)["result"] = value
        elif isinstance(vars(instance).get("result_handler"), ResultAdapter):
            instance.result_handler = None

    def __delete__(self, instance: Any) -> None:
        vars(instance).pop("result", None)


class TargetAttribute:
    """``.target`` of a task: what ``Task(target=...)`` was given, or what was set when the task was made.

    An old task may use the name for anything. What a class has there, or a constructor sets, is the user's own affair.
    """

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            # As on the class of Prefect 1.4.1, whose instances have it.
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'target'")
        return vars(instance).get("target", target_of(instance))

    def __set__(self, instance: Any, value: Any) -> None:
        is_target = value is None or isinstance(value, str) or callable(value)
        if is_target and "target" not in vars(instance) and not _is_being_made(instance):
            vars(instance)[_TARGET] = value
        else:
            vars(instance)["target"] = value

    def __delete__(self, instance: Any) -> None:
        vars(instance).pop("target" if "target" in vars(instance) else _TARGET, None)


def target_of(task: Any) -> Any:
    """Give the target that Prefect is to look at: None if a task has none, whatever it has under that name itself.

    Args:
        task: the task.
    """
    return vars(task).get(_TARGET)


def _is_being_made(task: Any) -> bool:
    """Tell whether a constructor of a task is running, in this thread."""
    frame: Optional[FrameType] = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__init__" and code.co_argcount and frame.f_locals.get(code.co_varnames[0]) is task:
            return True
        frame = frame.f_back
    return False


def adapted(what: str, result: Any) -> Any:
    """Make the handler that Prefect is to use for a Result.

    Args:
        what: where it was given, such as ``Task(result=...)``.
        result: a Result. A handler is let through.

    Returns:
        The handler.

    Raises:
        TypeError: it is neither, or it is one of the preview classes of Prefect 0.10, which store nothing rightly.
    """
    if is_handler(result):
        return result
    if _is_preview(result):
        raise TypeError(
            f"{what} got the {type(result).__name__} that Prefect 0.10 has as a preview, which doesn't work: "
            "write `import rehandle.auto` before the import of prefect.engine.results"
        )
    if not is_result(result):
        raise TypeError(f"{what} takes a Result, such as LocalResult(), not {shown_type(result)}")
    return ResultAdapter(result)


def _is_preview(result: Any) -> bool:
    return any(cls.__module__.startswith(_PREVIEW) for cls in type(result).__mro__)


def warn_if_unstored(task: Any) -> None:
    """Warn, once, that a task's value isn't stored although it has a Result, because rehandle came after the task.

    Args:
        task: a task that got a Result, or anything else.

    Warns:
        UserWarning: the task has ``checkpoint=False``, which may be the default of Prefect 0.6 to 0.9.0.
    """
    if not getattr(task, "_checkpoint_may_be_unsaid", False) or getattr(task, "checkpoint", None) is not False:
        return
    task._checkpoint_may_be_unsaid = False
    warnings.warn(
        f"{task!r} has a Result, but its value isn't stored: it was made before `import rehandle.auto`, and there "
        "checkpoint=False is Prefect's default. Write `import rehandle.auto` first, or give the task checkpoint=True",
        stacklevel=3,
    )


def _taking_result(original: Callable[..., None]) -> Callable[..., None]:
    """Make a constructor that takes ``result=`` and puts it where Prefect looks for a handler."""
    names = list(inspect.signature(original).parameters)[1:]

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        args, kwargs = _named(names, args, kwargs)
        result = kwargs.pop("result", None)
        handler = None if result is None else adapted(f"{shown(self)}(result=...)", result)
        if handler is not None:
            refuse_for_secret(self, "result")
        original(self, *args, **kwargs)
        if handler is None:
            return
        if kwargs.get("result_handler") is None:
            # Not as an argument: Prefect 0.9 and 0.10.0 would call it deprecated.
            self.result_handler = handler
        else:
            deprecation.warn_both(shown(self))

    return _like(original, init, "result")


def _task_init(original: Callable[..., None]) -> Callable[..., None]:
    taking_result = _taking_result(original)
    names = list(inspect.signature(original).parameters)[1:]

    def init(self: Any, *args: Any, target: Any = None, **kwargs: Any) -> None:
        if not (target is None or isinstance(target, str) or callable(target)):
            raise TypeError(f"{shown(self)}(target=...) takes a text or a function, not {type(target).__name__}")
        taking_result(self, *args, **kwargs)
        given = {**dict(zip(names, args)), **kwargs}
        if self._checkpoint_may_be_unsaid:
            self._checkpoint_may_be_unsaid = False
            if given.get("checkpoint") is None and self.checkpoint is False:
                self.checkpoint = None
        if target is not None:
            vars(self)[_TARGET] = target
            _apply_target(self)

    return _like(taking_result, init, "target")


def _copying(original: Callable[..., Any]) -> Callable[..., Any]:
    def copy(self: Any, *args: Any, **task_args: Any) -> Any:
        new = original(self, *args, **task_args)
        _apply_target(new)
        return new

    return _like(original, copy)


def _apply_target(task: Any) -> None:
    """Make a target the location of the task's own Result, in a copy that no other task has."""
    handler, target = task.result_handler, target_of(task)
    if not target or not isinstance(handler, ResultAdapter):
        return
    if handler.result.location not in (None, "", target):
        warnings.warn(f"{task!r} has a target and its Result a location: the target is used.", stacklevel=3)
    task.result_handler = ResultAdapter(located(handler.result, target))


def _registering(original: Callable[..., Any]) -> Callable[..., Any]:
    """Give a flow the Result of its storage when it is registered. Prefect does that with handlers since 0.9."""

    def prepare(self: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Arguments:
        handler: Optional[Any] = getattr(self.storage, "result_handler", None)
        if self.result_handler is None and isinstance(handler, ResultAdapter):
            self.result_handler = handler
        return args, kwargs

    return with_arguments(original, prepare)


def _named(names: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Arguments:
    """Turn positional arguments into keywords where one of them is Prefect's own ``result``, which it ignores."""
    if "result" in names and len(args) > names.index("result"):
        return (), {**dict(zip(names, args)), **kwargs}
    return args, kwargs


def _like(original: Callable[..., Any], function: Callable[..., Any], *added: str) -> Callable[..., Any]:
    """Give a function the name, the documentation and the signature of another, with more keywords."""
    wrapper = functools.wraps(original)(function)
    wrapper.__signature__ = with_parameters(original, *added)  # type: ignore[attr-defined]
    return wrapper
