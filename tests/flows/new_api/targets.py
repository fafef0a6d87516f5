"""Targets: a task whose value is there already doesn't run."""

from new_api_outcomes import stored, told
from prefect import Flow, Parameter, task
from prefect.engine.results import LocalResult


def results(**kwargs):
    return LocalResult(dir="results", **kwargs)


def twice(flow, ran, **tasks):
    """What came of two runs, and which of the tasks ran in each."""
    runs = []
    for _ in range(2):
        del ran[:]
        runs.append([told(flow.run(), **tasks), sorted(ran)])
    return [runs, stored()]


def text():
    ran = []

    @task(target="target.txt", result=results())
    def compute():
        ran.append("compute")
        return {"answer": 42}

    @task
    def use(x):
        return x["answer"]

    with Flow("flow") as flow:
        made = compute()
        used = use(made)
    return twice(flow, ran, compute=made, use=used)


def template():
    ran = []

    @task(target="{flow_name}/{task_name}", result=results())
    def compute(x):
        ran.append("compute")
        return x + 1

    with Flow("flow") as flow:
        made = compute(1)
    return twice(flow, ran, made=made)


def inputs():
    ran = []

    @task(target="{flow_name}/{task_name}-{x}-{p}", result=results())
    def compute(x):
        ran.append("compute")
        return x + 1

    with Flow("flow") as flow:
        flow.add_task(Parameter("p", default="p"))
        made = compute(1)
        other = compute(2)
    return twice(flow, ran, made=made, other=other)


def function():
    ran = []

    def target(task_name, x, **kwargs):
        return task_name.upper() + str(x)

    @task(target=target, result=results())
    def compute(x):
        ran.append("compute")
        return x + 1

    with Flow("flow") as flow:
        made = compute(1)
    return twice(flow, ran, made=made)


def flow_level():
    ran = []

    @task(target="{task_name}.target")
    def compute():
        ran.append("compute")
        return 1

    @task
    def untargeted(x):
        ran.append("untargeted")
        return x

    with Flow("flow", result=results(location="{task_name}.location")) as flow:
        made = compute()
        other = untargeted(made)
    return twice(flow, ran, compute=made, untargeted=other)


def mapped():
    ran = []

    @task(target="{map_index}", result=results())
    def compute(x):
        ran.append(x)
        return x * x

    @task
    def total(xs):
        return sum(xs)

    with Flow("flow") as flow:
        made = compute.map([3, 4])
        summed = total(made)
    return twice(flow, ran, compute=made, total=summed)


def deep_map():
    ran = []

    @task(target="first/{map_index}")
    def first(x):
        ran.append(x)
        return x + 1

    @task(target="second/{map_index}")
    def second(x):
        ran.append(x)
        return x * 10

    with Flow("flow", result=results()) as flow:
        one = first.map([1, 2])
        two = second.map(one)
    return twice(flow, ran, first=one, second=two)


def at_a_call():
    ran = []

    @task(result=results())
    def compute(x):
        ran.append(x)
        return x

    with Flow("flow") as flow:
        made = compute(1, task_args={"target": "at-the-call"})
        mapped = compute.map([5], task_args={"target": "mapped-{map_index}"})
    return twice(flow, ran, compute=made, mapped=mapped)


def removed():
    ran = []

    @task(target="removed", result=results())
    def compute():
        ran.append("compute")
        return len(ran)

    with Flow("flow") as flow:
        made = compute()
    first = told(flow.run(), compute=made)
    import os

    os.remove(os.path.join("results", "removed"))
    return [first, told(flow.run(), compute=made), ran, stored()]


def attribute():
    @task(target="target")
    def compute():
        return 1

    @task
    def plain():
        return 1

    own = compute.copy(result=results(location="elsewhere"))
    return [compute.target, compute.result, plain.target, own.target, own.result.location]


def without_result():
    @task(target="nowhere")
    def compute():
        return 1

    with Flow("flow") as flow:
        made = compute()
    return told(flow.run(), compute=made)


def unstored():
    ran = []

    @task(target="unstored", result=results(), checkpoint=False)
    def compute():
        ran.append("compute")
        return 1

    with Flow("flow") as flow:
        made = compute()
    return twice(flow, ran, compute=made)


FEATURES = {
    "`target=` a text": text,
    "`target=` a template": template,
    "`target=` a template with task inputs and parameters": inputs,
    "`target=` a function": function,
    "`target=` with the flow's Result": flow_level,
    "`target=` of mapped tasks": mapped,
    "`target=` of a map over a map": deep_map,
    "`target` in `task_args`": at_a_call,
    "`target=` whose object is gone": removed,
    "`target=` and `checkpoint=False`": unstored,
    "`target=` without a Result fails the task": without_result,
    "`task.target`, and a `Result` with it": attribute,
}
