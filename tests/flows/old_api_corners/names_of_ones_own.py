"""Names that Prefect has, too: parameters, inputs and attributes of one's own."""

import os
from pathlib import Path

import prefect
from new_api_outcomes import stored
from old_api_outcomes import told
from prefect import Flow, Parameter, Task, task
from prefect.engine.result_handlers import LocalResultHandler, ResultHandler

NAMES = (
    "checkpointing",
    "context",
    "executor",
    "flow_id",
    "flow_run_id",
    "flow_run_name",
    "handler",
    "location",
    "names",
    "result",
    "result_handler",
    "self",
    "serializer",
    "state",
    "target",
    "task_run_id",
    "value",
    "value_",
)


class Memory(ResultHandler):
    def __init__(self):
        self.kept = []
        super().__init__()

    def write(self, result):
        self.kept.append(result)
        return str(len(self.kept) - 1)

    def read(self, loc):
        return self.kept[int(loc)]


def files():
    os.makedirs("results", exist_ok=True)
    return LocalResultHandler(dir=os.path.abspath("results"))


@task(checkpoint=True)
def get(x):
    return x


def parameters():
    found = {}
    for name in NAMES:
        with Flow("flow", result_handler=files()) as flow:
            got = get(Parameter(name))
        given = {name: "mine"}
        # A keyword of that name would be the method's own.
        states = [flow.run(parameters=given)] + ([] if name == "self" else [flow.run(**given)])
        found[name] = [told(state, got=got) for state in states]
    return [found, stored()]


def unused_parameters():
    found = {}
    for name in NAMES:
        with Flow("flow") as flow:
            flow.add_task(Parameter(name, default="unused"))
            got = get.copy(result_handler=files())(1)
        found[name] = told(flow.run(), got=got)
    return [found, stored()]


def inputs():
    found = {}
    for name in NAMES:
        names = {}
        exec(f"def run({name}):\n    return [{name}]", names)
        for handler in (files(), Memory()):
            with Flow("flow") as flow:
                got = task(names["run"], result_handler=handler, checkpoint=True)(5)
            found[name, type(handler).__name__] = told(flow.run(), got=got)
    return [sorted((*key, row) for key, row in found.items()), stored()]


class Load(Task):
    def __init__(self, target, **kwargs):
        self.target = target
        super().__init__(**kwargs)

    def run(self):
        return str(self.target)


class LoadLater(Load):
    def __init__(self, target, **kwargs):
        super().__init__(None, **kwargs)
        self._set(target)

    def _set(self, target):
        self.target = target


class LoadAlways(Task):
    target = "always"

    def run(self):
        return self.target


def own_targets():
    path = files().write("the content of a file")
    folder = os.path.dirname(path)
    found = []
    for cls in (Load, LoadLater):
        for target in ({"table": "t"}, ("a", 1), Path(path), path, "", len):
            with Flow("flow", result_handler=files()) as flow:
                made = cls(target, checkpoint=True)()
            found.append([cls.__name__, type(flow.run().result[made]).__name__, type(made.target).__name__])
    with Flow("flow", result_handler=files()) as flow:
        made = LoadAlways(checkpoint=True)()
    state = flow.run()
    return [found, told(state, made=made), folder == os.path.abspath("results")]


def names_in_the_context():
    @task
    def look():
        names = ("flow_id", "flow_run_id", "flow_run_name", "task_id", "task_run_id")
        return [name for name in names if prefect.context.get(name)]

    with Flow("flow", result_handler=files()) as flow:
        looked = look()
    return flow.run().result[looked].result


def unknown_keywords():
    with Flow("flow") as flow:
        get(1)
    refused = []
    for name in ("flow_run_id", "flow_run_name"):
        try:
            refused.append([name, type(flow.run(**{name: "x"})).__name__])
        except Exception as error:
            refused.append([name, type(error).__name__])
    return refused


FEATURES = {
    "Parameters of any name": parameters,
    "Parameters of any name that no task uses": unused_parameters,
    "Task inputs of any name": inputs,
    "An attribute `target` of one's own": own_targets,
    "Ids of runs aren't in the context": names_in_the_context,
    "`flow.run` takes no ids": unknown_keywords,
}
