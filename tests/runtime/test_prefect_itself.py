"""Prefect without any handler: everything is the same with the shim on as off, and as it should be.

Prefect's own tests aren't in its releases. These are in our own words: each row is looked at with the shim off and on,
must give the same both times, and must give what the row says.
"""

import contextlib
import datetime
import inspect
import pickletools
import pydoc
import re
import warnings
from typing import Any, Callable, NamedTuple, Tuple

import cloudpickle
import pytest
from comparing import both, task_class
from installed import PREFECT

pytestmark = pytest.mark.prefect("0.11", "2")

MINUTE = datetime.timedelta(minutes=1)
THERE = PREFECT is not None and (0, 11) <= PREFECT < (2,)
HAS_HANDLERS = PREFECT is not None and PREFECT < (0, 14)
# Methods that only the shim gives to Prefect's classes.
ADDED = {
    *(("Result", name) for name in ("to_result", "store_safe_value", "__setstate__", "__eq__")),
    *((name, method) for name in ("Task", "Flow") for method in ("__copy__", "__reduce_ex__")),
}
# From here on a metaclass wraps the constructors of tasks, and warns about tasks among their arguments.
WRAPS_CONSTRUCTORS = (0, 13, 17)


def flow_of(*tasks, **arguments):
    import prefect

    return prefect.Flow("f", tasks=tasks, **arguments)


# --- Tasks and flows -------------------------------------------------------------------------------------------------

TASK_DEFAULTS = {
    "name": "Task",
    "tags": set(),
    "max_retries": 0,
    "retry_delay": None,
    "timeout": None,
    "skip_on_upstream_skip": True,
    "cache_for": None,
    "cache_key": None,
    "checkpoint": None,
    "state_handlers": [],
    "log_stdout": False,
    "result": None,
    "target": None,
    "auto_generated": False,
}
FLOW_DEFAULTS = {"name": "f", "schedule": None, "tasks": set(), "edges": set(), "state_handlers": [], "result": None}


def test_a_task_has_its_defaults():
    import prefect

    assert both(lambda: {name: getattr(prefect.Task(), name) for name in TASK_DEFAULTS}) == TASK_DEFAULTS


def test_a_flow_has_its_defaults():
    import prefect

    found = both(lambda: {name: getattr(prefect.Flow("f"), name) for name in FLOW_DEFAULTS})
    assert found == FLOW_DEFAULTS


@pytest.mark.parametrize("name", ["Task", "Flow", "subclass", "function", "Parameter", "Storage"])
def test_no_attribute_comes_or_goes(name):
    import prefect
    from prefect.engine.results import LocalResult

    storage = prefect.environments.storage if HAS_HANDLERS else prefect.storage
    make = {
        "Task": lambda: prefect.Task(result=LocalResult(), target="t"),
        "Flow": lambda: prefect.Flow("f", result=LocalResult()),
        "subclass": lambda: task_class()(max_retries=1, retry_delay=MINUTE),
        "function": lambda: prefect.task(lambda: 1, name="n"),
        "Parameter": lambda: prefect.Parameter("p"),
        "Storage": lambda: storage.Local(),
    }[name]
    assert "result_handler" not in both(lambda: list(vars(make())))


class Raises(NamedTuple):
    """Something that Prefect refuses.

    Attributes:
        action: what to do.
        error: the error's type.
        text: what its message contains.
    """

    action: Callable[[], Any]
    error: type
    text: str


