"""Flows with Results and targets on every executor."""

import os

from each_executor import LocalExecutor, cluster, processes, ran, threads
from new_api_outcomes import stored, told
from prefect import Flow, task
from prefect.engine.results import LocalResult


def run(executor, mapping):
    # In here, so that worker processes get all of it by value: they don't import this module, which for Prefect 0.6 to
    # 0.10 would have to begin with `import rehandle.auto`.
    def note(name):
        os.makedirs("ran", exist_ok=True)
        open(os.path.join("ran", name), "w").close()

    @task
    def numbers():
        note("numbers")
        return [1, 2]

    @task(target="{flow_name}/square-{map_index}")
    def square(x):
        note(f"square-{x}")
        return x * x

    @task(checkpoint=False)
    def total(xs):
        return sum(xs)

    @task(result=LocalResult(dir="own", location="{task_name}.own"))
    def negative(x):
        return -x

    with Flow("flow", result=LocalResult(dir="results", location="{task_name}")) as flow:
        source = numbers()
        squares = square.map(source) if mapping else square(4)
        tasks = {"squares": squares, "negative": negative(total(squares) if mapping else squares)}
    first, second = ([told(flow.run(executor=executor()), numbers=source, **tasks), ran()] for _ in range(2))
    return [first, stored("results"), stored("own"), second]


def feature(executor, mapping):
    return lambda: run(executor, mapping)


FEATURES = {
    "`LocalExecutor`": feature(LocalExecutor, False),
    "`LocalExecutor`, with mapping": feature(LocalExecutor, True),
    "`LocalDaskExecutor` with threads": feature(threads, False),
    "`LocalDaskExecutor` with threads, with mapping": feature(threads, True),
    "`LocalDaskExecutor` with processes": feature(processes, False),
    "`LocalDaskExecutor` with processes, with mapping": feature(processes, True),
    "`DaskExecutor` with worker processes, with mapping": feature(cluster, True),
}
