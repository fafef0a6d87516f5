"""Flows, tasks, edges, schedules and storage as JSON, and what they say of themselves."""

import datetime
import inspect
import json
import os

import prefect
from engine_rows import rows
from prefect import Flow, Parameter, Task, task
from prefect.engine import cache_validators, results
from prefect.serialization.edge import EdgeSchema
from prefect.serialization.flow import FlowSchema
from prefect.serialization.task import ParameterSchema, TaskSchema

try:
    from prefect import storage as storages
except ImportError:
    from prefect.environments import storage as storages


def double(x):
    return 2 * x


def a_flow(**keywords):
    with Flow("f", **keywords) as flow:
        x = Parameter("x", default=1)
        y = task(double, name="y", tags=["a", "b"], max_retries=1, retry_delay=datetime.timedelta(1))(x)
        task(double, name="z", slug="z").map([1, 2], upstream_tasks=[y])
    return flow


def back(schema, thing):
    written = json.loads(json.dumps(schema().dump(thing)))
    return [written, type(schema().load(written)).__name__]


def with_result():
    return a_flow(result=results.LocalResult(os.path.abspath("files")))


def storage(name, *arguments, **keywords):
    made = getattr(storages, name)(*arguments, **keywords)
    written = made.serialize()
    return [written, made.result, type(made.result).__name__]


def saved():
    flow = a_flow(result=results.PrefectResult())
    path = flow.save(os.path.abspath("flow.prefect"))
    loaded = Flow.load(path)
    return [loaded.name, sorted(each.name for each in loaded.tasks), type(loaded.result).__name__]


def stored_locally():
    flow = a_flow()
    flow.storage = storages.Local(directory=os.path.abspath("flows"))
    flow.storage.add_flow(flow)
    return [flow.storage.get_flow(flow.storage.flows["f"]).name, type(flow.result).__name__]


def parameters_of(*functions):
    return [[name for name in inspect.signature(f).parameters if name != "result_handler"] for f in functions]


FEATURES = rows(
    {
        "a flow": lambda: json.loads(json.dumps(a_flow().serialize())),
        "a flow with a Result": lambda: json.loads(json.dumps(with_result().serialize())),
        "a flow, built": lambda: type(a_flow().serialize(build=False)).__name__,
        "a flow there and back": lambda: type(FlowSchema().load(a_flow().serialize())).__name__,
        "a task": lambda: back(TaskSchema, task(double, name="t", result=results.PrefectResult())),
        "a task with all arguments": lambda: Task(
            name="n",
            slug="s",
            tags=["t"],
            max_retries=2,
            retry_delay=datetime.timedelta(seconds=3),
            timeout=4,
            trigger=prefect.triggers.any_failed,
            skip_on_upstream_skip=False,
            cache_for=datetime.timedelta(1),
            cache_validator=cache_validators.all_inputs,
            cache_key="k",
            checkpoint=True,
            result=results.PrefectResult(),
            state_handlers=[],
            log_stdout=True,
            target="there",
        ).serialize(),
        "a parameter": lambda: back(ParameterSchema, Parameter("p", default=3)),
        "a required parameter": lambda: Parameter("p").serialize(),
        "edges": lambda: sorted(
            (EdgeSchema().dump(each)["key"] or "", each.mapped, each.upstream_task.name) for each in a_flow().edges
        ),
        "what tasks take": lambda: parameters_of(Task.__init__, task(double).__call__, Task.map, Task.copy, Task.bind),
        "what flows take": lambda: parameters_of(Flow.__init__, Flow.run, Flow.register, Flow.add_task, Flow.save),
        "names in a task": lambda: [
            [hasattr(Task, name), hasattr(Task(), name)] for name in ("result", "target", "checkpoint", "run", "other")
        ],
        "a task's attributes": lambda: sorted(name for name in vars(Task(name="t")) if name != "result_handler"),
        "a flow's attributes": lambda: sorted(name for name in vars(Flow(name="t")) if name != "result_handler"),
        "a task's repr": lambda: [repr(Task(name="t")), repr(task(double)), repr(Parameter("p")), repr(a_flow())],
        "a task's docs": lambda: [Task.__init__.__name__, Task.__init__.__qualname__, Flow.__init__.__module__],
        "a task without arguments": lambda: Task(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20),
        "a keyword that nobody knows": lambda: Task(nobody=1),
        "a copy with an attribute that isn't there": lambda: task(double).copy(nobody=1),
        "a copy's Result": lambda: type(task(double).copy(result=results.PrefectResult()).result).__name__,
        "task_args": lambda: [
            type(task(double)(1, flow=Flow("f"), task_args={"result": results.PrefectResult()}).result).__name__
        ],
        "retries without a delay": lambda: Task(max_retries=1),
        "a wrong timeout": lambda: Task(timeout=1.5),
        "a wrong trigger": lambda: type(Task(trigger="x").trigger).__name__,
        "a cache without a validator": lambda: Task(cache_validator=cache_validators.all_inputs),
        "tags by a string": lambda: Task(tags="x"),
        "local storage": lambda: storage("Local", os.path.abspath("flows")),
        "local storage with a Result": lambda: storage(
            "Local", os.path.abspath("flows"), result=results.PrefectResult()
        ),
        "GCS storage": lambda: storage("GCS", "bucket", key="k"),
        "S3 storage": lambda: storage("S3", "bucket", key="k"),
        "Azure storage": lambda: storage("Azure", "container", connection_string="x"),
        "Docker storage": lambda: storage("Docker", registry_url="r", python_dependencies=["a"])[1:],
        "a flow in local storage": stored_locally,
        "a flow in a file": saved,
        "flows are equal": lambda: [a_flow() == a_flow(), a_flow().copy() == a_flow()],
        "a flow's copy": lambda: sorted(each.name for each in with_result().copy().tasks),
        "a flow's Result": lambda: [
            type(each.result).__name__ for each in (a_flow(), with_result(), with_result().copy())
        ],
        "a Result that is set": lambda: [
            (setattr(each, "result", results.PrefectResult()), type(each.result).__name__)[1]
            for each in (Task(), a_flow())
        ],
        "a Result that is no Result": lambda: type(Task(result=None).result).__name__,
    }
)
