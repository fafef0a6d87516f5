"""Options of tasks and flows: the keywords of Prefect 1.x, as Prefect 3 has them."""

from __future__ import annotations

import ast
from typing import Callable, Mapping, NamedTuple

from rehandle.prefect_3_options import CACHE_VALIDATORS
from rehandle_codemods.prefect3.parts import Task
from rehandle_codemods.prefect3.stopped import StoppedError
from rehandle_codemods.prefect3.storages import Stored, quoted
from rehandle_codemods.prefect3.templates import translated

RUN_ID = '"{task_run.id}"'
"""The key of a result that has no target: another one in each run, as the names that 1.x makes up are."""


class Options(NamedTuple):
    """Keywords for a decorator of Prefect 3's: source code by name."""

    keywords: dict[str, str]
    imports: tuple[str, ...] = ()


def task_options(
    task: Task,
    calls: int,
    read: Callable[[ast.expr], Stored | None],
    named: Callable[[ast.AST | None], str],
    text: Callable[[ast.AST], str],
) -> Options:
    """The keywords of `@task`.

    Args:
        task: the task, with those that it has in 1.x.
        calls: how often flows call it, and others that share its `cache_key`.
        read: what a Result or handler says; None where the expression is None.
        named: the canonical name of what a name means that is imported from Prefect; else empty.
        text: the source of a node.

    Raises:
        StoppedError: one of them has no certain counterpart.
    """
    given = {keyword.arg or "**": keyword for keyword in task.keywords}
    new: dict[str, str] = {}
    stored = None
    for name, keyword in given.items():
        value = keyword.value
        if name in ("result", "result_handler"):
            stored = read(value)
        elif name in _SAME:
            new[name] = text(value)
        elif name in _SECONDS:
            new[_SECONDS[name]] = _seconds(value, text)
        elif name in _RENAMED:
            new[_RENAMED[name]] = text(value)
        elif name not in _WITH_OTHERS:
            raise StoppedError(keyword, f"{name}= has no counterpart that is certainly the same", _advice(name))
    target = given["target"].value if "target" in given else None
    checkpoint = given["checkpoint"].value if "checkpoint" in given else None
    cache_for = given["cache_for"].value if "cache_for" in given else None
    stores = (stored is not None and stored.storage is not None) or (task.in_storing_flow and stored is None)
    if checkpoint is not None and not isinstance(checkpoint, ast.Constant):
        raise StoppedError(checkpoint, "checkpoint= is known only when the code runs", "Write True or False")
    if (checkpoint is not None and checkpoint.value is False) or (stored is not None and stored.storage is None):
        if target is not None:
            what = "a task with target= stores nothing, and reads a file that is there all the same"
            raise StoppedError(given["target"], what, "Leave target= out, or read the file in the task")
        new["persist_result"] = "False"
        return Options(new)
    imports = stored.imports if stored is not None else ()
    if stores:
        new.update(storing(stored))
        template = target or (stored.location if stored is not None else None)
        if cache_for is not None and target is None and template is not None:
            what = "cache_for= goes with a location="
            raise StoppedError(given["cache_for"], what, "Make the location the target, or leave it out")
        if cache_for is not None and target is None:
            cached = _cached(task, calls, given, named)
            new.update(cached.keywords)
            imports += cached.imports
        else:
            option = "location" if target is None else "target"
            key = translated(template, option, task.inputs) if template is not None else ""
            new["result_storage_key"] = quoted(key) if key else RUN_ID
        if template is not None and target is None:
            new["refresh_cache"] = "True"
    elif target is not None or cache_for is not None:
        where = given["target" if target is not None else "cache_for"]
        raise StoppedError(where, f"{where.arg}= has nowhere to store", "Give the task or the flow a Result")
    idle = next((given[name] for name in _OF_CACHES if name in given and cache_for is None), None)
    if idle is not None:
        raise StoppedError(idle, f"{idle.arg}= does nothing without cache_for=", "Leave it out")
    if cache_for is not None:
        new["cache_expiration"] = text(cache_for)
    return Options(new, imports)


def _cached(
    task: Task, calls: int, given: Mapping[str, ast.keyword], named: Callable[[ast.AST | None], str]
) -> Options:
    """What says when a stored result is used again that has no name of its own."""
    validator, key = given.get("cache_validator"), given.get("cache_key")
    if validator is not None and key is not None:
        raise StoppedError(key, "cache_key= goes with a cache_validator=", "Write cache_key_fn by hand")
    name = named(validator.value).rpartition(".")[2] if validator is not None else "all_inputs"
    row = CACHE_VALIDATORS.get(name)
    if row is None:
        assert validator is not None
        raise StoppedError(validator, "cache_validator= has no counterpart", _ADVICE["cache_validator"])
    by_inputs = key is None and name == "all_inputs"
    if calls > 1 and not by_inputs:
        what = "what is called more than once is cached whatever its inputs are"
        advice = "Prefect 3 would give the second call the value of the first: write cache_validator=all_inputs"
        raise StoppedError(key or validator or task.decorator, what, advice)
    if key is not None:
        if not isinstance(key.value, ast.Constant) or not isinstance(key.value.value, str):
            raise StoppedError(key, "cache_key= is known only when the code runs", "Write it as a string")
        return Options({"cache_key_fn": f"lambda *_: {quoted(key.value.value)}"})
    if row.cache_policy:
        policies = row.cache_policy.split(" + ")
        return Options({"cache_policy": row.cache_policy}, tuple(f"prefect.cache_policies.{each}" for each in policies))
    return Options({"cache_key_fn": row.cache_key_fn.format(name=task.node.name)})


def storing(stored: Stored | None) -> dict[str, str]:
    """The keywords that say where results are stored."""
    if stored is None or stored.storage is None:
        return {}
    found = {"result_storage": f'"old-results/{stored.storage.block}"'} if stored.storage.place else {}
    found["persist_result"] = "True"
    if stored.serializer:
        found["result_serializer"] = stored.serializer
    return found


_SAME = ("name", "tags")
_RENAMED: Mapping[str, str] = {"max_retries": "retries", "log_stdout": "log_prints"}
_SECONDS: Mapping[str, str] = {"retry_delay": "retry_delay_seconds"}
_OF_CACHES = ("cache_validator", "cache_key")
_WITH_OTHERS = ("result", "result_handler", "target", "checkpoint", "cache_for", "nout", *_OF_CACHES)
_ADVICE = {
    "trigger": "Straight calls can't say it: look at what a failed task leads to, and write that",
    "skip_on_upstream_skip": "Nothing is skipped in Prefect 3: write an if",
    "cache_validator": "Write a cache_policy by hand",
    "state_handlers": "Write hooks, such as on_failure=, by hand",
    "on_failure": "Write the hook by hand: it takes the task, the run and the state",
    "timeout": "Write timeout_seconds= by hand: what a time-out leads to is different",
}


def _advice(name: str) -> str:
    return _ADVICE.get(name, "Migrate this file by hand")


def _seconds(node: ast.expr, text: Callable[[ast.AST], str]) -> str:
    """The seconds of a `timedelta(...)`; of anything else, what it is asked for."""
    if isinstance(node, ast.Call) and not node.args and len(node.keywords) == 1:
        keyword = node.keywords[0]
        factor = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}.get(keyword.arg or "")
        if factor and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, (int, float)):
            return repr(keyword.value.value * factor)
    return f"{text(node)}.total_seconds()"
