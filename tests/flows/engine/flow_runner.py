"""Whole flows: the flow runner, executors, parameters, mapping, control flow and caches."""

import datetime
import os

import pendulum
import prefect
from engine_rows import ran, rows, told
from prefect import Flow, Parameter, Task, case, task, unmapped
from prefect.engine import FlowRunner, cache_validators, results, signals
from prefect.engine.result import Result
from prefect.engine.state import Failed, Pending, Skipped, Success
from prefect.schedules import IntervalSchedule
from prefect.tasks.control_flow import ifelse, merge, switch
from prefect.tasks.core.constants import Constant
from prefect.tasks.secrets import PrefectSecret

try:
    from prefect import executors
except ImportError:
    from prefect.engine import executors

try:
    from prefect import flatten
except ImportError:
    flatten = None

HOUR = datetime.timedelta(hours=1)


def local(**keywords):
    return results.LocalResult(os.path.abspath("files"), **keywords)


def stored():
    return sorted(os.path.relpath(os.path.join(folder, each)) for folder, _, files in os.walk(".") for each in files)


def give(value, name="give", **keywords):
    return task(lambda: value, name=name, **keywords)()


def double(x):
    return 2 * x


def add(x, y=1):
    return x + y


def fail(x=None):
    raise ValueError("no")


def of(build, times=1, runs=None, **keywords):
    """A flow that a function builds, run some times: what comes of it, and the files."""
    with Flow("f", **keywords) as flow:
        build()
    outcomes = [ran(flow, **(runs or {})) for _ in range(times)]
    return [outcomes, stored()] if keywords or times > 1 else outcomes[0]


def simple():
    task(add, name="add")(give(1), Parameter("y", default=2))


def diamond():
    one = give(1)
    left, right = task(double, name="left")(one), task(add, name="right")(one)
    task(add, name="add")(left, right)


def failing():
    one = give(1)
    two = task(fail, name="fail")(one)
    task(double, name="after")(two)
    task(lambda: "cleaned", name="clean", trigger=prefect.triggers.any_failed)(upstream_tasks=[two])


def mapped():
    xs = give([1, 2, 3])
    ys = task(double, name="double").map(xs)
    task(lambda values: sum(values), name="sum")(ys)


def mapped_twice():
    task(double, name="b").map(task(double, name="a").map(give([1, 2])))


def mapped_over(values):
    return lambda: task(double, name="double").map(give(values))


def mapped_with(*others, **keywords):
    return lambda: task(add, name="add").map(give([1, 2]), *others, **keywords)


def mapped_failing():
    def some(x):
        if x == 2:
            raise ValueError("two")
        return x

    ys = task(some, name="some").map(give([1, 2, 3]))
    task(double, name="double").map(ys)


def mapped_and_stored():
    mapped_result = local(location="{task_name}-{map_index}")
    task(double, name="double", result=mapped_result).map(give([1, 2], result=local(location="give")))


def flattened():
    task(double, name="double").map(flatten(give([[1, 2], [3]])))


def branches(flag):
    def build():
        yes, no = give("yes", "yes"), give("no", "no")
        ifelse(give(flag, "flag"), yes, no)
        merge(yes, no)

    return build


def switched(value):
    return lambda: switch(give(value, "value"), {"a": give(1, "a"), "b": give(2, "b")})


def cases(value):
    def build():
        condition = give(value, "condition")
        with case(condition, "a"):
            one = give(1, "one")
        with case(condition, "b"):
            two = give(2, "two")
        merge(one, two)

    return build


def collections():
    take = task(lambda x: x, name="take")
    take([give(1), 2])
    take({"a": give(3, "three"), "b": [4]})
    take((give(5, "five"), 6))
    take({give(7, "seven")})


def constants():
    take = task(lambda x: x, name="take")
    for value in (1, "a", None, [1], {"a": 1}, double):
        take(value)
    take(Constant(5, name="constant"))


def restarted(state, runs=None):
    with Flow("f") as flow:
        one = give(1, "one")
        two = task(double, name="double")(one)
        task(add, name="add")(two)
    return ran(flow, task_states={one: state}, **(runs or {}))


def parameters(*values, required=False, **given):
    with Flow("f") as flow:
        task(double, name="double")(Parameter("x") if required else Parameter("x", default=3))
    return [ran(flow, **each) for each in ({}, {"parameters": {"x": 5}}, {"x": 6}, {"parameters": {"nobody": 1}})]


