"""Flows with result handlers on every executor."""

import os

from each_executor import LocalExecutor, cluster, processes, ran, threads
from new_api_outcomes import stored
from old_api_outcomes import told
from prefect import Flow, task
from prefect.engine.result_handlers import LocalResultHandler


def files(name):
    os.makedirs(name, exist_ok=True)
    return LocalResultHandler(dir=os.path.abspath(name))


def run(executor, mapping):
    # In here, so that worker processes get all of it by value.
    def note(name):
        os.makedirs("ran", exist_ok=True)
        open(os.path.join("ran", name), "w").close()

    @task(checkpoint=True)
    def numbers():
        note("numbers")
        return [1, 2]

    @task(checkpoint=True)
    def square(x):
        note(f"square-{x}")
        return x * x

    @task(checkpoint=False)
    def total(xs):
        return sum(xs)

    @task(result_handler=files("own"), checkpoint=True)
    def negative(x):
        return -x

    with Flow("flow", result_handler=files("results")) as flow:
        source = numbers()
        squares = square.map(source) if mapping else square(4)
        tasks = {"squares": squares, "negative": negative(total(squares) if mapping else squares)}
    outcome = [told(flow.run(executor=executor()), numbers=source, **tasks), ran()]
    return [outcome, stored("results"), stored("own")]


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
