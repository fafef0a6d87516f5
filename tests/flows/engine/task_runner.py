"""The task runner, step by step and as a whole."""

import datetime
import os
import time

import pendulum
import prefect
from engine_rows import rows, told
from prefect import Flow, Task, task, triggers
from prefect.core.edge import Edge
from prefect.engine import TaskRunner, cache_validators, results, signals
from prefect.engine.result import NoResult, Result
from prefect.engine.runner import ENDRUN
from prefect.engine.state import (
    Cached,
    Failed,
    Finished,
    Mapped,
    Paused,
    Pending,
    Resume,
    Retrying,
    Running,
    Scheduled,
    Skipped,
    State,
    Submitted,
    Success,
    TimedOut,
    TriggerFailed,
)

HOUR = datetime.timedelta(hours=1)
TOMORROW, YESTERDAY = pendulum.now().add(days=1), pendulum.now().add(days=-1)
EVERY = (
    Cached(result=1),
    Failed(),
    Finished(),
    Mapped(),
    Paused(),
    Pending(),
    Resume(),
    Retrying(run_count=1),
    Running(),
    Scheduled(),
    Skipped(),
    Submitted(state=Pending()),
    Success(),
    TimedOut(),
    TriggerFailed(),
)


def local(**keywords):
    return results.LocalResult(os.path.abspath("files"), **keywords)


def step(name, *arguments, of=None, checkpointing=True, **keywords):
    """What one step of a runner gives, or the state that it ends the run with."""
    with prefect.context(checkpointing=checkpointing, caches={}, task_run_count=1):
        try:
            given = getattr(TaskRunner(of or Task(name="t")), name)(*arguments, **keywords)
        except ENDRUN as end:
            return ["ends", told(end.state)]
    return told(given) if isinstance(given, State) else given


def of_every(name, *arguments, **keywords):
    return {type(each).__name__: step(name, each, *arguments, **keywords) for each in EVERY}


def edges(*states, key=None, mapped=False):
    made = {}
    for number, state in enumerate(states):
        edge = Edge(Task(name=f"up{number}"), Task(name="t"), key=f"{key}{number}" if key else None, mapped=mapped)
        made[edge] = state
    return made


def by_trigger(trigger):
    combinations = [
        (Success(), Success()),
        (Success(), Failed()),
        (Failed(), Failed()),
        (Skipped(), Success()),
        (TriggerFailed(), Success()),
        (),
    ]
    of = Task(name="t", trigger=trigger)
    return [step("check_task_trigger", Pending(), edges(*each), of=of) for each in combinations]


def function(give=lambda: 5, **keywords):
    return task(give, name="t", **keywords)


def raising(error):
    def run():
        raise error

    return run


def run(of, state=None, upstream=None, checkpointing=True, **keywords):
    with prefect.context(checkpointing=checkpointing, caches={}):
        return told(TaskRunner(of, **keywords).run(state=state, upstream_states=upstream))


def written(of, **keywords):
    return [run(of, **keywords), sorted(os.path.relpath(os.path.join(d, f)) for d, _, fs in os.walk(".") for f in fs)]


def inputs(**values):
    return {name: Result(value) for name, value in values.items()}


def adding(state=None, upstream=(1, 2), **keywords):
    of = task(lambda x0, x1: x0 + x1, name="t", **keywords)
    return run(of, state, edges(*[Success(result=each) for each in upstream], key="x"))


def handled(**keywords):
    seen = []

    def look(owner, old, new):
        seen.append([type(old).__name__, type(new).__name__, new.message, getattr(new._result, "location", None)])
        return new

    return [run(function(state_handlers=[look], **keywords)), seen]


def on_failure():
    seen = []
    of = task(raising(ValueError("no")), name="t", on_failure=lambda owner, state: seen.append(told(state)))
    return [run(of), seen]


def replaced(new):
    return run(function(state_handlers=[lambda owner, old, state: new if state.is_successful() else state]))


def ending(signal):
    return written(function(raising(signal("m", result=1)), result=local(location="x")))


def looping(times, **keywords):
    def run():
        count = prefect.context.get("task_loop_count", 1)
        if count < times:
            raise signals.LOOP(message=f"again {count}", result=(prefect.context.get("task_loop_result") or 0) + 10)
        return prefect.context.get("task_loop_result")

    return task(run, name="t", **keywords)


def looked_up(*names):
    return function(lambda: {name: type(prefect.context.get(name)).__name__ for name in names})