def reference_tasks():
    with Flow("f") as flow:
        task(fail, name="bad")()
        good = give(1, "good")
    flow.set_reference_tasks([good])
    return [ran(flow), sorted(each.name for each in flow.reference_tasks())]


def cache(validator, values=(1, 1, 2)):
    seen = []
    with Flow("f") as flow:
        task(lambda x: seen.append(x), name="t", cache_for=HOUR, cache_validator=validator)(Parameter("x"))
    with prefect.context(caches={}):
        return [[ran(flow, x=value) for value in values], seen]


def retried(**keywords):
    seen = []

    def flaky():
        seen.append(1)
        if len(seen) < 3:
            raise ValueError("again")
        return len(seen)

    def build():
        task(flaky, name="flaky", max_retries=3, retry_delay=datetime.timedelta(0), **keywords)()

    return of(build)


def handlers():
    seen = []

    def look(owner, old, new):
        seen.append([owner.name, type(old).__name__, type(new).__name__])
        return new

    with Flow("f", state_handlers=[look]) as flow:
        give(1, state_handlers=[look])
    return [ran(flow), seen]


def on_failure():
    seen = []
    with Flow("f", on_failure=lambda owner, state: seen.append([owner.name, state.message])) as flow:
        task(fail, name="fail")()
    return [ran(flow), seen]


def on_schedule():
    start = pendulum.now("utc").add(seconds=-10)
    schedule = IntervalSchedule(start, datetime.timedelta(seconds=3), end_date=start.add(seconds=11))
    seen = []
    with Flow("f", schedule=schedule) as flow:
        task(lambda: seen.append(1), name="t")()
    return [told(flow.run()) is not None, len(seen) > 0]


def runner(state=None, **keywords):
    with Flow("f") as flow:
        give(1)
    return told(FlowRunner(flow).run(state=state, **keywords))


def on(executor, build):
    return lambda: of(build, runs={"executor": executor()})


def context_of_a_task(**keywords):
    names = ("flow_name", "parameters", "today", "task_name", "task_full_name", "checkpointing", "executor_cls")
    with Flow("f") as flow:
        task(lambda: [bool(prefect.context.get(name)) for name in names], name="look")()
    return ran(flow, **keywords)


def inside():
    def run():
        with Flow("inner", result=local(location="inner-{task_name}")) as flow:
            give(1)
        return type(flow.run()).__name__

    return of(lambda: task(run, name="outer")(), result=local(location="outer-{task_name}"))


def secret():
    with Flow("f", result=local(location="{task_name}")) as flow:
        task(double, name="double")(PrefectSecret("number"))
    with prefect.context(secrets={"number": 4}):
        return [ran(flow), stored()]


def own_runner():
    seen = []

    class Runner(FlowRunner):
        def get_flow_run_state(self, *args, **kwargs):
            seen.append(sorted(kwargs))
            return super().get_flow_run_state(*args, **kwargs)

    with Flow("f") as flow:
        give(1)
    return [told(flow.run(runner_cls=Runner)), seen]


class Adding(Task):
    def __init__(self, number, **keywords):
        self.number = number
        super().__init__(**keywords)

    def run(self, x):
        return x + self.number


LOCAL, THREADS = executors.LocalExecutor, executors.LocalDaskExecutor

