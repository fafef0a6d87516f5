"""The executors of Prefect, and which tasks have run in any process of theirs."""

import inspect
import os

try:
    from prefect.executors import DaskExecutor, LocalDaskExecutor, LocalExecutor
except ImportError:  # Prefect 0.6 to 0.13
    from prefect.engine.executors import DaskExecutor, LocalDaskExecutor, LocalExecutor

__all__ = ["LocalExecutor", "cluster", "processes", "ran", "threads"]


def ran():
    """Which tasks have run, in any process, since this was asked before."""
    names = sorted(os.listdir("ran")) if os.path.isdir("ran") else []
    for name in names:
        os.remove(os.path.join("ran", name))
    return names


def threads():
    return LocalDaskExecutor(scheduler="threads")


def processes():
    # Each process imports Prefect, which takes most of the time.
    return LocalDaskExecutor(scheduler="processes", num_workers=1)


def cluster():
    kwargs = {"n_workers": 1, "threads_per_worker": 2, "processes": True, "dashboard_address": None}
    if "cluster_kwargs" in inspect.signature(DaskExecutor.__init__).parameters:
        return DaskExecutor(cluster_kwargs=kwargs)
    # Prefect 0.6 to 0.10
    return DaskExecutor(local_processes=kwargs.pop("processes"), **kwargs)
