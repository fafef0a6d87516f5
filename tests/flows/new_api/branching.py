"""Branches, parameters, secrets, constants, and tasks that end early, with Results."""

import time

import prefect
from new_api_outcomes import stored, told
from prefect import Flow, Parameter, task
from prefect.engine import signals
from prefect.engine.results import LocalResult, PrefectResult

try:
    from prefect.tasks.control_flow import ifelse, merge, switch
except ImportError:  # Prefect 0.6
    from prefect.tasks.control_flow.conditional import ifelse, merge, switch


def files():
    return LocalResult(dir="results")


@task
def kind(number):
    return "even" if number % 2 == 0 else "odd"


@task
def half(number):
    return number // 2


@task
def triple(number):
    return 3 * number


@task(result=PrefectResult())
def is_even(number):
    return number % 2 == 0


def branches(flow_state, **tasks):
    """What came of the tasks that ran. What the value of a skipped one is differs from release to release."""
    ran = {name: task for name, task in tasks.items() if not flow_state.result[task].is_skipped()}
    return [told(flow_state, **ran), sorted(set(tasks) - set(ran))]


def conditions():
    with Flow("flow", result=files()) as flow:
        number = Parameter("number")
        one, two = half(number), triple(number)
        condition = is_even(number)
        ifelse(condition, one, two)
        merged = merge(one, two)
    states = [flow.run(number=number) for number in (6, 7)]
    return [[branches(each, condition=condition, one=one, two=two, merged=merged) for each in states], stored()]


def switches():
    with Flow("flow", result=files()) as flow:
        number = Parameter("number")
        one, two = half(number), triple(number)
        chosen = kind(number)
        switch(chosen, {"even": one, "odd": two})
    states = [flow.run(number=number) for number in (6, 7)]
    return [[branches(each, chosen=chosen, one=one, two=two) for each in states], stored()]


def cases():
    from prefect import case

    with Flow("flow", result=files()) as flow:
        number = Parameter("number")
        chosen = kind(number)
        with case(chosen, "even"):
            one = half(number)
        with case(chosen, "odd"):
            two = triple(number)
        merged = merge(one, two)
    states = [flow.run(number=number) for number in (6, 7)]
    return [[branches(each, chosen=chosen, one=one, two=two, merged=merged) for each in states], stored()]


def parameters():
    @task
    def add(x, y):
        return x + y

    with Flow("flow", result=files()) as flow:
        added = add(Parameter("x"), Parameter("y", default=10))
    return [[told(flow.run(**given), added=added) for given in ({"x": 1}, {"x": 2, "y": 3})], stored()]


def constants():
    @task
    def total(numbers, names):
        return [sum(numbers), sorted(names)]

    with Flow("flow", result=files()) as flow:
        made = total([1, 2, half(6)], {"b": 1, "a": 2})
    return [told(flow.run(), total=made), stored()]


def secrets():
    try:
        from prefect.tasks.secrets import PrefectSecret
    except ImportError:  # Prefect 0.7 to 0.9
        from prefect.tasks.secrets import Secret as PrefectSecret

    @task
    def length(word):
        return len(word)

    with Flow("flow", result=files()) as flow:
        counted = length(PrefectSecret("PASSWORD"))
    with prefect.context(secrets={"PASSWORD": "sesame"}):
        flow_state = flow.run()
    return [told(flow_state, length=counted), stored()]


def timing_out():
    @task(timeout=1)
    def slow():
        time.sleep(3)
        return 1

    @task(trigger=prefect.triggers.all_failed)
    def instead():
        return 2

    with Flow("flow", result=files()) as flow:
        made = slow()
        other = instead(upstream_tasks=[made])
    state = flow.run()
    return [type(state.result[made]).__name__, told(state, instead=other), stored()]


def ending_early():
    @task
    def some(x):
        if x == 1:
            raise signals.SKIP("not this one")
        if x == 2:
            raise ValueError("nor that")
        return x

    @task(checkpoint=True, skip_on_upstream_skip=False, trigger=prefect.triggers.always_run)
    def count(xs):
        return len(xs)

    with Flow("flow", result=files()) as flow:
        mapped = some.map([0, 1, 2, 3])
        counted = count(mapped)
    state = flow.run()
    children = [type(child).__name__ for child in state.result[mapped].map_states]
    return [children, told(state, count=counted), stored()]


FEATURES = {
    "`ifelse` and `merge`": conditions,
    "`switch`": switches,
    "`case`": cases,
    "Parameters as inputs": parameters,
    "Constants and collections as inputs": constants,
    "Secrets as inputs": secrets,
    "A task that times out stores nothing": timing_out,
    "Mapped tasks that skip and fail": ending_early,
}
