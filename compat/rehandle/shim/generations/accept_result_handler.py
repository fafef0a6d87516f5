"""``result_handler=`` where Prefect takes ``result=``: for tasks, flows, storages and runners of 0.11 to 1.4."""

import functools
import importlib
import inspect
import warnings
from typing import Any, Callable, Dict, Tuple

from rehandle import handlers, pickled_handlers, results
from rehandle.conversion import has_method, is_handler, is_result, shown_type, to_handler, to_result
from rehandle.following import bring_up_to_date, follow_in_copy
from rehandle.mapping import LEGACY_POSITIONS, RESULT_BASE_MODULE
from rehandle.shim import deprecation, recording
from rehandle.shim.generations.importlib_bootstrap import Arguments, with_arguments
from rehandle.shim.patches import Patches


def take_handlers(patches: Patches, task: Any, *others: Any) -> None:
    """Make classes take ``result_handler=`` and have ``.result_handler``, with ``.result`` as the truth.

    Args:
        patches: records each change.
        task: Prefect's ``Task``, which also takes the keyword when a task is called or mapped.
        others: ``Flow`` and ``Storage``.
    """
    for cls in (task, *others):
        patches.set_attribute(cls, "__init__", _taking_handler(cls))
        patches.set_attribute(cls, "result_handler", HandlerAttribute())
        patches.set_attribute(cls, "result", ResultAttribute(for_anything=cls is task))
        patches.set_attribute(cls, "__reduce_ex__", _up_to_date_pickle)
        patches.set_attribute(cls, "__copy__", _shallow_copy)
    for name in ("__call__", "map"):
        patches.set_attribute(task, name, _taking_handler_at_call(getattr(task, name)))
    result = importlib.import_module(RESULT_BASE_MODULE).Result
    patches.set_attribute(result, "copy", _followed_copy(result.copy))


def _up_to_date_pickle(self: Any, protocol: Any) -> Any:
    result = vars(self).get("result")
    bring_up_to_date(result, pickled=True)
    reduced: Any = object.__reduce_ex__(self, protocol)
    if type(reduced) is not tuple or len(reduced) < 3:
        return reduced
    make, arguments, state, *rest = reduced
    return (make, arguments, pickled_handlers.with_handler(state, result), *rest)


def _shallow_copy(self: Any) -> Any:
    """What ``copy.copy`` does without this: the copy shares the Result, which needs nothing beside it here."""
    reduced: Any = object.__reduce_ex__(self, 4)
    if type(reduced) is not tuple:
        return self
    make, arguments, *rest = reduced
    new, state = make(*arguments), rest[0] if rest else None
    if state is not None and hasattr(new, "__setstate__"):
        new.__setstate__(state)
    elif state is not None:
        attributes, slots = state if type(state) is tuple else (state, {})
        vars(new).update(attributes or {})
        for name, value in slots.items():
            setattr(new, name, value)
    return new


