"""States: what they are, as JSON and in pickles."""

import json
import os
import pickle

import pendulum
from engine_rows import rows, told
from prefect import Flow, task
from prefect.engine import results, signals
from prefect.engine import state as module
from prefect.engine.result import NoResult, Result
from prefect.engine.state import State
from prefect.serialization.state import StateSchema

CLASSES = [cls for cls in vars(module).values() if getattr(cls, "__name__", None) in StateSchema.type_schemas]
QUESTIONS = sorted(name for name in dir(State) if name.startswith("is_"))


def each(look, **keywords):
    return {cls.__name__: tell(look, cls, **keywords) for cls in CLASSES}


def tell(look, cls, **keywords):
    try:
        return look(cls(message="said", **keywords))
    except Exception as error:
        return [type(error).__name__, str(error)]


def as_json(state):
    written = state.serialize()
    loaded = State.deserialize(json.loads(json.dumps(written)))
    return [written, type(loaded).__name__, type(loaded._result).__name__, loaded.serialize() == written, told(loaded)]


def local():
    return results.LocalResult(os.path.abspath("files"))


def loaded(result, reader=None):
    state = module.Success(result=result)
    again = State.deserialize(json.loads(json.dumps(state.serialize())))
    return told(again.load_result(reader))


def stored():
    return local().write([1, 2])


def signal(cls):
    try:
        raise cls("message", result=5)
    except signals.PrefectStateSignal as error:
        return [told(error.state), isinstance(error, Exception)]


def flow_state():
    with Flow("f") as flow:
        one = task(lambda: 1, name="one")()
        task(lambda x: 1 / 0, name="two")(one)
    return flow.run()


FEATURES = rows(
    {
        "what each says of itself": lambda: each(lambda s: [getattr(s, name)() for name in QUESTIONS]),
        "each's repr": lambda: each(repr),
        "each is equal": lambda: each(lambda s: [s == type(s)(message="said"), s == type(s)(message="not")]),
        "each with a value": lambda: each(lambda s: [s.result, s._result.value], result=7),
        "each with a Result": lambda: each(lambda s: [s.result, s._result.location], result=Result(7, "there")),
        "each with NoResult": lambda: each(lambda s: repr(s.result), result=NoResult),
        "each as JSON": lambda: each(as_json),
        "each with a value as JSON": lambda: each(as_json, result=7),
        "each with a location as JSON": lambda: each(as_json, result=Result(7, "there")),
        "each with a LocalResult as JSON": lambda: each(as_json, result=results.LocalResult("/tmp", location="x")),
        "each with a PrefectResult as JSON": lambda: each(as_json, result=results.PrefectResult(location="7")),
        "each with a ConstantResult as JSON": lambda: each(as_json, result=results.ConstantResult(value=7)),
        "each with a GCSResult as JSON": lambda: each(as_json, result=results.GCSResult("b", location="x")),
        "each with an S3Result as JSON": lambda: each(as_json, result=results.S3Result("b", location="x")),
        "each in a pickle": lambda: each(lambda s: told(pickle.loads(pickle.dumps(s))), result=Result(7, "there")),
        "each with a context": lambda: each(lambda s: s.context, context={"tags": ["a"]}),
        "each with cached inputs": lambda: each(lambda s: s.cached_inputs, cached_inputs={"x": Result(1, "there")}),
        "cached inputs as JSON": lambda: each(as_json, cached_inputs={"x": Result(1, "there")}),
        "children": lambda: each(lambda s: s.children() if hasattr(s, "children") else None),
        "a state of states": lambda: module.Failed("x", result={"a": module.Success("y")}).children(),
        "a result that is set": lambda: each(lambda s: (setattr(s, "result", 3), told(s))),
        "a Result that is set": lambda: each(lambda s: (setattr(s, "result", Result(3, "there")), told(s))),
        "load_result with the state's own": lambda: loaded(stored()),
        "load_result with another": lambda: loaded(stored(), local()),
        "load_result of a value": lambda: told(module.Success(result=5).load_result()),
        "load_result of nothing": lambda: told(module.Success().load_result(local())),
        "load_result where there is nothing": lambda: loaded(Result(None, "missing"), results.PrefectResult()),
        "load_result of a PrefectResult": lambda: loaded(results.PrefectResult().write([1])),
        "load_result of a mapped state": lambda: told(
            module.Mapped("m", map_states=[module.Success(result=results.PrefectResult(location="4"))]).load_result(
                results.PrefectResult()
            )
        ),
        "load_cached_results": lambda: (
            module.Success(cached_inputs={"x": results.PrefectResult(location="4")})
            .load_cached_results({"x": results.PrefectResult()})
            .cached_inputs["x"]
            .value
        ),
        "signals": lambda: [
            signal(cls) for cls in (signals.FAIL, signals.SUCCESS, signals.SKIP, signals.RETRY, signals.PAUSE)
        ],
        "LOOP": lambda: signal(signals.LOOP),
        "a scheduled state": lambda: as_json(module.Scheduled("s", start_time=pendulum.datetime(2020, 1, 1))),
        "a state from the future": lambda: StateSchema().load({"type": "Success", "message": "m", "new": 1}),
        "a state of no type": lambda: State.deserialize({"message": "m"}),
        "a state of an unknown type": lambda: State.deserialize({"type": "Nothing", "message": "m"}),
        "a flow's state": lambda: told(flow_state()),
        "a flow's state in a pickle": lambda: type(pickle.loads(pickle.dumps(flow_state().message))).__name__,
        "the parent's states": lambda: State.parents() if hasattr(State, "parents") else None,
        "the children's states": lambda: sorted(cls.__name__ for cls in State.children()),
    }
)
