"""States that outlive a run: caches, retries, loops, JSON, and flows in files."""

import datetime
import os

import cloudpickle
import prefect
from new_api_outcomes import stored
from old_api_outcomes import row, told
from prefect import Flow, Parameter, task
from prefect.engine import cache_validators, signals, state
from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler

SOON = datetime.timedelta(0)
HOUR = datetime.timedelta(hours=1)


def files(name="results"):
    os.makedirs(name, exist_ok=True)
    return LocalResultHandler(dir=os.path.abspath(name))


@task(checkpoint=True)
def double(x):
    return 2 * x


def safe_value():
    with Flow("flow", result_handler=files()) as flow:
        made = double(4)
    result = flow.run().result[made]._result
    safe = result.safe_value
    return [
        [type(safe).__name__, os.path.dirname(safe.value) == os.path.abspath("results")],
        [result.value, safe.result_handler.read(safe.value), safe.to_result().value],
    ]


def handler_of_the_safe_value():
    with Flow("flow", result_handler=files()) as flow:
        made = double(4)
    result = flow.run().result[made]._result
    return [result.result_handler == files(), result.safe_value.result_handler == files()]


def retry():
    ran = []

    @task(checkpoint=True)
    def source():
        ran.append("source")
        return [3]

    @task(max_retries=2, retry_delay=SOON, checkpoint=True)
    def flaky(x):
        ran.append("flaky")
        if len(ran) < 4:
            raise ValueError(x)
        return x

    with Flow("flow", result_handler=files()) as flow:
        one = source()
        two = flaky(one)
    return [told(flow.run(), source=one, flaky=two), ran, stored()]


def json_round_trip():
    """A finished task's state as JSON and back: the value is in storage, and so it can be loaded."""
    with Flow("flow", result_handler=files()) as flow:
        made = double(4)
    first = flow.run().result[made]
    loaded = state.State.deserialize(first.serialize())
    safe = loaded._result.safe_value
    again = loaded._result.to_result(files())
    same = safe.value == first._result.safe_value.value
    return [type(loaded).__name__, same, files().read(safe.value), again.value, row(first)["location"]]


def inline_round_trip():
    """The handler that a state names reads the value."""
    with Flow("flow", result_handler=JSONResultHandler()) as flow:
        made = double(4)
    loaded = state.State.deserialize(flow.run().result[made].serialize())
    return [type(loaded).__name__, loaded._result.safe_value.value, loaded._result.to_result().value]


def restart_from_json():
    """The upstream states come from JSON, and what failed runs again from what was stored."""

    @task(checkpoint=True)
    def source():
        return [3]

    broken = [True]

    @task(checkpoint=True)
    def use(x):
        if broken:
            raise ValueError("not yet")
        return [*x, 4]

    with Flow("flow", result_handler=files()) as flow:
        one = source()
        two = use(one)
    first = flow.run()
    saved = first.result[one].serialize()
    del broken[:]
    loaded = state.State.deserialize(saved)
    # What Prefect's server does before it runs a task again.
    loaded._result = loaded._result.to_result(files())
    second = flow.run(task_states={one: loaded})
    return [type(first).__name__, told(second, use=two), stored()]


def stored_inputs():
    """A retry from a state that was JSON, which has the stored inputs in it."""

    @task(checkpoint=True)
    def use(x):
        return [x, 1]

    with Flow("flow", result_handler=files()) as flow:
        source = double(4)
        made = use(source)
    first = flow.run()
    inputs = {"x": first.result[source]._result}
    waiting = state.Retrying("again", start_time=datetime.datetime.now(datetime.timezone.utc), cached_inputs=inputs)
    waiting = state.State.deserialize(waiting.serialize())
    where = waiting.cached_inputs["x"].safe_value
    waiting.cached_inputs["x"] = waiting.cached_inputs["x"].to_result(files())
    # Its value isn't known: it isn't kept with the state of a task that succeeded long ago.
    second = flow.run(task_states={made: waiting, source: state.Success()})
    return [type(where).__name__, files().read(where.value), told(second, made=made)]


def cache_for():
    ran = []

    @task(cache_for=HOUR, result_handler=files(), checkpoint=True)
    def compute(x):
        ran.append(x)
        return x * x

    with Flow("flow") as flow:
        made = compute(3)
    return [told(flow.run(), compute=made), told(flow.run(), compute=made), ran, stored()]


def cache_key():
    ran = []

    @task(
        cache_for=HOUR,
        cache_key="shared",
        cache_validator=cache_validators.all_inputs,
        result_handler=files(),
        checkpoint=True,
    )
    def compute(x):
        ran.append(x)
        return x * x

    outcomes = []
    for value in (3, 3, 4):
        with Flow(f"flow {value}") as flow:
            made = compute(value)
        outcomes.append(told(flow.run(), compute=made))
    return [outcomes, ran, stored()]


def cache_of_parameters():
    ran = []

    @task(
        cache_for=HOUR,
        cache_validator=cache_validators.all_parameters,
        result_handler=JSONResultHandler(),
        checkpoint=True,
    )
    def compute(x):
        ran.append(x)
        return x

    with Flow("flow") as flow:
        made = compute(Parameter("p", default=1))
    return [[told(flow.run(**kwargs), compute=made) for kwargs in ({}, {}, {"p": 2})], ran]