def cached(validator, **keywords):
    state = Cached(
        result=Result(3),
        cached_result_expiration=keywords.pop("expires", None),
        cached_inputs=inputs(x=1),
        cached_parameters={"p": 1},
    )
    of = Task(name="t", cache_for=HOUR, cache_validator=getattr(cache_validators, validator))
    with prefect.context(parameters=keywords.pop("parameters", {})):
        return step("check_task_is_cached", state, inputs(**keywords), of=of)


FEATURES = rows(
    {
        "initialize_run": lambda: {
            type(each).__name__: told(TaskRunner(Task(name="t")).initialize_run(each, {}).state) for each in EVERY
        },
        "check_upstream_finished": lambda: [
            step("check_upstream_finished", Pending(), edges(*each))
            for each in ((), (Success(),), (Running(),), (Success(), Pending()))
        ],
        "check_upstream_skipped": lambda: [
            step("check_upstream_skipped", Pending(), edges(*each), of=Task(name="t", skip_on_upstream_skip=on))
            for each in ((), (Success(),), (Skipped(),), (Success(), Skipped()))
            for on in (True, False)
        ],
        "check_task_ready_to_map": lambda: [
            step("check_task_ready_to_map", Pending(), edges(Success(result=value), key="x", mapped=True))
            for value in ([1, 2], [], 5, None, {"a": 1}, "text")
        ],
        "check_task_is_ready": lambda: of_every("check_task_is_ready"),
        "check_task_reached_start_time": lambda: of_every("check_task_reached_start_time"),
        "set_task_to_running": lambda: of_every("set_task_to_running", {}),
        "check_for_retry": lambda: of_every("check_for_retry", {}),
        "check_for_retry of a task with retries": lambda: of_every(
            "check_for_retry", {}, of=Task(max_retries=2, retry_delay=HOUR)
        ),
        "check_task_is_looping": lambda: of_every("check_task_is_looping", {}, upstream_states={}),
        "cache_result": lambda: of_every("cache_result", {}),
        "cache_result of a task with a cache": lambda: of_every("cache_result", inputs(x=1), of=Task(cache_for=HOUR)),
        "check_task_is_cached": lambda: of_every("check_task_is_cached", {}),
        "check_target without a target": lambda: of_every("check_target", {}),
        "check_target": lambda: of_every("check_target", inputs(x=1), of=Task(target="{x}", result=local())),
        "check_target of what is there": lambda: [
            local(location="a-1").write([1]).location,
            step("check_target", Pending(), inputs(x=1), of=Task(target="a-{x}", result=local())),
        ],
        "get_task_inputs": lambda: step(
            "get_task_inputs", Pending(), edges(Success(result=1), Failed(result=2), Success(result=NoResult), key="x")
        ),
        "get_task_inputs of cached ones": lambda: step(
            "get_task_inputs", Pending(cached_inputs=inputs(x0=5)), edges(Success(result=None), key="x")
        ),
        "load_results": lambda: step("load_results", Success(result=1), edges(Success(result=2), key="x"))[0].result,
        "all_successful": lambda: by_trigger(triggers.all_successful),
        "all_failed": lambda: by_trigger(triggers.all_failed),
        "any_successful": lambda: by_trigger(triggers.any_successful),
        "any_failed": lambda: by_trigger(triggers.any_failed),
        "all_finished": lambda: by_trigger(triggers.all_finished),
        "manual_only": lambda: by_trigger(triggers.manual_only),
        "some_failed": lambda: by_trigger(triggers.some_failed(at_least=1)),
        "not_all_skipped": lambda: by_trigger(triggers.not_all_skipped),
        "a trigger of one's own": lambda: by_trigger(lambda states: len(states) > 1),
        "a trigger that raises": lambda: by_trigger(lambda states: 1 / 0),
        "a task that returns": lambda: [run(function()), run(function(lambda: None))],
        "a task that fails": lambda: run(function(raising(ValueError("no")))),
        "a task that is interrupted": lambda: run(function(raising(KeyboardInterrupt()))),
        "each state before a run": lambda: [run(function(), state=each) for each in EVERY],
        "a task that raises FAIL": lambda: run(function(raising(signals.FAIL("m", result=1)))),
        "a task that raises SUCCESS": lambda: written(
            function(raising(signals.SUCCESS("m", result=1)), result=local(location="x"))
        ),
        "a task that raises SKIP": lambda: written(
            function(raising(signals.SKIP("m", result=1)), result=local(location="x"))
        ),
        "a task that raises PAUSE": lambda: run(function(raising(signals.PAUSE("m")))),
        "a task that raises RETRY": lambda: run(function(raising(signals.RETRY("m")))),
        "a task that raises VALIDATIONFAIL": lambda: run(function(raising(signals.VALIDATIONFAIL("m")))),
        "a task that raises TRIGGERFAIL": lambda: run(function(raising(signals.TRIGGERFAIL("m")))),
        "a task with inputs": adding,
        "a task with wrong inputs": lambda: adding(upstream=(1, "a")),
        "a task without its inputs": lambda: adding(upstream=(1,)),
        "a task with cached inputs": lambda: adding(Pending(cached_inputs=inputs(x0=5, x1=6))),
        "a task with retries": lambda: run(function(raising(ValueError("no")), max_retries=1, retry_delay=HOUR)),
        "a task that times out": lambda: run(function(lambda: time.sleep(3), timeout=1)),
        "a Result": lambda: written(function(result=local(location="there"))),
        "a Result without checkpointing": lambda: written(function(result=local(location="x")), checkpointing=False),
        "a Result with checkpoint=False": lambda: written(function(result=local(location="x"), checkpoint=False)),
        "a Result and None": lambda: written(function(lambda: None, result=local(location="x"))),
        "a Result that can't write": lambda: run(function(lambda: {1}, result=results.PrefectResult())),
        "a Result that nobody implemented": lambda: run(function(result=Result())),
        "a PrefectResult": lambda: run(function(result=results.PrefectResult())),
        "a ConstantResult": lambda: run(function(result=results.ConstantResult(value=2))),
        "a template": lambda: written(function(result=local(location="{task_name}/{task_run_count}"))),
        "a template with an unknown name": lambda: run(function(result=local(location="{nobody}"))),
        "a target": lambda: [written(function(result=local(), target="{task_name}.x")) for _ in (1, 2)],
        "a target by a function": lambda: [written(function(result=local(), target=lambda **k: "f")) for _ in (1, 2)],
        "a target without a Result": lambda: run(function(target="x")),
        "a target and a failure": lambda: [run(function(raising(ValueError("no")), result=local(), target="never"))],
        "the flow's Result": lambda: written(function(), flow_result=local(location="of-the-flow")),
        "both Results": lambda: written(function(result=local(location="t")), flow_result=local(location="f")),
        "a task's run name": lambda: run(function(task_run_name="{task_name}-x")),
        "state handlers": handled,
        "state handlers and a Result": lambda: handled(result=local(location="x")),
        "a state handler that fails": lambda: run(function(state_handlers=[lambda *a: 1 / 0])),
        "a state handler that returns nothing": lambda: run(function(state_handlers=[lambda *a: None])),
        "a state handler that changes the state": lambda: [replaced(Failed("f")), replaced(Success("s", result=8))],
        "on_failure": on_failure,
        "a loop": lambda: run(looping(3)),
        "a loop with a Result": lambda: written(looping(3, result=local(location="{task_loop_count}"))),
        "a loop with retries": lambda: run(looping(2, max_retries=1, retry_delay=HOUR)),
        "the context": lambda: run(
            looked_up("task_name", "task_tags", "logger", "config", "map_index", "task_run_count")
        ),
        "the context has no handler": lambda: run(looked_up("result", "result_handler", "rehandle")),
        "log_stdout": lambda: run(function(lambda: print("out"), log_stdout=True)),
        "a runner's repr": lambda: repr(TaskRunner(Task(name="t"))),
        "a runner's Result": lambda: [
            type(TaskRunner(function(result=each)).result).__name__
            for each in (None, Result(), results.PrefectResult())
        ],
        "never_use": lambda: cached("never_use", x=1),
        "duration_only": lambda: [cached("duration_only", x=9, expires=each) for each in (None, TOMORROW, YESTERDAY)],
        "all_inputs": lambda: [cached("all_inputs", x=each, expires=TOMORROW) for each in (1, 2)],
        "all_parameters": lambda: [
            cached("all_parameters", x=1, parameters={"p": each}, expires=TOMORROW) for each in (1, 2)
        ],
        "a mapped task": lambda: run(
            task(lambda x0: x0, name="t"), upstream=edges(Success(result=[1, 2]), key="x", mapped=True)
        ),
        "a task of no task": lambda: run(Task(name="t")),
        "a flow of one task": lambda: told(Flow("f", tasks=[function()]).run()),
    }
)
