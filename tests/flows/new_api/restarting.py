"""States that outlive a run: caches, retries, loops, JSON, and flows in files."""

import datetime
import os

import cloudpickle
import prefect
from new_api_outcomes import row, stored, told
from prefect import Flow, Parameter, task
from prefect.engine import cache_validators, signals, state
from prefect.engine.results import LocalResult, PrefectResult

SOON = datetime.timedelta(0)
HOUR = datetime.timedelta(hours=1)


def results(**kwargs):
    return LocalResult(dir="results", **kwargs)


@task
def double(x):
    return 2 * x


def location_and_value():
    with Flow("flow", result=results(location="{task_name}")) as flow:
        made = double(4)
    result = flow.run().result[made]._result
    return [os.path.basename(result.location), result.value, result.read(result.location).value]


def retry():
    ran = []

    @task
    def source():
        ran.append("source")
        return [3]

    @task(max_retries=2, retry_delay=SOON)
    def flaky(x):
        ran.append("flaky")
        if len(ran) < 4:
            raise ValueError(x)
        return x

    with Flow("flow", result=results(location="{task_name}")) as flow:
        one = source()
        two = flaky(one)
    return [told(flow.run(), source=one, flaky=two), ran, stored()]


def json_round_trip():
    """A finished task's state as JSON and back: the value is in storage, and so it can be loaded."""
    with Flow("flow", result=results(location="{task_name}")) as flow:
        made = double(4)
    first = flow.run().result[made]
    loaded = state.State.deserialize(first.serialize())
    again = loaded.load_result(flow.result)
    return [type(loaded).__name__, os.path.basename(loaded._result.location), again.result, row(first)["location"]]


def restart_from_json():
    """The upstream states come from JSON, and what failed runs again from what was stored."""

    @task
    def source():
        return [3]

    broken = [True]

    @task
    def use(x):
        if broken:
            raise ValueError("not yet")
        return [*x, 4]

    with Flow("flow", result=results(location="{task_name}")) as flow:
        one = source()
        two = use(one)
    first = flow.run()
    saved = first.result[one].serialize()
    del broken[:]
    loaded = state.State.deserialize(saved)
    # What Prefect's server does before it runs a task again.
    loaded.load_result(flow.result)
    second = flow.run(task_states={one: loaded})
    return [type(first).__name__, told(second, use=two), stored()]


def cache_for():
    ran = []

    @task(cache_for=HOUR, result=results(location="cached"))
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
        result=results(location="{flow_name}"),
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

    @task(cache_for=HOUR, cache_validator=cache_validators.all_parameters, result=PrefectResult())
    def compute(x):
        ran.append(x)
        return x

    with Flow("flow") as flow:
        made = compute(Parameter("p", default=1))
    return [[told(flow.run(**kwargs), compute=made) for kwargs in ({}, {}, {"p": 2})], ran]


def mapped_cache():
    ran = []

    @task(cache_for=HOUR, cache_validator=cache_validators.all_inputs, result=results())
    def compute(x):
        ran.append(x)
        return x

    with Flow("flow") as flow:
        made = compute.map([1, 2])
    return [told(flow.run(), compute=made), told(flow.run(), compute=made), ran, stored()]


def looping(result):
    @task(result=result)
    def halve():
        number = prefect.context.get("task_loop_result", 8)
        if number > 1:
            raise signals.LOOP(result=number // 2)
        return number

    with Flow("flow") as flow:
        made = halve()
        after = double(made)
    return [told(flow.run(), halve=made, after=after), stored()]


def loop():
    return looping(results(location="{task_name}"))


def iterations():
    return looping(results())


def retry_in_a_loop():
    failed = []

    @task(max_retries=1, retry_delay=SOON, result=results(location="{task_run_count}"))
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
    @task
    def early():
        raise signals.SUCCESS(result="early")

    with Flow("flow", result=results(location="{task_name}")) as flow:
        made = early()
    return [told(flow.run(), early=made), stored()]


def other_signals():
    @task
    def skip():
        raise signals.SKIP(result="skipped")

    @task
    def fail():
        raise signals.FAIL(result="failed")

    with Flow("flow", result=results(location="{task_name}")) as flow:
        tasks = {"skip": skip(), "fail": fail()}
    flow_state = flow.run()
    return [{name: type(flow_state.result[task]).__name__ for name, task in tasks.items()}, stored()]


def state_handlers():
    seen = []

    def watch(task, old, new):
        if new.is_successful():
            seen.append([task.name, type(new).__name__, os.path.basename(new._result.location or "")])
        return new

    with Flow("flow", result=results(location="{task_name}")) as flow:
        double.copy(state_handlers=[watch])(1)
    flow.run()
    return seen


def timeout():
    @task(timeout=20, result=results(location="timed"))
    def quick():
        return 1

    with Flow("flow") as flow:
        made = quick()
    return [told(flow.run(), quick=made), stored()]


def trigger():
    @task
    def fail():
        raise ValueError

    @task(trigger=prefect.triggers.any_failed)
    def repair():
        return "repaired"

    with Flow("flow", result=results(location="{task_name}")) as flow:
        failed = fail()
        repaired = repair(upstream_tasks=[failed])
    return [told(flow.run(), fail=failed, repair=repaired), stored()]


def save_and_load():
    @task(target="{task_name}.target", result=results())
    def compute():
        return {"a": 1}

    with Flow("saved", result=results(location="{task_name}")) as flow:
        made = compute()
        double(5)
    flow.save(os.path.abspath("saved.flow"))
    loaded = Flow.load(os.path.abspath("saved.flow"))
    (targeted,) = [task for task in loaded.tasks if task.name == "compute"]
    (other,) = [task for task in loaded.tasks if task.name == "double"]
    os.remove("saved.flow")
    return [told(loaded.run(), compute=targeted, double=other), told(flow.run(), compute=made), stored()]


def pickled():
    task_copy = cloudpickle.loads(cloudpickle.dumps(double.copy(result=results(location="x"))))
    with Flow("flow") as flow:
        made = task_copy(7)
    flow_state = flow.run()
    again = cloudpickle.loads(cloudpickle.dumps(flow_state.result[made]))
    return [told(flow_state, double=made), row(again), stored()]


FEATURES = {
    "`state._result.location` and `.value`": location_and_value,
    "Retries": retry,
    "States as JSON and back, and `load_result`": json_round_trip,
    "Restarting from states that were JSON": restart_from_json,
    "`cache_for`": cache_for,
    "`cache_key` and validators of inputs": cache_key,
    "Validators of parameters": cache_of_parameters,
    "Caches of mapped tasks": mapped_cache,
    "`LOOP`": loop,
    "Each iteration of a loop is stored": iterations,
    "Retries in a loop": retry_in_a_loop,
    "What `SUCCESS` is raised with is stored": success,
    "`SKIP` and `FAIL` store nothing": other_signals,
    "State handlers see the location": state_handlers,
    "Timeouts": timeout,
    "Triggers": trigger,
    "`flow.save` and `Flow.load`": save_and_load,
    "Pickled tasks and states": pickled,
}