def mapped_cache():
    ran = []

    @task(cache_for=HOUR, cache_validator=cache_validators.all_inputs, result_handler=files(), checkpoint=True)
    def compute(x):
        ran.append(x)
        return x

    with Flow("flow") as flow:
        made = compute.map([1, 2])
    return [told(flow.run(), compute=made), told(flow.run(), compute=made), ran, stored()]


def looping():
    @task(result_handler=files(), checkpoint=True)
    def halve():
        number = prefect.context.get("task_loop_result", 8)
        if number > 1:
            raise signals.LOOP(result=number // 2)
        return number

    with Flow("flow") as flow:
        made = halve()
        after = double(made, task_args={"checkpoint": False})
    return [told(flow.run(), halve=made, after=after), stored("results")["<generated>"]]


def loop():
    outcome, found = looping()
    return [outcome, "pickle of 1" in found]


def iterations():
    return looping()


def retry_in_a_loop():
    failed = []

    @task(max_retries=1, retry_delay=SOON, result_handler=files(), checkpoint=True)
    def count():
        number = prefect.context.get("task_loop_result", 0)
        if number == 2 and not failed:
            failed.append(number)
            raise ValueError(number)
        if number < 3:
            raise signals.LOOP(result=number + 1)
        return number

    with Flow("flow") as flow:
        made = count()
    return [told(flow.run(), count=made), failed]


def success():
    @task(checkpoint=True)
    def early():
        raise signals.SUCCESS(result="early")

    with Flow("flow", result_handler=files()) as flow:
        made = early()
    return [told(flow.run(), early=made), stored()]


def other_signals():
    @task(checkpoint=True)
    def skip():
        raise signals.SKIP(result="skipped")

    @task(checkpoint=True)
    def fail():
        raise signals.FAIL(result="failed")

    with Flow("flow", result_handler=files()) as flow:
        tasks = {"skip": skip(), "fail": fail()}
    flow_state = flow.run()
    return [{name: type(flow_state.result[task]).__name__ for name, task in tasks.items()}, stored()]


def state_handlers():
    seen = []

    def watch(task, old, new):
        if new.is_successful():
            seen.append([task.name, type(new).__name__, type(new._result.safe_value).__name__])
        return new

    with Flow("flow", result_handler=files()) as flow:
        double.copy(state_handlers=[watch])(1)
    flow.run()
    return seen


def timeout():
    @task(timeout=20, result_handler=files(), checkpoint=True)
    def quick():
        return 1

    with Flow("flow") as flow:
        made = quick()
    return [told(flow.run(), quick=made), stored()]


def trigger():
    @task(checkpoint=True)
    def fail():
        raise ValueError

    @task(trigger=prefect.triggers.any_failed, checkpoint=True)
    def repair():
        return "repaired"

    with Flow("flow", result_handler=files()) as flow:
        failed = fail()
        repaired = repair(upstream_tasks=[failed])
    return [told(flow.run(), fail=failed, repair=repaired), stored()]


def mapped():
    @task(checkpoint=True)
    def total(xs):
        return sum(xs)

    with Flow("flow", result_handler=files()) as flow:
        one = double.map([1, 2])
        two = double.map(one)
        summed = total(two)
    return [told(flow.run(), one=one, two=two, total=summed), stored()]


def save_and_load():
    with Flow("saved", result_handler=files()) as flow:
        double(5)
        double(6, task_args={"name": "own", "result_handler": files("own")})
    flow.save(os.path.abspath("saved.flow"))
    loaded = Flow.load(os.path.abspath("saved.flow"))
    (plain,) = [task for task in loaded.tasks if task.name == "double"]
    (own,) = [task for task in loaded.tasks if task.name == "own"]
    os.remove("saved.flow")
    return [told(loaded.run(), plain=plain, own=own), loaded.result_handler == files(), stored()]


def pickled():
    task_copy = cloudpickle.loads(cloudpickle.dumps(double.copy(result_handler=files())))
    with Flow("flow") as flow:
        made = task_copy(7)
    flow_state = flow.run()
    again = cloudpickle.loads(cloudpickle.dumps(flow_state.result[made]))
    return [told(flow_state, double=made), row(again), task_copy.result_handler == files(), stored()]


FEATURES = {
    "`state._result.safe_value`": safe_value,
    "`state._result.result_handler` is the handler": handler_of_the_safe_value,
    "Mapping over a map": mapped,
    "Retries": retry,
    "States as JSON and back": json_round_trip,
    "States as JSON and back with a `JSONResultHandler`": inline_round_trip,
    "Restarting from states that were JSON": restart_from_json,
    "Retries from stored inputs": stored_inputs,
    "`cache_for`": cache_for,
    "`cache_key` and validators of inputs": cache_key,
    "Validators of parameters": cache_of_parameters,
    "Caches of mapped tasks": mapped_cache,
    "`LOOP`": loop,
    "A loop's last iteration alone is stored": iterations,
    "Retries in a loop": retry_in_a_loop,
    "What `SUCCESS` is raised with isn't stored": success,
    "`SKIP` and `FAIL` store nothing": other_signals,
    "State handlers see where the value is": state_handlers,
    "Timeouts": timeout,
    "Triggers": trigger,
    "`flow.save` and `Flow.load`": save_and_load,
    "Pickled tasks and states": pickled,
}
