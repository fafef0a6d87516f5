"""What the engine does with values: the same with handlers under the shim as with native Results and no shim."""

import contextlib
import datetime
import time
from typing import Any, Callable, NamedTuple, Tuple

import cloudpickle
import pytest
from installed import PREFECT
from stores import KINDS, Store

import rehandle

pytestmark = [pytest.mark.prefect("0.11", "2"), pytest.mark.filterwarnings("ignore")]

FILES_OF_ITS_OWN = "a custom handler chooses its own locations, and a JSON handler's location is the value"


class Feature(NamedTuple):
    """One feature.

    Attributes:
        scenario: takes a ``Store``; asserts what the feature is about; returns what is to be compared.
        since: the first release of Prefect that has it.
        kinds: the handlers that can do it.
        reason: why not all can, and why releases before ``since`` can't.
    """

    scenario: Callable[[Store], Any]
    since: Tuple[int, ...] = (0, 11)
    kinds: Tuple[str, ...] = KINDS
    reason: str = ""


def retries(store):
    from prefect import Flow, task

    seen = []

    @task(max_retries=1, retry_delay=datetime.timedelta(0))
    def flaky(x):
        seen.append(x)
        if len(seen) == 1:
            raise ValueError("once")
        return x + 1

    with Flow("f", **store()) as flow:
        flaky(task(lambda: 1, name="one")())
    state = flow.run()
    assert (state.is_successful(), seen) == (True, [1, 1])
    return state


def restart_from_what_is_stored(store):
    """As an agent does: states go through JSON and lose their values, which are read back where they are stored."""
    from prefect import Flow, task
    from prefect.engine.state import State

    runs = []

    @task(**store())
    def costly():
        runs.append("costly")
        return {"n": 20}

    @task
    def fragile(x):
        if len(runs) == 1:
            runs.append("failed")
            raise ValueError("once")
        return x["n"] + 1

    with Flow("f") as flow:
        first = costly()
        last = fragile(first)
    failed = flow.run()
    assert failed.is_failed()
    loaded = State.deserialize(failed.result[first].serialize())
    assert loaded.result is None
    loaded.load_result(first.result)
    state = flow.run(task_states={first: loaded})
    assert (state.is_successful(), state.result[last].result, runs) == (True, 21, ["costly", "failed"])
    return [failed, loaded, state]


def loop(store):
    import prefect
    from prefect.engine.signals import LOOP

    @prefect.task(**store())
    def count():
        so_far = prefect.context.get("task_loop_result", 0)
        if so_far < 3:
            raise LOOP(message="again", result=so_far + 1)
        return so_far

    with prefect.Flow("f") as flow:
        last = count()
    state = flow.run()
    assert state.result[last].result == 3
    return state


def cached(store, parameters=({}, {}), names=("n", "n"), **options):
    import prefect

    runs = []

    def work(x):
        runs.append(x)
        return x + 1

    states = []
    with prefect.context(caches={}):
        for name, given in zip(names, parameters):
            with prefect.Flow("f", **store()) as flow:
                last = prefect.task(work, name=name, **options)(prefect.Parameter("x", default=1))
            states.append(flow.run(parameters=given).result[last])
    return [type(state).__name__ for state in states], runs, states


def cache_for(store):
    types, runs, states = cached(store, cache_for=datetime.timedelta(hours=1))
    assert (types, runs, states[1].result) == (["Cached", "Cached"], [1], 2)
    return states


def cache_key(store):
    _, runs, states = cached(store, names=("a", "b"), cache_for=datetime.timedelta(hours=1), cache_key="k")
    assert (runs, states[1].result) == ([1], 2)
    return states


def cache_validator(store):
    from prefect.engine.cache_validators import all_inputs

    hour = datetime.timedelta(hours=1)
    given = ({"x": 1}, {"x": 1}, {"x": 5})
    _, runs, states = cached(store, given, names="nnn", cache_for=hour, cache_validator=all_inputs)
    assert (runs, [state.result for state in states]) == ([1, 5], [2, 2, 6])
    return states


