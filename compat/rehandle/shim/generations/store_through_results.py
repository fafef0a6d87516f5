"""Running tasks with Results on Prefect 0.6 to 0.10, as 1.4.1 runs them.

What a task returns is stored here, not by the engine: at the location that context, parameters and inputs give, with
the state's Result being the one that was given.
"""

import contextlib
import copy
import functools
import importlib
import uuid
from typing import Any, Callable, ContextManager, Dict

from rehandle import handlers
from rehandle.conversion import to_result
from rehandle.mapping import RESULT_BASE_MODULE
from rehandle.results.any_input import beside_any_input
from rehandle.results.base import Result, ResultNotImplementedError
from rehandle.shim.generations.accept_result import target_of, warn_if_unstored
from rehandle.shim.generations.importlib_bootstrap import with_arguments, within
from rehandle.shim.generations.result_as_handler import RUN_IDS, ResultAdapter, located, template_names
from rehandle.shim.patches import Patches


def run_with_results(patches: Patches) -> None:
    """Make flows and tasks run with Results and targets.

    Args:
        patches: records each change.
    """
    flow = importlib.import_module("prefect").Flow
    flow_runner = importlib.import_module("prefect.engine.flow_runner").FlowRunner
    task_runner = importlib.import_module("prefect.engine.task_runner").TaskRunner
    cloud_runner = importlib.import_module("prefect.engine.cloud").CloudTaskRunner
    patches.set_attribute(flow, "run", within(flow.run, _ids_of_run))
    patches.set_attribute(flow_runner, "initialize_run", _initializing(flow_runner.initialize_run))
    patches.set_attribute(flow_runner, "run_task", with_arguments(flow_runner.run_task, _with_known_handlers))
    patches.set_attribute(task_runner, "__init__", _runner_init(task_runner.__init__))
    patches.set_attribute(task_runner, "get_task_run_state", _storing(task_runner.get_task_run_state))
    for cls in (task_runner, cloud_runner):
        patches.set_attribute(cls, "check_task_is_cached", _checking_target(cls.check_task_is_cached))


def _ids_of_run(flow: Any) -> ContextManager[Any]:
    """The ids of a local run, which Prefect has in its context since 0.12.2."""
    ids = {"flow_id": flow.name, "flow_run_id": str(uuid.uuid4()), "flow_run_name": str(uuid.uuid4())}
    context = importlib.import_module("prefect").context
    return context({RUN_IDS: ids}) if _has_results(flow) else contextlib.nullcontext()


def _initializing(original: Callable[..., Any]) -> Callable[..., Any]:
    """Give templates the ids of tasks and the parameters' defaults. A flow with handlers alone has no templates."""

    @functools.wraps(original)
    def initialize_run(
        self: Any, state: Any, task_states: Any, context: Any, task_contexts: Any, parameters: Any
    ) -> Any:
        if _has_results(self.flow):
            _add_what_templates_need(self.flow, context, task_contexts)
        return original(
            self,
            state=state,
            task_states=task_states,
            context=context,
            task_contexts=task_contexts,
            parameters=parameters,
        )

    return initialize_run


def _add_what_templates_need(flow: Any, context: Any, task_contexts: Any) -> None:
    ids = importlib.import_module("prefect").context.get(RUN_IDS) or {}
    for task in flow.tasks:
        own = task_contexts[task] = dict(task_contexts.get(task) or {})
        own[RUN_IDS] = {**ids, "task_id": task.slug, "task_run_id": str(uuid.uuid4())}
        if _is_constant(flow, task):
            own.setdefault("checkpointing", False)
        elif task.result_handler is None and isinstance(flow.result_handler, ResultAdapter):
            warn_if_unstored(task)
    defaults = {each.name: each.default for each in flow.parameters() if not each.required}
    context["parameters"] = {**defaults, **(context.get("parameters") or {})}


def _is_constant(flow: Any, task: Any) -> bool:
    """Tell whether Prefect made a task for a constant, or until 0.7 a collection of them. Later those don't run."""
    module = importlib.import_module("prefect.tasks.core.constants")
    if not task.auto_generated or isinstance(task, module.Constant):
        return isinstance(task, module.Constant)
    collections = importlib.import_module("prefect.tasks.core.collections")
    made = isinstance(task, (collections.List, collections.Tuple, collections.Set, collections.Dict))
    return made and all(_is_constant(flow, each) for each in flow.upstream_tasks(task))


