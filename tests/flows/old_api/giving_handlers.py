"""Where a result handler can be given, and which one counts."""

import os

import prefect
from new_api_outcomes import stored
from old_api_outcomes import told
from prefect import Flow, Task, task
from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler

try:
    from prefect.storage import Storage
except ImportError:  # Prefect 0.6 to 0.13
    from prefect.environments.storage import Storage


def files(name="results"):
    os.makedirs(name, exist_ok=True)
    return LocalResultHandler(dir=os.path.abspath(name))


@task(checkpoint=True)
def one():
    return 1


def decorator():
    @task(result_handler=files(), checkpoint=True)
    def two():
        return 2

    with Flow("flow") as flow:
        made = two()
    return [told(flow.run(), two=made), stored()]


class Adding(Task):
    def __init__(self, checkpoint=True, **kwargs):
        super().__init__(checkpoint=checkpoint, **kwargs)

    def run(self, x, y=1):
        return x + y


def constructor():
    add = Adding(name="adding", result_handler=files("first"))
    with Flow("flow") as flow:
        first = add(1)
        second = Adding(result_handler=files("second"))(first, y=10)
    return [told(flow.run(), first=first, second=second), stored()]


class Passing(Task):
    def __init__(self, factor, **kwargs):
        self.factor = factor
        super().__init__(checkpoint=True, **kwargs)

    def run(self, x):
        return x * self.factor


class Fixed(Task):
    def __init__(self, name=None):
        super().__init__(name=name, checkpoint=True, result_handler=JSONResultHandler())

    def run(self):
        return [1, 2]


class Assigning(Task):
    def __init__(self):
        super().__init__(checkpoint=True)
        self.result_handler = files("assigned")

    def run(self):
        return 5


def subclasses():
    with Flow("flow") as flow:
        fixed = Fixed(name="fixed")()
        passing = Passing(3, result_handler=files())(4)
        assigning = Assigning()()
    return [told(flow.run(), fixed=fixed, passing=passing, assigning=assigning), stored()]


def flow_level():
    add = Adding()
    with Flow("flow", result_handler=files()) as flow:
        first = add(1)
        second = add(first, y=100)
    return [told(flow.run(), first=first, second=second), stored()]


def flow_attribute():
    flow = Flow("flow", result_handler=JSONResultHandler())
    flow.result_handler = files()
    with flow:
        made = one()
    return [told(flow.run(), one=made), type(flow.result_handler).__name__, flow.result_handler == files(), stored()]


def task_attribute():
    with Flow("flow", result_handler=files("of-the-flow")) as flow:
        made = one()
        made.result_handler = files()
        other = one()
        other.result_handler = files("other")
        other.result_handler = None
    return [
        told(flow.run(), one=made, other=other),
        made.result_handler == files(),
        other.result_handler,
        stored(),
    ]


def at_a_call():
    add = Adding(result_handler=files("at-the-task"))
    with Flow("flow") as flow:
        plain = add(1, 2)
        own = add(1, 3, task_args={"result_handler": files("at-the-call"), "name": "own"})
    return [told(flow.run(), plain=plain, own=own), own.name, stored()]


def at_map():
    with Flow("flow") as flow:
        mapped = Adding().map([1, 2], task_args={"result_handler": files()})
    return [told(flow.run(), mapped=mapped), stored()]


def precedence():
    with Flow("flow", result_handler=files("of-the-flow")) as flow:
        own = Adding(result_handler=files("of-the-task"))(1)
        other = Adding()(10)
    return [told(flow.run(), own=own, other=other), stored()]


def storage():
    class Own(Storage):
        """Prefect's own pass nothing on to their base class until 0.10."""

        def add_flow(self, flow):
            return flow.name

        def build(self):
            return self

        def __contains__(self, name):
            return False

    flow = Flow("flow", storage=Own(result_handler=files()))
    return [type(flow.storage.result_handler).__name__, flow.storage.result_handler == files()]


def attributes():
    """A handler is given back as one."""
    handler = files()
    flow = Flow("flow", result_handler=handler)
    plain = Adding()
    given = Adding(result_handler=handler)
    copied = given.copy(name="copied")
    return [
        [flow.result_handler == handler, given.result_handler == handler, copied.result_handler == handler],
        Flow("flow", result_handler=JSONResultHandler()).result_handler == JSONResultHandler(),
        [given.result_handler.dir == handler.dir, isinstance(given.result_handler, LocalResultHandler)],
        [plain.result_handler, Flow("flow").result_handler],
    ]


def checkpoint_false():
    with Flow("flow", result_handler=files()) as flow:
        unstored = Adding(checkpoint=False)(1)
        own = Adding(checkpoint=False, result_handler=files("own"))(2)
        at_call = Adding(result_handler=files("call"))(3, task_args={"checkpoint": False})
        stored_one = Adding(checkpoint=True, result_handler=files("stored"))(4)
    return [told(flow.run(), unstored=unstored, own=own, at_call=at_call, stored=stored_one), stored()]


def without_checkpoint():
    @task
    def plain():
        return 1

    with Flow("flow", result_handler=files()) as flow:
        made = plain()
    return [told(flow.run(), plain=made), stored()]


def checkpoint_without_handler():
    with Flow("flow") as flow:
        made = Adding(checkpoint=True)(1)
    return [told(flow.run(), made=made), stored()]


def checkpointing_off():
    with Flow("flow", result_handler=files()) as flow:
        made = Adding(checkpoint=True)(1)
    with prefect.context(checkpointing=False):
        return [told(flow.run(), made=made), stored()]


def none():
    @task(result_handler=files("none"), checkpoint=True)
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
    @task(checkpoint=True)
    def give(x):
        return x

    with Flow("flow", result_handler=files()) as flow:
        tasks = {repr(x): give(x, task_args={"name": repr(x)}) for x in (0, False, "", [])}
    return [told(flow.run(), **tasks), stored()]


def same_handler_for_two():
    handler = files()

    @task(result_handler=handler, checkpoint=True)
    def a():
        return "a"

    @task(result_handler=handler, checkpoint=True)
    def b():
        return "b"

    with Flow("flow") as flow:
        tasks = {"a": a(), "b": b()}
    return [told(flow.run(), **tasks), stored()]


FEATURES = {
    "`result_handler=` on `@task`": decorator,
    "`result_handler=` on a `Task`": constructor,
    "`result_handler=` in `Task` subclasses": subclasses,
    "`result_handler=` on a `Flow`": flow_level,
    "`result_handler=` on a `Storage`": storage,
    "`flow.result_handler = ...`": flow_attribute,
    "`task.result_handler = ...`": task_attribute,
    "`task.result_handler` and `flow.result_handler` are read": attributes,
    '`task_args={"result_handler": ...}` at a call': at_a_call,
    '`task_args={"result_handler": ...}` with `map`': at_map,
    "A task's handler comes before the flow's": precedence,
    "One handler for several tasks": same_handler_for_two,
    "`checkpoint=False`": checkpoint_false,
    "A handler alone is enough": without_checkpoint,
    "`checkpoint=True` without a handler": checkpoint_without_handler,
    "Checkpointing off": checkpointing_off,
    "`None` isn't stored": none,
    "Other false values are stored": falsy,
}
