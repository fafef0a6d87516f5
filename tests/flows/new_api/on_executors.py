"""Flows with Results and targets on every executor."""

import inspect
import os

from new_api_outcomes import stored, told
from prefect import Flow, task
from prefect.engine.results import LocalResult

try:
    from prefect.executors import DaskExecutor, LocalDaskExecutor, LocalExecutor
except ImportError:  # Prefect 0.6 to 0.13
    from prefect.engine.executors import DaskExecutor, LocalDaskExecutor, LocalExecutor


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
    outcomes = []
    for _ in range(2):
        outcomes.append([told(flow.run(executor=executor()), numbers=source, **tasks), ran()])
    return [outcomes, stored("results"), stored("own")]


def ran():
    """Which tasks have run, in any process, since this was asked before."""
    names = sorted(os.listdir("ran")) if os.path.isdir("ran") else []
    for name in names:
        os.remove(os.path.join("ran", name))
    return names


def threads():
    return LocalDaskExecutor(scheduler="threads")


def processes():
    return LocalDaskExecutor(scheduler="processes")


def cluster():
    kwargs = {"n_workers": 1, "threads_per_worker": 2, "processes": True, "dashboard_address": None}
    if "cluster_kwargs" in inspect.signature(DaskExecutor.__init__).parameters:
        return DaskExecutor(cluster_kwargs=kwargs)
    # Prefect 0.6 to 0.10
    return DaskExecutor(local_processes=kwargs.pop("processes"), **kwargs)


def feature(executor, mapping):
    return lambda: run(executor, mapping)


FEATURES = {
    "`LocalExecutor`": feature(LocalExecutor, False),
    "`LocalExecutor`, with mapping": feature(LocalExecutor, True),
    "`LocalDaskExecutor` with threads": feature(threads, False),
    "`LocalDaskExecutor` with threads, with mapping": feature(threads, True),
    "`LocalDaskExecutor` with processes": feature(processes, False),
    "`LocalDaskExecutor` with processes, with mapping": feature(processes, True),
    "`DaskExecutor` with worker processes": feature(cluster, False),
    "`DaskExecutor` with worker processes, with mapping": feature(cluster, True),
}