FEATURES = rows(
    {
        "a flow": lambda: of(simple),
        "a diamond": lambda: of(diamond),
        "a failure and who cleans up": lambda: of(failing),
        "an empty flow": lambda: of(lambda: None),
        "a flow with a Result": lambda: of(diamond, result=local(location="{task_name}")),
        "a flow with a Result without a location": lambda: of(diamond, result=results.PrefectResult()),
        "a flow with a Result, twice": lambda: of(diamond, 2, result=local(location="{task_name}")),
        "targets, twice": lambda: of(lambda: give(1, target="{flow_name}/{task_name}"), 2, result=local()),
        "targets with parameters": lambda: of(
            lambda: task(double, name="d", target="{x}-{parameters[x]}")(Parameter("x", default=4)), 2, result=local()
        ),
        "mapping": lambda: of(mapped),
        "mapping twice": lambda: of(mapped_twice),
        "mapping over nothing": lambda: of(mapped_over([])),
        "mapping over no list": lambda: [of(mapped_over(value)) for value in (5, None, "ab", {"a": 1})],
        "mapping with a default": lambda: of(mapped_with()),
        "mapping with two lists": lambda: of(mapped_with([10, 20])),
        "mapping with lists of other lengths": lambda: of(mapped_with([10])),
        "mapping with what isn't mapped": lambda: of(mapped_with(unmapped(5))),
        "mapping with upstream tasks": lambda: of(mapped_with(upstream_tasks=[Task(name="up")])),
        "mapping where some fail": lambda: of(mapped_failing),
        "mapping with a Result": lambda: of(mapped_and_stored),
        "mapping with a target, twice": lambda: of(
            lambda: task(double, name="d", target="d-{map_index}-{x}").map(give([1, 2])), 2, result=local()
        ),
        "mapping with a flow's Result": lambda: of(mapped, result=local(location="{task_name}-{map_index}")),
        "mapping what is flattened": lambda: of(flattened),
        "mapping a class": lambda: of(lambda: Adding(5, name="adding").map(give([1, 2]))),
        "ifelse and merge": lambda: [of(branches(flag)) for flag in (True, False, 0, "x")],
        "switch": lambda: [of(switched(value)) for value in ("a", "b", "c")],
        "case": lambda: [of(cases(value)) for value in ("a", "b", "c")],
        "collections": lambda: of(collections),
        "constants": lambda: of(constants),
        "parameters": parameters,
        "required parameters": lambda: parameters(required=True),
        "restarting from Success": lambda: restarted(Success(result=10)),
        "restarting from Failed": lambda: restarted(Failed("old")),
        "restarting from Skipped": lambda: restarted(Skipped("old")),
        "restarting from Pending": lambda: restarted(Pending("old")),
        "restarting from a location": lambda: restarted(Success(result=Result(None, "there"))),
        "restarting from a PrefectResult": lambda: restarted(Success(result=results.PrefectResult(location="7"))),
        "restarting from a Result with both": lambda: restarted(Success(result=Result(4, "there"))),
        "reference tasks": reference_tasks,
        "caches of nothing": lambda: cache(cache_validators.never_use),
        "caches by time": lambda: cache(cache_validators.duration_only),
        "caches by inputs": lambda: cache(cache_validators.all_inputs),
        "caches by parameters": lambda: cache(cache_validators.all_parameters),
        "caches by some inputs": lambda: cache(cache_validators.partial_inputs_only(["x"])),
        "caches by some parameters": lambda: cache(cache_validators.partial_parameters_only(["x"])),
        "retries": retried,
        "retries with a Result": lambda: retried(result=local(location="x")),
        "state handlers": handlers,
        "on_failure": on_failure,
        "a schedule": on_schedule,
        "a runner": runner,
        "a runner and states": lambda: [runner(state) for state in (Pending(), Success(), Failed(), Skipped())],
        "a runner and contexts": lambda: runner(context={"x": 1}, task_contexts={}),
        "a runner's tasks' states": lambda: runner(return_tasks=[]),
        "a runner of one's own": own_runner,
        "LocalExecutor": on(LOCAL, diamond),
        "LocalDaskExecutor": on(THREADS, diamond),
        "LocalExecutor and mapping": on(LOCAL, mapped),
        "LocalDaskExecutor and mapping": on(THREADS, mapped),
        "LocalDaskExecutor and storing": lambda: of(
            mapped, runs={"executor": THREADS()}, result=local(location="{task_name}-{map_index}")
        ),
        "the context": context_of_a_task,
        "a context of one's own": lambda: context_of_a_task(context={"today": None}),
        "a flow in a task": inside,
        "secrets": secret,
        "signals in mapped tasks": lambda: of(
            lambda: task(lambda x: (_ for _ in ()).throw(signals.SKIP(f"s{x}")), name="skip").map(give([1, 2]))
        ),
        "names of tasks": lambda: of(lambda: [give(number, "same") for number in range(3)]),
        "tasks in two flows": lambda: [ran(Flow(name, tasks=[task(fail, name="t")])) for name in "ab"],
        "a keyword that flow.run hasn't": lambda: of(simple, runs={"nobody": 1}),
        "cycles": lambda: Flow("f", edges=[]).validate(),
        "a task that isn't there": lambda: Flow("f").set_dependencies(Task(), keyword_tasks={"nobody": 1}),
    }
)
