"""Handlers that change after they were handed over, or that compute what they are"""

import copy
import functools
import os
import types
from unittest import mock

import cloudpickle
import prefect
from new_api_outcomes import error_name, stored
from old_api_outcomes import told
from prefect import Flow, Task, task
from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler, ResultHandler


def made(name):
    os.makedirs(name, exist_ok=True)
    return os.path.abspath(name)


def files(name="first"):
    return LocalResultHandler(made(name))


def flow_with(handler, function=lambda: 1, of_flow=False):
    """A flow of one task, its own handler or the flow's."""
    given = {} if of_flow else {"result_handler": handler}
    with Flow("flow", **({"result_handler": handler} if of_flow else {})) as flow:
        task(function, name="give", checkpoint=True, **given)()
    return flow


def ran(flow):
    (give,) = flow.tasks
    return told(flow.run(), give=give)


def outcome(feature):
    """What comes of one of several inputs, in a folder of its own: files of one aren't another's."""

    @functools.wraps(feature)
    def run(*arguments):
        here = os.getcwd()
        os.chdir(made(f"input-{len(os.listdir('.'))}"))
        try:
            return [feature(*arguments), stored()]
        except Exception as error:
            return error_name(error)
        finally:
            os.chdir(here)

    return run


@outcome
def after_change(change, make=files, of_flow=False):
    """A handler is handed over, changed, and used twice."""
    handler = make()
    flow = flow_with(handler, of_flow=of_flow)
    change(handler)
    return [ran(flow), ran(flow)]


def set_dir(folder):
    return lambda handler: setattr(handler, "dir", folder())


def folder_set():
    changes = [
        set_dir(lambda: made("second")),
        set_dir(lambda: os.path.relpath(made("second"))),
        set_dir(lambda: os.path.abspath("missing")),
        set_dir(lambda: os.path.join(os.pardir, os.path.basename(os.getcwd()), "first")),
        lambda handler: vars(handler).update(dir=made("second")),
        lambda handler: os.rmdir(handler.dir),
    ]
    return [after_change(change, files, of_flow) for change in changes for of_flow in (False, True)]


@outcome
def folder_set_between_runs():
    handler = files()
    flow = flow_with(handler)
    outcomes = [ran(flow)]
    for name in ("second", "third"):
        handler.dir = made(name)
        outcomes.append(ran(flow))
    return outcomes


@outcome
def folder_set_while_it_runs(of_flow):
    handler = files()

    def give():
        handler.dir = made("second")
        return 1

    return ran(flow_with(handler, give, of_flow))


@outcome
def folder_set_by_a_state_handler():
    handler = files()

    def redirect(owner, old, new):
        if new.is_running():
            handler.dir = made(f"of-{owner.name}")
        return new

    with Flow("flow", result_handler=handler) as flow:
        one, two = (task(lambda: 1, name=name, checkpoint=True, state_handlers=[redirect])() for name in ("a", "b"))
        two.set_upstream(one)
    return told(flow.run(), one=one, two=two)


@outcome
def folder_set_through_the_owner(of_flow):
    flow = flow_with(files(), of_flow=of_flow)
    (give,) = flow.tasks
    (flow if of_flow else give).result_handler.dir = made("second")
    return ran(flow)


@outcome
def folder_of_a_handler_of_two():
    handler = files()
    with Flow("flow", result_handler=handler) as flow:
        one = task(lambda: 1, name="one", checkpoint=True, result_handler=handler)()
        two = task(lambda: 2, name="two", checkpoint=True)()
    handler.dir = made("second")
    return told(flow.run(), one=one, two=two)


@outcome
def folder_of_mapped_tasks():
    handler = files()

    def give(x):
        return x

    with Flow("flow") as flow:
        mapped = task(give, checkpoint=True, result_handler=handler).map([1, 2])
    handler.dir = made("second")
    return told(flow.run(), mapped=mapped)


def folder_changes():
    return [
        folder_set_between_runs(),
        *[folder_set_while_it_runs(of_flow) for of_flow in (False, True)],
        folder_set_by_a_state_handler(),
        *[folder_set_through_the_owner(of_flow) for of_flow in (False, True)],
        folder_of_a_handler_of_two(),
        folder_of_mapped_tasks(),
    ]