def _has_results(flow: Any) -> bool:
    return isinstance(flow.result_handler, ResultAdapter) or any(
        target_of(task) or isinstance(task.result_handler, ResultAdapter) for task in flow.tasks
    )


def _with_known_handlers(runner: Any, args: Any, kwargs: Dict[str, Any]) -> Any:
    """Let states that were loaded from JSON, which keeps no handler of the user's own, be read by the task's Result."""
    default = runner.flow.result_handler
    inputs = getattr(kwargs["state"], "cached_inputs", None) or {}
    for edge, state in kwargs["upstream_states"].items():
        handler = edge.upstream_task.result_handler or default
        _recognise(state._result, handler)
        _recognise(inputs.get(edge.key), handler)
    if kwargs["state"] is not None:
        _recognise(kwargs["state"]._result, kwargs["task"].result_handler or default)
    return args, kwargs


def _recognise(result: Any, handler: Any) -> None:
    module = importlib.import_module(RESULT_BASE_MODULE)
    if not isinstance(handler, ResultAdapter) or not isinstance(result, module.SafeResult):
        return
    if not isinstance(result, module.NoResultType) and type(result.result_handler) is handlers.ResultHandler:
        result.result_handler = handler


def _runner_init(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        target = target_of(self.task)
        if target:
            result = Result() if self.result_handler is None else to_result(self.result_handler)
            self.result_handler = ResultAdapter(located(result, target))

    return init


def _storing(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``get_task_run_state`` store what a task returns, loops with or says with ``SUCCESS``."""
    # Within the two decorators: state handlers are to see the location, and an error while storing fails the task.
    run_task = original.__wrapped__.__wrapped__  # type: ignore[attr-defined]
    run_with_heartbeat = importlib.import_module("prefect.utilities.executors").run_with_heartbeat
    call_state_handlers = importlib.import_module("prefect.engine.runner").call_state_handlers
    success = importlib.import_module("prefect.engine.signals").SUCCESS

    @run_with_heartbeat  # type: ignore[untyped-decorator]
    @call_state_handlers  # type: ignore[untyped-decorator]
    @functools.wraps(run_task)
    def get_task_run_state(self: Any, state: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(self.result_handler, ResultAdapter):
            return run_task(self, state, inputs, *args, **kwargs)
        # A copy, as mapped tasks in threads share the runner. The base class's handler stores nothing.
        runner = copy.copy(self)
        runner.result_handler = handlers.ResultHandler()
        try:
            state = run_task(runner, state, inputs, *args, **kwargs)
        except success as signal:
            state = signal.state
        if state.is_successful() or state.is_looped():
            state.result = _stored(self, state.result, inputs)
        return state

    return get_task_run_state  # type: ignore[no-any-return]


def _stored(runner: Any, value: Any, inputs: Any) -> Any:
    result = runner.result_handler.result
    checkpointing = importlib.import_module("prefect").context.get("checkpointing") is True
    if value is not None and checkpointing and runner.task.checkpoint is not False:
        try:
            return beside_any_input(type(result).write)(result, value, **template_names(_values(inputs)))
        except ResultNotImplementedError:
            pass
    return result.from_value(value)


def _values(inputs: Any) -> Dict[str, Any]:
    return {name: each.value for name, each in inputs.items()}


def _checking_target(original: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``check_task_is_cached`` look for a value at the task's target, if it has one."""
    cached = importlib.import_module("prefect.engine.state").Cached
    pendulum = importlib.import_module("pendulum")
    call_state_handlers = importlib.import_module("prefect.engine.runner").call_state_handlers

    @call_state_handlers  # type: ignore[untyped-decorator]
    def check_target(self: Any, state: Any, inputs: Any) -> Any:
        names = template_names(_values(inputs))
        result, target = self.result_handler.result, target_of(self.task)
        target = target(**names) if callable(target) else target
        if not beside_any_input(type(result).exists)(result, target, **names):
            return state
        location = target.format(**names)
        return cached(
            result=result.read(location),
            cached_inputs=inputs,
            # Prefect compares it with the time, so it can't be None, and it must not serve as a cache later.
            cached_result_expiration=pendulum.now("utc"),
            cached_parameters=names.get("parameters"),
            message=f"There is a result at the task's target {location}",
        )

    @functools.wraps(original)
    def check_task_is_cached(self: Any, state: Any, inputs: Any) -> Any:
        return (check_target if target_of(self.task) else original)(self, state, inputs=inputs)

    return check_task_is_cached