def target(store, name="one.pickle", file="one.pickle"):
    import prefect

    runs = []

    @prefect.task(target=name, **store())
    def one():
        runs.append(1)
        return 1

    with prefect.Flow("f") as flow:
        last = one()
    first, second = flow.run().result[last], flow.run().result[last]
    assert (runs, first.result, second.result) == ([1], 1, 1)
    assert (type(first).__name__, type(second).__name__) == ("Success", "Cached")
    assert cloudpickle.loads((store.folder / file).read_bytes()) == 1
    return [first, second]


def target_template(store):
    return target(store, "{task_name}-{today}.pickle", f"one-{datetime.date.today()}.pickle")


def target_callable(store):
    return target(store, lambda **context: context["task_name"] + ".called", "one.called")


def mapping(store):
    from prefect import Flow, task, unmapped

    @task
    def add(x, y):
        return x + y

    @task
    def total(xs):
        return sum(xs)

    with Flow("f", **store()) as flow:
        once = add.map([1, 2, 3], unmapped(10))
        twice = add.map(once, once, task_args=store("json"))
        last = total(twice)
    state = flow.run()
    assert state.result[last].result == 72
    assert [child.result for child in state.result[twice].map_states] == [22, 24, 26]
    return state


def flattened(store):
    from prefect import Flow, flatten, task

    with Flow("f", **store()) as flow:
        lists = task(lambda n: [n] * n, name="lists").map([1, 2])
        last = task(lambda x: 2 * x, name="double").map(flatten(lists))
    state = flow.run()
    assert state.result[last].result == [2, 4, 4]
    return state


def parameters_secrets_constants(store):
    import prefect
    from prefect.tasks.secrets import PrefectSecret

    @prefect.task
    def join(a, b, c, d):
        return [a, b, c, d["k"]]

    with prefect.Flow("f", **store()) as flow:
        last = join(prefect.Parameter("p"), PrefectSecret("S"), "constant", {"k": prefect.Parameter("q", default=4)})
    with prefect.context(secrets={"S": "hidden"}):
        state = flow.run(parameters={"p": 1})
    assert state.result[last].result == [1, "hidden", "constant", 4]
    return state


def switch(store):
    from prefect import Flow, task
    from prefect.tasks.control_flow import ifelse, merge
    from prefect.tasks.control_flow import switch as prefects_switch

    with Flow("f", **store()) as flow:
        branches = {name: task(lambda name=name: name, name=name)() for name in "abcd"}
        prefects_switch(task(lambda: "a", name="which")(), {"a": branches["a"], "b": branches["b"]})
        ifelse(task(lambda: False, name="if")(), branches["c"], branches["d"])
        last = merge(branches["a"], branches["b"])
    state = flow.run()
    assert state.result[last].result == "a"
    assert [state.result[branches[name]].is_skipped() for name in "abcd"] == [False, True, True, False]
    return state


def case(store):
    from prefect import Flow, case, task

    with Flow("f", **store()) as flow:
        which = task(lambda: "a", name="which")()
        with case(which, "a"):
            yes = task(lambda: 1, name="yes")()
        with case(which, "b"):
            no = task(lambda: 2, name="no")()
    state = flow.run()
    assert (state.result[yes].result, state.result[no].is_skipped()) == (1, True)
    return state


def skips_failures_and_triggers(store):
    from prefect import Flow, task, triggers
    from prefect.engine.signals import FAIL, SKIP, SUCCESS

    def raising(error):
        def run():
            raise error

        return run

    with Flow("f", **store()) as flow:
        skipped = task(raising(SKIP("no")), name="skipped")()
        failed = task(raising(FAIL("bad", result=1)), name="failed")()
        broken = task(raising(KeyError("k")), name="broken")()
        early = task(raising(SUCCESS("enough", result=3)), name="early")()
        after_skip = task(lambda x: x, name="after_skip")(skipped)
        stopped = task(lambda x: x, name="stopped")(broken)
        tidy = task(lambda: "tidy", name="tidy", trigger=triggers.any_failed)(upstream_tasks=[failed, early])
        flow.set_reference_tasks([tidy, early])
    state = flow.run()
    assert state.is_successful()
    names = [type(state.result[t]).__name__ for t in (skipped, failed, broken, early, after_skip, stopped, tidy)]
    assert names == ["Skipped", "Failed", "Failed", "Success", "Skipped", "TriggerFailed", "Success"]
    return state