def _followed_copy(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def copy(self: Any) -> Any:
        new = original(self)
        follow_in_copy(self, new)
        return new

    return copy


class FollowedResult:
    """``.result`` of a task runner: the Result that it uses, brought up to date with the handler it was made of."""

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'result'")
        attributes = vars(instance)
        if "result_handler" in attributes:
            _adopt(instance, attributes["result_handler"])
        if "result" not in attributes:
            raise AttributeError(f"{owner.__name__!r} object has no attribute 'result'")
        if pickled_handlers.ATTRIBUTE in attributes:
            pickled_handlers.unpack(attributes, asked=False)
        bring_up_to_date(attributes["result"])
        return attributes["result"]

    def __set__(self, instance: Any, value: Any) -> None:
        vars(instance)["result"] = value

    def __delete__(self, instance: Any) -> None:
        vars(instance).pop("result", None)


class ResultAttribute(FollowedResult):
    """``.result`` of a flow, storage or task, which may be set to a handler.

    Args:
        for_anything: whether it may be something else. An old task may use the name for anything.
    """

    def __init__(self, for_anything: bool) -> None:
        self._for_anything = for_anything

    def __set__(self, instance: Any, value: Any) -> None:
        what = f"{type(instance).__name__}.result"
        if is_handler_for_result(value):
            value = converted(what, value)
        elif not _is_for_engine(value):
            message = f"{what} takes a Result, such as LocalResult(), or a result handler, and got {shown_type(value)}"
            if not self._for_anything or is_uncalled(value):
                raise TypeError(message)
            warnings.warn(f"{message}: nothing is stored with it", stacklevel=2)
        vars(instance).pop(pickled_handlers.ATTRIBUTE, None)
        vars(instance)["result"] = value


def is_uncalled(x: Any) -> bool:
    """Tell whether something is the class of a Result or a handler, where one of its instances is meant.

    Args:
        x: anything.
    """
    return isinstance(x, type) and has_method(x, "write")


def _is_for_engine(result: Any) -> bool:
    """Tell whether Prefect's engine can use something as a Result: one of no base class too."""
    return result is None or is_result(result) or (has_method(result, "write") and not is_uncalled(result))


class HandlerAttribute:
    """``.result_handler`` of a task, flow or storage: the handler that it was given, or its ``result`` as a handler.

    It exists on instances alone, so ``hasattr(Task, "result_handler")`` stays False. A value that is no handler is
    the user's own affair: it is kept and given back untouched. A handler that is set before Prefect's constructor has
    run is forgotten then, as on every release of Prefect.
    """

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            raise AttributeError(f"type object {owner.__name__!r} has no attribute 'result_handler'")
        if "result_handler" in vars(instance):
            return vars(instance)["result_handler"]
        if pickled_handlers.ATTRIBUTE in vars(instance):
            pickled_handlers.unpack(vars(instance), asked=True)
        return to_handler(getattr(instance, "result", None))

    def __set__(self, instance: Any, value: Any) -> None:
        vars(instance).pop("result_handler", None)
        if hasattr(instance, "result") and (value is None or is_handler(value) or is_result(value)):
            instance.result = converted(f"{type(instance).__name__}.result_handler", value)
        else:
            vars(instance)["result_handler"] = value

    def __delete__(self, instance: Any) -> None:
        vars(instance).pop("result_handler", None)


def is_handler_for_result(x: Any) -> bool:
    """Tell whether something in a Result's place is a handler, and no Result of no base class.

    Args:
        x: anything.
    """
    return is_handler(x) and (isinstance(x, handlers.ResultHandler) or not has_method(x, "from_value"))


def _adopt(instance: Any, handler: Any) -> None:
    """Convert a handler that is in ``vars(instance)``, past the attribute that the shim has there."""
    known = to_handler(vars(instance).get("result"))
    if handler is None and known is not None:
        vars(instance)["result"] = None
    elif handler is not known and is_handler(handler) and "result" in vars(instance):
        vars(instance)["result"] = converted(f"{type(instance).__name__}.result_handler", handler)


def _adopt_computed_handler(instance: Any) -> None:
    """Convert the handler that a property of the user's class gives. Prefect 0.10 read it when a run began, as here."""
    if getattr(_static(type(instance), "result_handler"), "fset", None) is None:
        return
    handler = instance.result_handler
    if is_handler(handler) and handler is not to_handler(vars(instance).get("result")):
        instance.result = converted(f"{type(instance).__name__}.result_handler", handler)


def _static(cls: Any, name: str) -> Any:
    return next((vars(each)[name] for each in cls.__mro__ if name in vars(each)), None)


def converted(what: str, handler: Any) -> Any:
    """Convert a handler that the user's code hands over, warn about it and record it.

    Args:
        what: how it was handed over, such as ``Task(result_handler=...)``.
        handler: the handler; a Result and None are let through.

    Returns:
        The Result.

    Raises:
        TypeError: it is neither.
    """
    result = to_result(handler)
    if is_handler(handler):
        deprecation.warn(what, handler)
        recording.record(what, handler, result)
    return result


def _taking_handler(cls: Any) -> Callable[..., None]:
    """Make a constructor that takes ``result_handler=``, also at its old place among positional arguments."""
    original = cls.__init__

    def prepare(self: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Arguments:
        args, kwargs = _named_arguments(cls.__name__, args, kwargs)
        handler = kwargs.pop("result_handler", None)
        # What was set before is no longer there, as Prefect's constructor set another one.
        if is_handler(vars(self).get("result_handler")):
            del vars(self)["result_handler"]
        if handler is not None:
            refuse_for_secret(self, "result_handler")
            result = converted(f"{shown(self)}(result_handler=...)", handler)
            if kwargs.get("result") is not None:
                deprecation.warn_both(shown(self))
            kwargs["result"] = result
        elif is_handler_for_result(kwargs.get("result")):
            kwargs["result"] = converted(f"{shown(self)}(result=<a handler>)", kwargs["result"])
        _set_own_attribute(self, handler)
        return args, kwargs

    init = with_arguments(original, prepare)
    init.__signature__ = with_parameters(original, "result_handler")  # type: ignore[attr-defined]
    return init


def _set_own_attribute(instance: Any, handler: Any) -> None:
    """Set the attribute that a class of the user's own has in the place of the shim's, as Prefect's constructor did."""
    own = _static(type(instance), "result_handler")
    if isinstance(own, HandlerAttribute):
        return
    if getattr(own, "fset", None) is not None:
        instance.result_handler = handler
    elif handler is not None or own is None or is_handler(own):
        vars(instance)["result_handler"] = handler


def take_handlers_in_runners(patches: Patches, flow_runner: Any, *runners: Any) -> None:
    """Make task runners take ``result_handler=``, also as the third argument, and have ``.result_handler``.

    Args:
        patches: records each change.
        flow_runner: ``FlowRunner``, which only looks at its flow's handler.
        runners: ``TaskRunner`` and the subclasses that have a constructor of their own.
    """
    patches.set_attribute(flow_runner, "__init__", with_arguments(flow_runner.__init__, _adopting))
    for cls in runners:
        patches.set_attribute(cls, "__init__", _runner_taking_handler(cls))
        patches.set_attribute(cls, "result_handler", HandlerAttribute())
        patches.set_attribute(cls, "result", FollowedResult())


def _adopting(self: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Arguments:
    # A runner's task or flow.
    _adopt_computed_handler(args[0] if args else kwargs.get("task", kwargs.get("flow")))
    return args, kwargs


def _runner_taking_handler(cls: Any) -> Callable[..., None]:
    original = cls.__init__
    place = 2
    # The parameter that took the handler's place: "result" in Prefect 0.11, "flow_result" since.
    name = list(inspect.signature(original).parameters)[1 + place]

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        if len(args) > place and is_handler(args[place]):
            kwargs["result_handler"] = args[place]
        handler = kwargs.pop("result_handler", None)
        if handler is not None:
            args = args[:place]
            kwargs[name] = converted(f"{cls.__name__}(result_handler=...)", handler)
        args, kwargs = _adopting(self, args, kwargs)
        of_flow = kwargs.get(name, args[place] if len(args) > place else None)
        # Prefect 0.11 gives what the task has if that is true, else what the flow has, else a Result that stores
        # nothing. What the flow has it gives as the default too.
        default = kwargs.get("default_result")
        if not _is_for_engine(of_flow) or (type(of_flow) is results.Result and default is not None):
            of_flow = default
            args, kwargs = args[:place], {**kwargs, name: of_flow}
        original(self, *args, **kwargs)
        if not _is_for_engine(self.result):
            # The task uses the name for something of its own.
            self.result = results.Result() if of_flow is None else of_flow.copy()

    return init


def _taking_handler_at_call(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make a ``Task`` method that takes ``result_handler=`` when a task is called or mapped.

    No release of Prefect did, but "Using Result Handlers" teaches it. If ``run`` takes it, it is the task's own.
    """

    def prepare(self: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Arguments:
        if "result_handler" in kwargs and not _run_takes_handler(self):
            task_args = dict(kwargs.get("task_args") or {}, result_handler=kwargs.pop("result_handler"))
            kwargs["task_args"] = task_args
        return args, kwargs

    return with_arguments(original, prepare)


def _run_takes_handler(task: Any) -> bool:
    parameters = inspect.signature(task.run).parameters
    return "result_handler" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def shown(instance: Any) -> str:
    """Name a task, flow or storage as its maker wrote it: ``@task`` or its class.

    Args:
        instance: the task, flow or storage.
    """
    name = type(instance).__name__
    return "@task" if name == "FunctionTask" else name


def _named_arguments(class_name: str, args: Tuple[Any, ...], kwargs: Dict[str, Any]) -> Arguments:
    """Turn positional arguments into keywords if a handler (or a Result) in its old place shows their order."""
    for order in LEGACY_POSITIONS.get(class_name, ()):
        place = order.index("result_handler")
        if len(args) > place and (is_handler(args[place]) or is_result(args[place])):
            named = {name: value for name, value in zip(order, args) if value is not None}
            return (), {**named, **kwargs}
    return args, kwargs


def refuse_for_secret(task: Any, keyword: str) -> None:
    """Refuse what would store a secret's value.

    Args:
        task: a task, or anything else that takes the keyword.
        keyword: the keyword that was given.

    Raises:
        ValueError: the task is a secret.
    """
    try:
        module = importlib.import_module("prefect.tasks.secrets.base")
    except ModuleNotFoundError:  # Prefect 0.6 has no such tasks
        return
    # Until 0.9 there is only Secret, and in 0.10 PrefectSecret has another base.
    names = ("SecretBase", "PrefectSecret", "Secret")
    if isinstance(task, tuple(getattr(module, name) for name in names if hasattr(module, name))):
        raise ValueError(f"{type(task).__name__} takes no {keyword}: a secret's value isn't stored (as in Prefect 0.7)")


def with_parameters(function: Callable[..., Any], *names: str) -> inspect.Signature:
    """Give the signature of a function that also takes some keywords.

    Args:
        function: the function.
        names: the keywords; each is None unless it is given.

    Returns:
        The signature.
    """
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())
    added = [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=None) for n in names]
    added = [parameter for parameter in added if parameter.name not in signature.parameters]
    at = len(parameters) - (1 if parameters and parameters[-1].kind is inspect.Parameter.VAR_KEYWORD else 0)
    return signature.replace(parameters=[*parameters[:at], *added, *parameters[at:]])