def refusals():
    import prefect
    from prefect.engine.task_runner import TaskRunner
    from prefect.tasks.secrets import PrefectSecret

    Task, Flow, Parameter = prefect.Task, prefect.Flow, prefect.Parameter  # noqa: N806

    def cycle():
        one, two = Task("1"), Task("2")
        flow = flow_of(one, two)
        flow.add_edge(one, two)
        flow.add_edge(two, one, validate=True)

    return {
        "Task, unknown keyword": Raises(lambda: Task(foo=1), TypeError, "unexpected keyword argument 'foo'"),
        "subclass, unknown keyword": Raises(lambda: task_class()(foo=1), TypeError, "unexpected keyword argument"),
        "@task, unknown keyword": Raises(lambda: prefect.task(len, foo=1), TypeError, "unexpected keyword argument"),
        "Task, too many": Raises(lambda: Task(*[None] * 40), TypeError, "positional arguments but 41 were given"),
        "Task, twice": Raises(lambda: Task("n", **{"name": "m"}), TypeError, "multiple values for argument 'name'"),
        "Flow, unknown keyword": Raises(lambda: Flow("f", foo=1), TypeError, "unexpected keyword argument 'foo'"),
        "Flow, no name": Raises(lambda: Flow(), TypeError, "missing 1 required positional argument: 'name'"),
        "Flow, empty name": Raises(lambda: Flow(""), ValueError, "name must be provided"),
        "retries without delay": Raises(lambda: Task(max_retries=1), ValueError, "retry_delay"),
        "delay without retries": Raises(lambda: Task(retry_delay=MINUTE), ValueError, "max_retries"),
        "timeout": Raises(lambda: Task(timeout=0.5), TypeError, "imeout"),
        "tags": Raises(lambda: Task(tags="text"), TypeError, "should be a set of tags"),
        "state handlers": Raises(lambda: Task(state_handlers=len), TypeError, "iterable"),
        "varargs": Raises(lambda: prefect.task(lambda *args: 1), ValueError, "variable positional"),
        "reserved argument": Raises(lambda: prefect.task(lambda mapped: 1), ValueError, "mapped"),
        "no flow": Raises(lambda: task_class()()(), ValueError, "active Flow"),
        "no flow to map in": Raises(lambda: prefect.task(lambda x: 1).map([1]), ValueError, "active Flow"),
        "unknown argument of run": Raises(lambda: task_class()().bind(y=1, flow=Flow("f")), TypeError, "'y'"),
        "copy of an unknown attribute": Raises(
            lambda: Task().copy(foo=1), AttributeError, "does not have foo as an attribute"
        ),
        "iteration": Raises(lambda: iter(Task()), TypeError, "not iterable"),
        "cycle": Raises(cycle, ValueError, "Cycle found"),
        "reference task": Raises(lambda: Flow("f").set_reference_tasks([Task()]), ValueError, "eference tasks"),
        "same parameter twice": Raises(lambda: flow_of(Parameter("p"), Parameter("p")), ValueError, "slug"),
        "missing parameter": Raises(
            lambda: flow_of(Parameter("p")).run(), ValueError, "did not receive the following required parameters: p"
        ),
        "unknown parameter": Raises(lambda: flow_of(Task()).run(parameters={"p": 1}), Exception, "p"),
        "secret with a result": Raises(
            lambda: PrefectSecret("s", result=1), ValueError, "Result types for Secrets are not configurable"
        ),
        "secret without a value": Raises(
            lambda: PrefectSecret("s").run(), ValueError, 'Local Secret "s" was not found'
        ),
        "runner without a task": Raises(lambda: TaskRunner(), TypeError, "missing 1 required positional argument"),
    }


@pytest.mark.parametrize("name", sorted(refusals()) if THERE else [])
def test_errors(name):
    def look():
        row = refusals()[name]
        with pytest.raises(row.error) as caught:
            row.action()
        return type(caught.value), re.sub("0x[0-9a-f]+", "", str(caught.value))

    row = refusals()[name]
    assert row.text in both(look)[1]


class Warns(NamedTuple):
    """Something that Prefect warns of.

    Attributes:
        action: what to do.
        text: how the message starts.
        since: the first release that warns.
        here_since: the first release whose warning points at the user's line, not at one of Prefect's.
    """

    action: Callable[[], Any]
    text: str
    since: Tuple[int, ...] = (0, 11)
    here_since: Tuple[int, ...] = (2,)


def warners():
    import prefect
    from prefect.engine.results import LocalResult

    def copied_with_dependencies():
        with prefect.Flow("f"):
            task = task_class()()
            task.bind(upstream_tasks=[prefect.Task()])
            task.copy()

    def own_init(self, **kwargs):
        prefect.Task.__init__(self, **kwargs)

    never = {"cache_validator": lambda *args: True}
    text = "cache_validator provided without specifying cache expiration"
    argument = "A Task was passed as an argument"
    located = {"result": LocalResult(location="x")}
    moment = datetime.timedelta(seconds=1, microseconds=1)
    wraps = WRAPS_CONSTRUCTORS
    return {
        "Task": Warns(lambda: prefect.Task(**never), text),
        "subclass": Warns(lambda: task_class()(**never), text),
        "own constructor": Warns(lambda: task_class(__init__=own_init)(**never), text),
        "@task": Warns(lambda: prefect.task(lambda: 1, name="n", **never), text),
        "location and target": Warns(lambda: prefect.Task(target="y", **located), "Both `result.location` and"),
        "target of a copy": Warns(
            lambda: prefect.Task(**located).copy(target="y"), "Both `result.location` and", here_since=(0, 13)
        ),
        "copy with dependencies": Warns(copied_with_dependencies, "You are making a copy", here_since=(0, 13)),
        "task as argument": Warns(lambda: prefect.Task(target=prefect.Task()), argument, wraps, wraps),
        "task as argument of a subclass": Warns(lambda: task_class()(target=prefect.Task()), argument, wraps, wraps),
        "timeout": Warns(lambda: prefect.Task(timeout=moment), "Task timeouts do not support", (0, 14)),
        "reserved attribute": Warns(lambda: task_class(target="t")(), "`Own` sets a `target` attribute", (0, 14, 5)),
    }