def timeout(store):
    from prefect import Flow, task

    with Flow("f", **store()) as flow:
        slow = task(lambda: time.sleep(3), name="slow", timeout=1)()
        fast = task(lambda: 1, name="fast", timeout=5)()
    state = flow.run()
    assert (type(state.result[slow]).__name__, state.result[fast].result) == ("TimedOut", 1)
    return state


def get_item(store):
    from prefect import Flow, task

    with Flow("f") as flow:
        last = task(lambda: {"k": [5, 6]}, name="many", **store())()["k"][1]
    state = flow.run()
    assert state.result[last].result == 6
    return state


def precedence_and_checkpoint(store):
    from prefect import Flow, task

    with Flow("f", **store()) as flow:
        one, two, three, four = (
            task(lambda: 1, name="of the flow")(),
            task(lambda: 2, name="own", **store("json"))(),
            task(lambda: 3, name="not kept", checkpoint=False)(),
            task(lambda: None, name="nothing")(),
        )
    state = flow.run()
    assert [state.result[t].result for t in (one, two, three, four)] == [1, 2, 3, None]
    assert state.result[two]._result.location == "2"
    assert [state.result[t]._result.location for t in (three, four)] == [None, None]
    assert len(store.files()) == (0 if store.kind == "json" else 1)
    return state


def checkpointing_off(store):
    from prefect.utilities.configuration import set_temporary_config

    with set_temporary_config({"flows.checkpointing": False}):
        state = mapping(store)
    assert store.files() == []
    return state


def imperative(store):
    import prefect

    class Add(prefect.Task):
        def run(self, x, y=0):
            return x + y

    flow = prefect.Flow("f", **store())
    first, second, third, last = (Add(name=name, **store()) for name in ("first", "second", "third", "last"))
    flow.add_task(first)
    first.bind(x=1, flow=flow)
    second.bind(x=2, flow=flow)
    flow.set_dependencies(third, keyword_tasks={"x": first, "y": second})
    flow.set_dependencies(last, keyword_tasks={"x": [1]}, upstream_tasks=[third])
    flow.set_dependencies(last.copy(name="mapped"), keyword_tasks={"x": [1, 2]}, mapped=True)
    last.set_dependencies(flow, keyword_tasks={"y": [third]})
    state = flow.run()
    assert state.result[last].result == [1, 3]
    return state


FEATURES = {
    "retries": Feature(retries),
    "restart": Feature(restart_from_what_is_stored),
    "LOOP": Feature(loop),
    "cache_for": Feature(cache_for),
    "cache_key": Feature(cache_key),
    "cache_validator": Feature(cache_validator),
    "target": Feature(target, kinds=("local",), reason=FILES_OF_ITS_OWN),
    "target template": Feature(target_template, kinds=("local",), reason=FILES_OF_ITS_OWN),
    "target callable": Feature(target_callable, (0, 12), ("local",), "a target was a text; " + FILES_OF_ITS_OWN),
    "mapping": Feature(mapping),
    "flatten": Feature(flattened, (0, 12), reason="there is no prefect.flatten"),
    "parameters, secrets, constants": Feature(parameters_secrets_constants),
    "switch, ifelse, merge": Feature(switch),
    "case": Feature(case),
    "skips, failures, triggers": Feature(skips_failures_and_triggers),
    "timeout": Feature(timeout, kinds=("local",), reason="it takes a second, and has nothing to do with the handler"),
    "task[key]": Feature(get_item),
    "precedence, checkpoint, None": Feature(precedence_and_checkpoint),
    "checkpointing off": Feature(checkpointing_off),
    "imperative": Feature(imperative),
}


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, row in FEATURES.items() for kind in row.kinds])
def test_the_same_with_and_without(name, kind, tmp_path):
    row = FEATURES[name]
    outcomes = []
    for shim in (False, True):
        store = Store(kind, shim, tmp_path / str(shim))
        with rehandle.installed() if shim else contextlib.nullcontext():
            if row.since > PREFECT:
                assert row.reason
                with pytest.raises((ImportError, TypeError, AttributeError, AssertionError)):
                    row.scenario(store)
                continue
            outcomes.append((store.described(row.scenario(store)), store.files()))
    assert outcomes[1:] == outcomes[:1]
