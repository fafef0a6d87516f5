"""Where a Result can be given, and which one counts."""

import prefect
from new_api_outcomes import stored, told
from prefect import Flow, Task, task
from prefect.engine.results import LocalResult, PrefectResult


def at(name):
    return LocalResult(dir="results", location=name)


@task
def one():
    return 1


def decorator():
    @task(result=at("decorator"))
    def two():
        return 2

    with Flow("flow") as flow:
        made = two()
    return [told(flow.run(), two=made), stored()]


class Adding(Task):
    def run(self, x, y=1):
        return x + y


def constructor():
    add = Adding(name="adding", result=at("constructor"))
    with Flow("flow") as flow:
        first = add(1)
        second = Adding(result=at("second"))(first, y=10)
    return [told(flow.run(), first=first, second=second), stored()]


class Passing(Task):
    def __init__(self, factor, **kwargs):
        self.factor = factor
        super().__init__(**kwargs)

    def run(self, x):
        return x * self.factor


class Fixed(Task):
    def __init__(self, name=None):
        super().__init__(name=name, result=PrefectResult())

    def run(self):
        return [1, 2]


class Assigning(Task):
    def __init__(self):
        super().__init__()
        self.result = at("assigning")

    def run(self):
        return 5


def subclasses():
    with Flow("flow") as flow:
        fixed = Fixed(name="fixed")()
        passing = Passing(3, result=at("passing"))(4)
        assigning = Assigning()()
    return [told(flow.run(), fixed=fixed, passing=passing, assigning=assigning), stored()]


def flow_level():
    add = Adding()
    with Flow("flow", result=LocalResult(dir="results")) as flow:
        first = add(1)
        second = add(first, y=100)
    return [told(flow.run(), first=first, second=second), stored()]


def flow_attribute():
    flow = Flow("flow", result=PrefectResult())
    flow.result = at("{task_name}")
    with flow:
        made = one()
    return [told(flow.run(), one=made), type(flow.result).__name__, flow.result.location == "{task_name}", stored()]


def task_attribute():
    with Flow("flow", result=at("of the flow")) as flow:
        made = one()
        made.result = at("attribute")
        other = one()
        other.result = at("other")
        other.result = None
    return [told(flow.run(), one=made, other=other), made.result.location == "attribute", other.result, stored()]


def at_a_call():
    @task(result=at("at the task"))
    def add(x, y):
        return x + y

    with Flow("flow") as flow:
        plain = add(1, 2)
        own = add(1, 3, task_args={"result": at("at the call"), "name": "own"})
    return [told(flow.run(), plain=plain, own=own), own.name, stored()]


def at_map():
    with Flow("flow") as flow:
        mapped = Adding().map([1, 2], task_args={"result": at("{map_index}")})
    return [told(flow.run(), mapped=mapped), stored()]


def precedence():
    with Flow("flow", result=at("of the flow")) as flow:
        own = Adding(result=at("of the task"))(1)
        other = Adding()(10)
    return [told(flow.run(), own=own, other=other), stored()]


def checkpoint_false():
    with Flow("flow", result=LocalResult(dir="results")) as flow:
        unstored = Adding(checkpoint=False)(1)
        own = Adding(checkpoint=False, result=at("own"))(2)
        at_call = Adding(result=at("call"))(3, task_args={"checkpoint": False})
        stored_one = Adding(checkpoint=True, result=at("stored"))(4)
    return [told(flow.run(), unstored=unstored, own=own, at_call=at_call, stored=stored_one), stored()]


def checkpointing_off():
    with Flow("flow", result=LocalResult(dir="results")) as flow:
        made = Adding(checkpoint=True)(1)
    with prefect.context(checkpointing=False):
        return [told(flow.run(), made=made), stored()]


def none():
    @task(result=at("none"))
    def nothing():
        return None

    @task
    def receive(x):
        return [x]

    with Flow("flow") as flow:
        made = nothing()
        received = receive(made)
    return [told(flow.run(), nothing=made, received=received), stored()]


def falsy():
    @task
    def give(x):
        return x

    with Flow("flow", result=at("{task_name}")) as flow:
        tasks = {repr(x): give(x, task_args={"name": repr(x)}) for x in (0, False, "", [])}
    return [told(flow.run(), **tasks), stored()]


def same_result_for_two():
    result = at("{task_name}")

    @task(result=result)
    def a():
        return "a"

    @task(result=result)
    def b():
        return "b"

    with Flow("flow") as flow:
        tasks = {"a": a(), "b": b()}
    return [told(flow.run(), **tasks), stored(), result.location, result.value]


FEATURES = {
    "`result=` on `@task`": decorator,
    "`result=` on a `Task`": constructor,
    "`result=` in `Task` subclasses": subclasses,
    "`result=` on a `Flow`": flow_level,
    "`flow.result = ...`": flow_attribute,
    "`task.result = ...`": task_attribute,
    '`task_args={"result": ...}` at a call': at_a_call,
    '`task_args={"result": ...}` with `map`': at_map,
    "A task's Result comes before the flow's": precedence,
    "One Result for several tasks": same_result_for_two,
    "`checkpoint=False`": checkpoint_false,
    "Checkpointing off": checkpointing_off,
    "`None` isn't stored": none,
    "Other false values are stored": falsy,
}
