"""Flows that do what others do with result handlers, with Results."""

import json
import os
import pickle

import cloudpickle
import prefect
from new_api_outcomes import row, stored, told
from prefect import Flow, Task, task
from prefect.engine import signals, state
from prefect.engine.result import Result
from prefect.engine.results import AzureResult, LocalResult, PrefectResult

try:
    from prefect.storage import Storage
except ImportError:  # Prefect 0.6 to 0.13
    from prefect.environments.storage import Storage


def files(name="results"):
    return LocalResult(dir=os.path.abspath(name))


@task
def double(x):
    return 2 * x


class Adding(Task):
    def run(self, x, y=1):
        return x + y


def storage():
    class Own(Storage):
        """Prefect's own pass nothing on to their base class until 0.10."""

        def add_flow(self, flow):
            return flow.name

        def build(self):
            return self

        def __contains__(self, name):
            return False

    flow = Flow("flow", storage=Own(result=files()))
    return [type(flow.storage.result).__name__, flow.storage.result.dir == files().dir]


def attributes():
    """A Result is given back as one."""
    flow = Flow("flow", result=files())
    plain = Adding()
    given = Adding(result=files())
    copied = given.copy(name="copied")
    return [
        [each.result.dir == files().dir for each in (flow, given, copied)],
        type(Flow("flow", result=PrefectResult()).result) is PrefectResult,
        [given.result.location is None, isinstance(given.result, LocalResult)],
        [plain.result, Flow("flow").result],
    ]


def alone():
    with Flow("flow", result=files()) as flow:
        made = Adding()(0)
    return [told(flow.run(), plain=made), stored()]


def checkpoint_alone():
    with Flow("flow") as flow:
        made = Adding(checkpoint=True)(1)
    return [told(flow.run(), made=made), stored()]


def run(result, value):
    @task(result=result)
    def give():
        return value

    @task
    def receive(x):
        return [x]

    with Flow("flow") as flow:
        made = give()
        received = receive(made)
    return told(flow.run(), give=made, receive=received)


def local():
    return [[run(files(), value) for value in (1, {"a": [None]}, {1, 2})], stored()]


def azure():
    with Flow("flow", result=AzureResult("container", connection_string="c")) as flow:
        pass
    return [type(flow.result).__name__, flow.result.container]


class Files(Result):
    """It makes up names, as handlers do."""

    def __init__(self, folder, **kwargs):
        self.folder = folder
        super().__init__(**kwargs)

    def read(self, location):
        new = self.copy()
        new.location = location
        with open(os.path.join(self.folder, location), "rb") as file:
            new.value = pickle.loads(file.read())
        return new

    def write(self, value_, **kwargs):
        os.makedirs(self.folder, exist_ok=True)
        new = self.copy()
        new.value = value_
        new.location = f"value-{len(os.listdir(self.folder))}"
        with open(os.path.join(self.folder, new.location), "wb") as file:
            file.write(pickle.dumps(value_))
        return new


def custom():
    result = Files("own")
    outcomes = [run(result, value) for value in (1, [2])]

    @task
    def triple(x):
        return 3 * x

    with Flow("flow", result=result) as flow:
        mapped = triple.map([1, 2])
    outcomes.append(told(flow.run(), mapped=mapped))
    return [outcomes, isinstance(result, Result), isinstance(flow.result, Files), stored()]


class Upper(LocalResult):
    """A built-in one with a format of its own."""

    def read(self, location):
        new = self.copy()
        new.location = location
        with open(os.path.join(self.dir, location)) as file:
            new.value = json.loads(file.read().lower())
        return new

    def write(self, value_, **kwargs):
        new = self.format(**kwargs)
        new.value = value_
        with open(os.path.join(self.dir, new.location), "w") as file:
            file.write(json.dumps(value_).upper())
        return new


def extended():
    os.makedirs("results")
    return [run(Upper(os.path.abspath("results"), location="upper.json"), {"a": "b"}), stored()]


def mapped():
    @task
    def total(xs):
        return sum(xs)

    with Flow("flow", result=files()) as flow:
        one = double.map([1, 2])
        two = double.map(one)
        summed = total(two)
    return [told(flow.run(), one=one, two=two, total=summed), stored()]


def json_round_trip():
    with Flow("flow", result=files()) as flow:
        made = double(4)
    first = flow.run().result[made]
    loaded = state.State.deserialize(first.serialize())
    same = loaded._result.location == first._result.location
    value = files().read(loaded._result.location).value
    return [type(loaded).__name__, same, value, loaded.load_result(files()).result, row(first)["location"]]


def inline_round_trip():
    with Flow("flow", result=PrefectResult()) as flow:
        made = double(4)
    loaded = state.State.deserialize(flow.run().result[made].serialize())
    return [type(loaded).__name__, loaded._result.location, loaded.load_result(PrefectResult()).result]


def loop():
    @task(result=files())
    def halve():
        number = prefect.context.get("task_loop_result", 8)
        if number > 1:
            raise signals.LOOP(result=number // 2)
        return number

    with Flow("flow") as flow:
        made = halve()
        after = double(made, task_args={"checkpoint": False})
    return [told(flow.run(), halve=made, after=after), "pickle of 1" in stored("results")["<generated>"]]


def save_and_load():
    with Flow("saved", result=files()) as flow:
        double(5)
        double(6, task_args={"name": "own", "result": files("own")})
    flow.save(os.path.abspath("saved.flow"))
    loaded = Flow.load(os.path.abspath("saved.flow"))
    (plain,) = [task for task in loaded.tasks if task.name == "double"]
    (own,) = [task for task in loaded.tasks if task.name == "own"]
    os.remove("saved.flow")
    return [told(loaded.run(), plain=plain, own=own), loaded.result.dir == files().dir, stored()]


def pickled():
    task_copy = cloudpickle.loads(cloudpickle.dumps(double.copy(result=files())))
    with Flow("flow") as flow:
        made = task_copy(7)
    flow_state = flow.run()
    again = cloudpickle.loads(cloudpickle.dumps(flow_state.result[made]))
    return [told(flow_state, double=made), row(again), task_copy.result.dir == files().dir, stored()]


FEATURES = {
    "`result=` on a `Storage`": storage,
    "`task.result` and `flow.result` are read": attributes,
    "A Result alone is enough": alone,
    "`checkpoint=True` without a Result": checkpoint_alone,
    "A `LocalResult` for any value": local,
    "An `AzureResult` for a flow": azure,
    "`Result` subclasses that make up locations": custom,
    "Subclasses of `LocalResult`": extended,
    "Mapping over a map": mapped,
    "States as JSON and back, and `read`": json_round_trip,
    "States as JSON and back with a `PrefectResult`": inline_round_trip,
    "`LOOP` without a location": loop,
    "`flow.save` and `Flow.load` without a location": save_and_load,
    "Pickled tasks and states without a location": pickled,
}
