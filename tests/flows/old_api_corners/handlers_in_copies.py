"""Handlers in pickles and copies of what has them"""

import copy
import os
import pickle

import cloudpickle
from handlers_in_use import files, flow_with, made, outcome, ran
from new_api_outcomes import error_name, stored
from old_api_outcomes import told
from prefect import Flow, Task
from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler, ResultHandler, S3ResultHandler


class One(Task):
    def run(self):
        return 1


class Plain(LocalResultHandler):
    """It overrides nothing."""

    team = "data"

    def who(self):
        return f"{self.team}/{self.owner}"


class Mine(ResultHandler):
    pass


class Reduced(LocalResultHandler):
    """It says how it is pickled."""

    def __reduce__(self):
        return Reduced, (self.dir,)


class Careful(LocalResultHandler):
    """It leaves out what can't be pickled."""

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if name != "lock"}


def settings(handler, **attributes):
    vars(handler).update(attributes)
    return handler


def handlers():
    return [
        LocalResultHandler(made("first")),
        settings(LocalResultHandler(made("first")), owner="me"),
        settings(Plain(made("first")), owner="me"),
        settings(Reduced(made("first")), owner="me"),
        settings(Careful(made("first")), lock=(each for each in ()), owner="me"),
        settings(JSONResultHandler(), owner=["me"]),
        settings(S3ResultHandler("bucket"), owner="me"),
    ]


def same_object():
    """What is read is the handler that was given, with all that it has."""
    outcomes = []
    for handler in (Plain(made("first")), Mine(), JSONResultHandler()):
        handler.owner = "me"
        one = Task(result_handler=handler)
        flow = Flow("flow", result_handler=handler)
        two, three = Task(), Task()
        two.result_handler = handler
        three.result_handler = one.result_handler
        copied = one.copy()
        owners = (one, flow, two, three, copied, copy.copy(one))
        outcomes.append([[each.result_handler is handler, each.result_handler.owner] for each in owners])
    return outcomes


@outcome
def copies(how):
    handler = files()
    flow = flow_with(handler)
    handler.dir = made("before")
    copied = how(flow)
    handler.dir = made("after")
    return [ran(copied), ran(flow)]


def copied_flows():
    return [
        copies(how) for how in (copy.copy, Flow.copy, copy.deepcopy, lambda f: cloudpickle.loads(cloudpickle.dumps(f)))
    ]


def of_owners(handler):
    first = Task(name="first", result_handler=handler)
    second = Task(name="second", result_handler=handler)
    flow = Flow("flow", result_handler=handler)
    flow.add_task(first)
    flow.add_task(second)
    return flow


WAYS = (
    ("cloudpickle", lambda x: cloudpickle.loads(cloudpickle.dumps(x))),
    ("pickle", lambda x: pickle.loads(pickle.dumps(x, protocol=2))),
    ("copy", copy.copy),
    ("deepcopy", copy.deepcopy),
    ("twice", lambda x: copy.deepcopy(pickle.loads(pickle.dumps(x)))),
)


def seen(owner):
    handler = owner.result_handler
    own = {name: value for name, value in vars(handler).items() if name in ("owner", "bucket", "value")}
    own["dir"] = os.path.relpath(handler.dir) if hasattr(handler, "dir") else None
    return [type(handler).__name__, sorted(own.items()), handler is owner.result_handler]


def after_each_way():
    found = []
    for name, way in WAYS:
        for handler in handlers():
            owners = [Task(name="owner", result_handler=handler), Flow("owner", result_handler=handler)]
            for owner in owners:
                try:
                    arrived = way(owner)
                    seen(arrived)
                    found.append([name, seen(arrived), arrived.result_handler is handler, arrived == owner])
                except Exception as error:
                    found.append([name, error_name(error)])
    return found


def pickled_after_changes():
    found = []
    for _, way in WAYS:
        handler = settings(Plain(made("first")), owner="me")
        owner = Task(name="owner", result_handler=handler)
        way(owner)
        handler.owner, handler.dir = "you", made("second")
        arrived = way(owner)
        handler.owner = "they"
        found.append([seen(arrived), arrived.result_handler.who()])
        arrived.result_handler = JSONResultHandler()
        found.append(seen(way(arrived)))
        arrived.result_handler = None
        found.append(way(arrived).result_handler)
    return found


def shared():
    """One handler of several is one afterwards."""
    found = []
    for name, way in WAYS:
        for handler in handlers():
            if name == "pickle" and hasattr(handler, "lock"):
                continue
            try:
                flow = way(of_owners(handler))
            except Exception as error:
                found.append([name, error_name(error)])
                continue
            first, second = sorted(flow.tasks, key=lambda each: each.name)
            one = first.result_handler
            found.append([name, [each.result_handler is one for each in (flow, second)]])
            flow = way(flow)
            first, second = sorted(flow.tasks, key=lambda each: each.name)
            found.append([name, [each.result_handler is second.result_handler for each in (flow, first)]])
    return found


def changed_afterwards():
    """A handler that arrived in a pickle is changed, through one of those that have it."""
    found = []
    for number, (name, way) in enumerate(WAYS):
        for cls in (LocalResultHandler, Plain):
            here = os.getcwd()
            os.chdir(made(f"{number}-{cls.__name__}"))
            try:
                handler = cls(made("first"))
                with Flow("flow", result_handler=handler) as flow:
                    One(name="one", checkpoint=True, result_handler=handler)()
                    One(name="two", checkpoint=True)()
                    One(name="three", checkpoint=True, result_handler=cls(made("other")))()
                flow = way(flow)
                tasks = {each.name: each for each in flow.tasks}
                tasks["one"].result_handler.dir = made("second")
                found.append([name, told(flow.run(), **tasks)])
                flow.result_handler.dir = made("third")
                flow = way(flow)
                found.append([told(flow.run(), **{each.name: each for each in flow.tasks}), stored()])
            finally:
                os.chdir(here)
    return found


FEATURES = {
    "`task.result_handler` and `flow.result_handler` are the object that was given": same_object,
    "Copies of a flow with a handler": copied_flows,
    "A handler's class and attributes in pickles and copies": after_each_way,
    "Changes of a handler before it is pickled": pickled_after_changes,
    "A handler that several have in a pickle or copy": shared,
    "Changes of a handler that came in a pickle": changed_afterwards,
}