def count_calls(handler):
    """Replace ``write`` in the handler itself."""
    original = handler.write
    handler.calls = []

    def write(result):
        handler.calls.append(result)
        return original(["counted", result])

    handler.write = write


def read_twice(handler):
    handler.read = types.MethodType(lambda self, loc: [type(self).read(self, loc)] * 2, handler)


def methods_set():
    return [
        after_change(change, make, of_flow)
        for change in (count_calls, read_twice)
        for make in (files, JSONResultHandler)
        for of_flow in (False, True)
    ]


@outcome
def patched(target, of_flow=False):
    handler = files()
    flow = flow_with(handler, of_flow=of_flow)
    with mock.patch.object(target or handler, "write", return_value="patched") as write:
        state = flow.run()
        (give,) = flow.tasks
        found = [type(state.result[give]).__name__, state.result[give]._result.safe_value.value]
        calls = [call[0][-1] for call in write.call_args_list]
    return [found, calls, ran(flow)]


def methods_patched():
    return [patched(target, of_flow) for target in (None, LocalResultHandler) for of_flow in (False, True)]


class ByProperty(LocalResultHandler):
    """Its folder is that of the moment."""

    current = "monday"

    def __init__(self):
        super().__init__(made("default"))

    @property
    def dir(self):
        return made(self.current)

    @dir.setter
    def dir(self, value):
        pass


class ByClass(LocalResultHandler):
    """Its class has the folder."""

    dir = "of-the-class"

    def __init__(self):
        made(self.dir)
        ResultHandler.__init__(self)


class ByLookup(LocalResultHandler):
    def __getattribute__(self, name):
        return made("looked-up") if name == "dir" else super().__getattribute__(name)


class ByAssignment(LocalResultHandler):
    def __setattr__(self, name, value):
        super().__setattr__(name, made("assigned") if name == "dir" else value)


class Unfinished(LocalResultHandler):
    """It hasn't been through its base's constructor."""

    def __init__(self, folder):
        self.dir = folder


class Plain(LocalResultHandler):
    """It overrides nothing."""

    team = "data"


def move_on(handler):
    type(handler).current = "tuesday"


def attributes_computed():
    kinds = (ByProperty, ByClass, lambda: ByLookup(made("x")), lambda: ByAssignment(made("x")))
    outcomes = [after_change(move_on, make, of_flow) for make in kinds for of_flow in (False, True)]
    ByProperty.current = "monday"
    outcomes.append(after_change(set_dir(lambda: made("second")), ByClass))
    outcomes.append(after_change(set_dir(lambda: made("second")), lambda: ByAssignment(made("x"))))
    outcomes.append(after_change(lambda handler: None, lambda: Unfinished(made("x"))))
    outcomes.append(after_change(set_dir(lambda: made("second")), lambda: Plain(made("x"))))
    return outcomes


class Counting(ResultHandler):
    """One of the user's own, whose settings are its attributes."""

    def __init__(self, **settings):
        super().__init__()
        self.__dict__.update(settings)
        self.kept = {}

    def read(self, loc):
        return self.kept[loc]

    def write(self, result):
        self.kept[f"{getattr(self, 'prefix', 'key')}-{len(self.kept)}"] = result
        return sorted(self.kept)[-1]


class Updated(LocalResultHandler):
    def __init__(self, **settings):
        super().__init__(made("first"))
        self.__dict__.update(settings)


RESERVED = {"location": "there", "value": 5, "serializer": None, "result_handler": {}, "_formatter": 1, "_handler": 2}


def attributes_of_any_name():
    def prefix(handler):
        handler.prefix = "changed"

    def constant(result):
        return "constant"

    return [
        after_change(prefix, lambda: Counting(**RESERVED)),
        after_change(prefix, lambda: Counting(**RESERVED), True),
        after_change(lambda handler: None, lambda: Updated(**RESERVED)),
        after_change(lambda handler: None, lambda: Updated(dir=made("second"))),
        after_change(lambda handler: vars(handler).update(RESERVED), files),
        after_change(lambda handler: vars(handler).update(RESERVED), files, True),
        after_change(lambda handler: vars(handler).update(read=lambda loc: "read"), files),
        *[after_change(lambda handler: None, lambda: Updated(write=constant, read=constant), f) for f in (False, True)],
    ]


