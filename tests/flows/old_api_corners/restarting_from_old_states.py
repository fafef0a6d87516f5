"""Restarts from the states that Prefect 0.10.7 wrote as JSON, and from those that this release writes."""

import json
import os

from old_api_outcomes import told
from prefect import Flow, task
from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler, ResultHandler
from prefect.engine.state import State
from prefect.serialization.state import StateSchema


def old_state(location, **handler):
    release = {"__version__": "0.10.7"}
    result = {"type": "SafeResult", "value": location, "result_handler": {**handler, **release}, **release}
    state = {"type": "Success", "message": "old", "cached_inputs": {}, "context": {}, "_result": result, **release}
    return StateSchema().load(json.loads(json.dumps(state)))


class Mine(ResultHandler):
    def write(self, result):
        return "mine"

    def read(self, loc):
        return "read " + loc


@task
def after(x):
    return x


@task
def both(x, y):
    return [x, y]


def restarted(handler, location, **serialized):
    first = task(lambda: "not run again", name="first", **({} if handler is None else {"result_handler": handler}))
    with Flow("flow") as flow:
        one = first()
        two = after(one)
        three = both(one, two)
    return told(flow.run(task_states={one: old_state(location, **serialized)}), two=two, three=three)


def local(name="LocalResultHandler"):
    return {"type": name, "dir": os.getcwd()}


def files():
    handler = LocalResultHandler(dir=os.getcwd())
    return [restarted(handler, handler.write(value), **local()) for value in ("stored", [1, 2], 0, {"a": None})]


def texts():
    return [restarted(JSONResultHandler(), text, type="JSONResultHandler") for text in ("[1, 2]", '"a"', "0", "null")]


def without_a_handler():
    path = LocalResultHandler(dir=os.getcwd()).write("stored")
    return restarted(None, path, **local())


def with_another_handler():
    return restarted(Mine(), "there", **local())


def of_ones_own():
    return restarted(Mine(), "there", type="CustomResultHandler")


def missing():
    handler = LocalResultHandler(dir=os.getcwd())
    return restarted(handler, os.path.abspath("missing"), **local())


def of_this_release():
    """A state goes through JSON between two runs of a flow."""
    outcomes = []
    for handler in (LocalResultHandler(dir=os.getcwd()), JSONResultHandler()):
        for keywords, of_task in (({"result_handler": handler}, {}), ({}, {"result_handler": handler})):
            with Flow("flow", **keywords) as flow:
                one = task(lambda: [1, 2], name="one", checkpoint=True, **of_task)()
                two = after.copy(checkpoint=bool(keywords))(one)
            state = State.deserialize(json.loads(json.dumps(flow.run().result[one].serialize())))
            outcomes.append(told(flow.run(task_states={one: state}), two=two))
    return outcomes


FEATURES = {
    "Restarting with a `LocalResultHandler`": files,
    "Restarting with a `JSONResultHandler`": texts,
    "Restarting with the state's handler alone": without_a_handler,
    "Restarting with another handler than the state's": with_another_handler,
    "Restarting with a handler of one's own": of_ones_own,
    "Restarting with a state that this release wrote": of_this_release,
    "Restarting where the stored value is gone": missing,
}
