"""Flows with one handler, for features that do something with it: each of several inputs in a folder of its own."""

import functools
import os

import prefect
from new_api_outcomes import error_name, stored
from old_api_outcomes import told
from prefect import Flow, task
from prefect.engine.result_handlers import LocalResultHandler


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


def stores(handler, of_flow=False, checkpointing=True, value=1):
    """What a flow with the handler does: states, what was stored where, and the value that the next task gets."""
    given = {"result_handler": handler}
    with Flow("flow", **(given if of_flow else {})) as flow:
        give = task(lambda: value, name="give", checkpoint=True, **({} if of_flow else given))()
        receive = task(lambda x: [x], name="receive", checkpoint=False)(give)
    with prefect.context(checkpointing=checkpointing):
        if not checkpointing:
            prefect.config.flows.checkpointing = False
        try:
            state = flow.run()
        finally:
            prefect.config.flows.checkpointing = True
    found = [state.result[each] for each in (give, receive)]
    values = [error_name(each.result) if each.is_failed() else repr(each.result) for each in found]
    safe = getattr(found[0]._result, "safe_value", None)
    where = repr(safe.value) if type(safe).__name__ == "SafeResult" else None
    return [type(state).__name__, values, where, repr(getattr(handler, "__dict__", {}).get("kept"))]
