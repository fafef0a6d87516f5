"""Handlers that change after they were handed over"""

import os
import types
from unittest import mock

import prefect
from handlers_in_use import after_change, files, flow_with, made, outcome, ran, set_dir
from old_api_outcomes import told
from prefect import Flow, task
from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler


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


class Marking(LocalResultHandler):
    def write(self, result):
        return super().write(["marked", result])


def class_changes():
    def other_class(handler):
        handler.__class__ = Marking

    def other_bases(handler):
        type(handler).__bases__ = (Marking,)

    def derived():
        middle = type("Middle", (LocalResultHandler,), {})
        return type("Derived", (middle,), {})(made("first"))

    return [
        after_change(change, make, of_flow)
        for change, make in ((other_class, files), (other_class, derived), (other_bases, derived))
        for of_flow in (False, True)
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
    "Handlers that get another class, or whose class gets other bases": class_changes,
    "A handler's folder when Prefect's home changes": homes,
}
