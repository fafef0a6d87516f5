"""``Result`` itself: the same cases for rehandle's own class and for Prefect's."""

import datetime
import pickle
import re

import cloudpickle
import pytest
from installed import LOADS_FUNCTIONS
from interfaces import Cases, check

from rehandle import serializers

DATE = datetime.datetime(2020, 3, 4, tzinfo=datetime.timezone.utc)
DEFAULT_NAME = r"\d{4}/[1-9]\d?/[1-9]\d?/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.prefect_result"

case = Cases()


def pair(result):
    return result.value, result.location


@case((None, None))
def nothing_given(r, tmp):
    return pair(r.Result())


@case((1, "x"))
def value_and_location(r, tmp):
    return pair(r.Result(value=1, location="x"))


# Where a handler or validators came second.
@case((1, "x"), ("0.11", "0.15", (1, None)))
def positional_arguments(r, tmp):
    return pair(r.Result(1, "x"))


@case(TypeError)
def an_unknown_argument(r, tmp):
    r.Result(result="x")


@case("{x}")
def a_template_stays(r, tmp):
    return r.Result(location="{x}").location


@case(None, ("0.11", "0.12", "a function"))
def a_function_is_no_location(r, tmp):
    location = r.Result(location=lambda **names: "x").location
    return "a function" if callable(location) else location


@case("a.txt", ("0.11", "0.12", AttributeError))
def a_function_makes_the_location(r, tmp):
    return r.Result(location=lambda **names: names["x"] + ".txt").format(x="a", y=1).location


@case((1, "{a}", "b"))
def formatting_leaves_the_result(r, tmp):
    result = r.Result(value=1, location="{a}")
    return (*pair(result), result.format(a="b").location)


@case(True)
def a_default_location(r, tmp):
    return bool(re.fullmatch(DEFAULT_NAME, r.Result().default_location))


@case(True)
def without_a_location_it_is_a_default_one(r, tmp):
    return bool(re.fullmatch(DEFAULT_NAME, r.Result().format(x=1).location))


@case(100)
def default_locations_differ(r, tmp):
    return len({r.Result().default_location for _ in range(100)})


@case(((2, None), (1, "x")))
def from_value(r, tmp):
    result = r.Result(value=1, location="x")
    return pair(result.from_value(2)), pair(result)


@case((True, False, True))
def a_copy_shares_the_value(r, tmp):
    result = r.Result(value=[1])
    copy = result.copy()
    return copy == result, copy is result, copy.value is result.value


@case("PrefectResult")
def a_copy_keeps_its_class(r, tmp):
    return type(r.PrefectResult().copy()).__name__


@case([True, False, False, False, False])
def equality(r, tmp):
    others = r.Result(value=1, location="x"), r.Result(value=2, location="x"), r.Result(value=1), r.PrefectResult(), 1
    return [r.Result(value=1, location="x") == other for other in others]


@case(False, ("0.11", "0.12.1", TypeError))
def another_serializer_is_another_result(r, tmp):
    return r.Result(serializer=serializers.JSONSerializer()) == r.Result(serializer=serializers.PickleSerializer())


@case(TypeError)
def results_are_not_hashable(r, tmp):
    hash(r.Result())


@case(["<Result: 'a'>", "<PrefectResult: [1]>"])
def representation(r, tmp):
    return [repr(r.Result(value="a")), repr(r.PrefectResult(value=[1]))]


@case(NotImplementedError)
def the_base_class_reads_nothing(r, tmp):
    r.Result().read("x")


@case(NotImplementedError)
def the_base_class_writes_nothing(r, tmp):
    r.Result().write(1)


@case(NotImplementedError)
def the_base_class_knows_nothing_to_exist(r, tmp):
    r.Result().exists("x")


@case(True)
def pickling(r, tmp):
    result = r.Result(value=1, location="{x}")
    return pickle.loads(pickle.dumps(result)) == cloudpickle.loads(cloudpickle.dumps(result)) == result


@case("x", ("0.11", "0.12", AttributeError))
def pickling_a_function(r, tmp):
    def locate(**names):
        return "x"

    return cloudpickle.loads(cloudpickle.dumps(r.Result(location=locate))).format().location


