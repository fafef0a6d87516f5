"""Templates of locations, and what there is for them."""

import datetime

import pendulum
import prefect
from new_api_outcomes import UUID, stored, told
from prefect import Flow, Parameter, task
from prefect.engine import signals
from prefect.engine.results import LocalResult


@task
def add(x, y=1):
    return x + y


def located(location, **kwargs):
    """What comes of a flow whose Result has a location."""
    with Flow("a flow", result=LocalResult(dir="results", location=location)) as flow:
        made = add(1, y=2)
    return [told(flow.run(**kwargs), add=made), stored()]


def context():
    templates = ["{flow_name}/{task_name}", "{task_full_name}", "{task_run_count}", "{map_index}", "{custom[key]}"]
    outcomes = []
    with prefect.context(custom={"key": "of my own"}):
        for template in templates:
            outcomes.append(located(template))
    return outcomes


def run_context():
    return located("{mine}/{task_name}", context={"mine": "of this run"})


def dates():
    moment = pendulum.datetime(2020, 2, 24, 5)
    template = "{date:%Y-%d}/{today}/{scheduled_start_time:%Y}"
    outcome = located(template, context={"date": moment, "today": "a-day"})
    return str(outcome).replace(str(datetime.datetime.now(datetime.timezone.utc).year) + "'", "<this year>'")


def inputs():
    return [located("{x}-{y}.txt"), located("{x:03d}-{y!r}"), located(lambda x, y, **kwargs: f"at-{x + y}")]


def parameters():
    with Flow("flow", result=LocalResult(dir="results", location="{p}-{q}-{parameters[p]}-{task_name}")) as flow:
        p = Parameter("p", default="default")
        q = Parameter("q")
        made = add(p, y=q)
    return [
        told(flow.run(q="1"), p=p, q=q, made=made),
        told(flow.run(parameters={"p": "3", "q": "4"}), p=p, made=made),
        stored(),
    ]


def input_beats_context():
    with prefect.context(x="of the context"):
        return located("{x}")


def map_index():
    with Flow("flow", result=LocalResult(dir="results", location="{map_index}-{task_full_name}")) as flow:
        made = add.map([10, 20, 30])
    return [told(flow.run(), add=made), stored()]


def run_ids():
    with Flow("flow", result=LocalResult(dir="results", location="{flow_run_id}/{task_run_id}-{task_name}")) as flow:
        first = add(1)
        second = add(first)
    outcome = told(flow.run(), first=first, second=second)
    # One folder for the run, two files in it with ids of their own.
    import os

    (run,) = os.listdir("results")
    files = os.listdir(os.path.join("results", run))
    return [outcome, bool(UUID.match(run)), len({UUID.match(name).group() for name in files}), stored()]


def run_ids_last_a_run():
    runs = []

    def location(flow_run_id, **names):
        runs.append(flow_run_id)
        return "same"

    @task
    def once_more_later():
        return 1

    @task(max_retries=1, retry_delay=datetime.timedelta(0))
    def once_more():
        if len(runs) < 2:
            raise ValueError("once more")
        return 2

    @task
    def first():
        return 0

    with Flow("flow", result=LocalResult(dir="results", location=location)) as flow:
        started = first()
        once_more_later(upstream_tasks=[once_more(upstream_tasks=[started])])
    flow.run()
    flow.run()
    return [len(runs), len(set(runs)), bool(UUID.match(runs[-1]))]


def own_run_id():
    return located("{flow_run_id}", context={"flow_run_id": "mine"})


def loop_count():
    @task
    def halve():
        number = prefect.context.get("task_loop_result", 8)
        if number > 1:
            raise signals.LOOP(result=number // 2)
        return number

    # The first iteration of a task finds none in the context.
    with Flow("flow", result=LocalResult(dir="results", location="{task_loop_count}")) as flow:
        made = halve()
    without = flow.run()
    with_one = flow.run(context={"task_loop_count": 1})
    return [told(without, halve=made), told(with_one, halve=made), stored()]


def unknown_name():
    with Flow("flow", result=LocalResult(dir="results", location="{no_such_name}")) as flow:
        made = add(1)
    state = flow.run().result[made]
    return [type(state).__name__, isinstance(state.result, KeyError), "no_such_name" in str(state.result), stored()]


def function():
    def location(task_name, flow_name, p, **kwargs):
        return f"{flow_name}/{task_name}/{p}"

    with Flow("flow", result=LocalResult(dir="results", location=location)) as flow:
        p = Parameter("p", default="d")
        made = add(p, y="!")
    return [told(flow.run(), made=made), stored()]


def value_as_input():
    @task
    def keep(value, location):
        return [value, location]

    with Flow("flow", result=LocalResult(dir="results", location="{value}-{location}")) as flow:
        made = keep(1, 2)
    return [told(flow.run(), made=made), stored()]


FEATURES = {
    "Templates with the context": context,
    "Templates with a run's own context": run_context,
    "Templates with dates": dates,
    "Templates with task inputs": inputs,
    "Task inputs called `value` and `location`": value_as_input,
    "Task inputs come before the context": input_beats_context,
    "Templates with parameters and their defaults": parameters,
    "Templates with `{map_index}`": map_index,
    "Templates with `{flow_run_id}` and `{task_run_id}`": run_ids,
    "`flow_run_id` lasts for a run": run_ids_last_a_run,
    "`{flow_run_id}` of one's own": own_run_id,
    "Templates with `{task_loop_count}`": loop_count,
    "A function as a location": function,
    "A template with an unknown name fails the task": unknown_name,
}