@outcome
def settings_of_a_task(settings, later=None):
    class Configured(Task):
        def __init__(self, settings, **kwargs):
            super().__init__(checkpoint=True, **kwargs)
            self.__dict__.update(settings)

        def run(self):
            return 1

    with Flow("flow") as flow:
        give = Configured(settings)()
    outcomes = [ran(flow), type(give.result_handler).__name__]
    if later is not None:
        give.__dict__.update(later)
        outcomes += [ran(flow), type(give.result_handler).__name__]
    return outcomes


@outcome
def settings_of_a_flow():
    with Flow("flow") as flow:
        task(lambda: 1, name="give", checkpoint=True)()
    vars(flow)["result_handler"] = files()
    return ran(flow)


def settings_of_owners():
    return [
        settings_of_a_task({"result_handler": Counting()}),
        settings_of_a_task({"result_handler": JSONResultHandler()}, {"result_handler": Counting()}),
        settings_of_a_task({"result_handler": JSONResultHandler()}, {"result_handler": None}),
        settings_of_a_task({"result": "my own", "value": 1}),
        settings_of_a_flow(),
    ]


@outcome
def own_attributes():
    class Own(Task):
        def __init__(self, **kwargs):
            super().__init__(checkpoint=True, **kwargs)
            self.result = {"rows": 0}
            self.location = self.target_table = "table"

        def run(self):
            self.result["rows"] += 1
            return self.result["rows"]

    with Flow("flow", result_handler=files()) as flow:
        give = Own()()
    return [told(flow.run(), give=give), give.result, give.location]


@outcome
def set_by_the_class(handler, early):
    class OfTheClass(Task):
        result_handler = None if early else handler

        def __init__(self, **kwargs):
            if early:
                self.result_handler = handler
            super().__init__(checkpoint=True, **kwargs)

        def run(self):
            return 1

    given = JSONResultHandler()
    outcomes = []
    for keywords in ({}, {"result_handler": given}):
        with Flow("flow") as flow:
            give = OfTheClass(**keywords)()
        outcomes += [give.result_handler in (None, given), ran(flow)]
        give.result_handler = given
        outcomes += [ran(flow)]
        give.result_handler = None
        outcomes += [ran(flow), give.result_handler]
    return outcomes


def attributes_of_classes():
    return [own_attributes(), *[set_by_the_class(Counting(), early) for early in (False, True)]]


def same_object():
    """What is read is the handler that was given, with all that it has."""
    outcomes = []
    for handler in (Plain(made("first")), Counting(), JSONResultHandler()):
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


@outcome
def moved_home(dir):
    with mock.patch.object(prefect.config, "home_dir", made("home")):
        handler = LocalResultHandler(dir and os.path.abspath(dir))
        flow = flow_with(handler)
        first = ran(flow)
    with mock.patch.object(prefect.config, "home_dir", os.path.dirname(handler.dir)):
        return [first, ran(flow), ran(flow_with(handler))]


def homes():
    return [moved_home(dir) for dir in (None, "elsewhere", os.path.join("elsewhere", "deeper"))]


FEATURES = {
    "`handler.dir = ...` once a task or flow has it": folder_set,
    "`handler.dir = ...` at other moments": folder_changes,
    "`handler.write = ...` and `handler.read = ...`": methods_set,
    "`mock.patch.object` on a handler or its class": methods_patched,
    "Attributes that a handler's class computes": attributes_computed,
    "Attributes of any name in a handler": attributes_of_any_name,
    "Handlers in the `__dict__` of a task or flow": settings_of_owners,
    "Attributes of tasks and their classes that Prefect has too": attributes_of_classes,
    "`task.result_handler` and `flow.result_handler` are the object that was given": same_object,
    "Copies of a flow with a handler": copied_flows,
    "A handler's folder when Prefect's home changes": homes,
}