@case("PickleSerializer", ("0.11", "0.12.1", AttributeError))
def the_default_serializer(r, tmp):
    return type(r.Result().serializer).__name__


@case("JSONSerializer", ("0.11", "0.12.1", TypeError))
def a_given_serializer(r, tmp):
    return type(r.Result(serializer=serializers.JSONSerializer()).serializer).__name__


@case((True, False, False, True), ("0.15", "2", TypeError))
def validators(r, tmp):
    def positive(result):
        return result.value > 0

    def small(result):
        return result.value < 10

    results = [r.Result(value=value, validators=[positive, small]) for value in (1, 10, -1)]
    return (*(result.validate() for result in results), r.Result(validators=[]).validate())


@case(False, ("0.15", "2", TypeError))
def validators_that_should_not_run_run_all_the_same(r, tmp):
    return r.Result(validators=[lambda result: False], run_validators=False).validate()


def own_class(r):
    """A user's class, written for Prefect 1.4."""

    class Memory(r.Result):
        stored = {}  # noqa: RUF012

        def __init__(self, prefix="", **kwargs):
            self.prefix = prefix
            super().__init__(**kwargs)

        def write(self, value_, **kwargs):
            new = self.format(**kwargs)
            new.value = value_
            self.logger.debug("writing %s", new.location)
            self.stored[self.prefix + new.location] = value_
            return new

        def read(self, location):
            new = self.copy()
            new.location = location
            new.value = self.stored[self.prefix + location]
            return new

        def exists(self, location, **kwargs):
            return self.prefix + location.format(**kwargs) in self.stored

    return Memory


@case(((1, "b.007"), {"p/b.007": 1}))
def own_class_writes(r, tmp):
    result = own_class(r)("p/", location="{a}.{n:03}")
    return pair(result.write(1, a="b", n=7)), result.stored


@case(((1, "x"), True, False))
def own_class_reads(r, tmp):
    result = own_class(r)(location="x")
    result.write(1)
    return pair(result.read("x")), result.exists("{name}", name="x"), result.exists("y")


@case([True, True, False])
def own_class_is_compared_and_copied(r, tmp):
    cls = own_class(r)
    return [cls("p") == cls("p"), cls("p") == cls("p").copy(), cls("p") == cls("q")]


@case(("<Memory: 5>", True))
def own_class_is_a_result(r, tmp):
    result = own_class(r)().from_value(5)
    return repr(result), isinstance(result, r.Result)


@case((None, "p"))
def own_class_is_pickled(r, tmp):
    loaded = cloudpickle.loads(cloudpickle.dumps(own_class(r)("p")))
    return loaded.value, loaded.prefix


TEMPLATES = {
    "{task_name}.txt": "t.txt",
    "{date:%Y-%d}": "2020-04",
    "{date.month}": "3",
    "{map_index:03}": "007",
    "{parameters[x]}": "1",
    "{task_name!r}": "'t'",
    "{task_name:>{map_index}}": "      t",
    "{{task_name}}": "{task_name}",
    "{{{task_name}}}": "{t}",
    "{map_index}-{task_loop_count}-{task_run_id}": "7-2-i",
    "plain": "plain",
    "": "",
    "/absolute/{task_name}": "/absolute/t",
    "back\\{task_name}": "back\\t",
    "grüße/{task_name}": "grüße/t",
    "{unknown}": KeyError,
    "{parameters[unknown]}": KeyError,
    "{date.unknown}": AttributeError,
    "{}": IndexError,
    "{0}": IndexError,
    "{": ValueError,
    "}": ValueError,
    "{task_name:%Y}": ValueError,
    "{task_name!x}": ValueError,
}
NAMES = {
    "task_name": "t",
    "date": DATE,
    "map_index": 7,
    "task_loop_count": 2,
    "task_run_id": "i",
    "parameters": {"x": 1},
}

for template, expected in TEMPLATES.items():
    case.add(
        f"template {template!r}",
        lambda r, tmp, template=template: r.Result(location=template).format(**NAMES).location,
        expected,
    )


@case.parametrize
def test_result(r, function, expected, tmp_path):
    if function in (pickling_a_function, own_class_is_pickled) and not LOADS_FUNCTIONS:
        pytest.skip("the cloudpickle that this Prefect wants can't load functions on Python 3.11")
    check(r, function, expected, tmp_path)