@pytest.mark.parametrize("name", sorted(warners()) if THERE else [])
def test_warnings(name):
    row = warners()[name]

    def look():
        with warnings.catch_warnings(record=True) as caught, contextlib.suppress(TypeError):
            warnings.simplefilter("always")
            row.action()
        return [(str(each.message), each.category, each.filename, each.lineno) for each in caught]

    found = [each for each in both(look) if each[0].startswith(row.text)]
    if row.since > PREFECT:
        assert found == []
        return
    ((_, category, filename, _),) = found
    assert category is UserWarning
    assert (filename == __file__) == (row.here_since <= PREFECT), filename


# --- Looking at classes, and pickles ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Task", "Flow"])
def test_signatures_and_help(name):
    import prefect

    cls = getattr(prefect, name)

    def look():
        signature = inspect.signature(cls.__init__)
        kept = [p for p in signature.parameters.values() if HAS_HANDLERS or p.name != "result_handler"]
        text = pydoc.plain(pydoc.render_doc(cls)).split("Data descriptors")[0]
        text = re.sub(r"(, )?\*?(, )?result_handler=None", "", text)
        text = re.sub(r" \|  __(copy|reduce_ex)__ = .*\n( \|      .*\n)* \|  \n", "", text)
        return (
            kept,
            signature.replace(parameters=kept),
            inspect.getdoc(cls.__init__),
            inspect.getsource(cls.__init__),
            text,
        )

    parameters, _, _, source, text = both(look)
    assert "name" in {p.name for p in parameters}
    assert "def __init__(" in source
    assert f"class {name}(" in text


def test_names_of_patched_functions():
    import prefect
    from prefect.engine.task_runner import TaskRunner

    def look():
        owners = (prefect.Task, prefect.Flow, TaskRunner, prefect.engine.state.State, prefect.engine.result.Result)
        found = {}
        for owner in owners:
            for name, value in vars(owner).items():
                if inspect.isfunction(value) and (owner.__name__, name) not in ADDED:
                    found[owner.__name__, name] = (value.__module__, value.__qualname__, value.__doc__)
        return found

    assert both(look)["Task", "__init__"][:2] == ("prefect.core.task", "Task.__init__")


@pytest.mark.prefect("0.14.5", "2")
def test_reserved_attributes():
    import prefect

    def look():
        if "_cached_reserved_attributes" in vars(prefect.Task):
            del prefect.Task._cached_reserved_attributes
        return prefect.Task._reserved_attributes

    assert "target" in both(look)


@pytest.mark.parametrize("name", ["Task", "subclass", "function", "Flow", "Result", "state"])
def test_pickles_are_the_same_bytes(name):
    import prefect
    from prefect.engine.results import LocalResult
    from prefect.engine.state import Success

    thing = {
        "Task": lambda: prefect.Task(result=LocalResult()),
        "subclass": lambda: task_class()(),
        "function": lambda: prefect.task(lambda: 1, name="n"),
        "Flow": lambda: flow_of(prefect.Task("1"), result=LocalResult()),
        "Result": lambda: LocalResult(location="x"),
        "state": lambda: Success(result=LocalResult(location="x")),
    }[name]()
    pickled = both(lambda: cloudpickle.dumps(thing))
    assert both(lambda: cloudpickle.dumps(cloudpickle.loads(pickled)))
    texts = [str(argument) for _, argument, _ in pickletools.genops(pickled)]
    assert not [text for text in texts if text.split(".")[0] == "rehandle"]
