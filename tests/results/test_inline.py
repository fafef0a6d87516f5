"""Results that need no storage: the same cases for rehandle's own classes and for Prefect's."""

import datetime
import pickle

from interfaces import Cases, check

from rehandle import serializers

DATE = datetime.datetime(2020, 3, 4, 5, 6, 7, tzinfo=datetime.timezone.utc)

case = Cases()


class Secret:
    """What a SecretResult needs of a secret's task."""

    name = "TOKEN"

    def run(self, name=None):
        return f"value of {name}"

    def __eq__(self, other):
        return type(other) is Secret


def pair(result):
    return result.value, result.location


# A text of UTF-8 in JSON, whatever it holds.
for name, value, location in (
    ("none", None, "null"),
    ("number", 1.5, "1.5"),
    ("text", "grüße", '"gr\\u00fc\\u00dfe"'),
    ("list", [1, [None]], "[1, [null]]"),
    ("mapping", {"k": {"l": True}}, '{"k": {"l": true}}'),
):
    case.add(f"writing a {name}", lambda r, tmp, value=value: pair(r.PrefectResult().write(value)), (value, location))
    case.add(f"reading a {name}", lambda r, tmp, text=location: pair(r.PrefectResult().read(text)), (value, location))


@case([(1, "1"), (None, "{x}")])
def the_location_of_a_prefect_result_is_its_value(r, tmp):
    result = r.PrefectResult(location="{x}")
    return [pair(result.write(1, x="y")), pair(result)]


@case([True, True, False, False])
def existence_is_being_json(r, tmp):
    return [r.PrefectResult().exists(text, x=1) for text in ('{"x": 1}', "null", "{x}", "")]


@case(ValueError)
def reading_no_json(r, tmp):
    r.PrefectResult().read("{x}")


@case(TypeError)
def writing_what_json_cannot_hold(r, tmp):
    r.PrefectResult().write(object())


@case(TypeError)
def a_prefect_result_takes_no_bytes(r, tmp):
    r.PrefectResult(serializer=serializers.PickleSerializer())


@case(TypeError, ("0.11", "0.12.1", "not noticed"))
def nor_later(r, tmp):
    r.PrefectResult().serializer = serializers.PickleSerializer()
    return "not noticed"


@case(("2020-03-04T05:06:07", True), ("0.11", "0.13.9", TypeError))
def a_prefect_result_takes_points_in_time(r, tmp):
    result = r.PrefectResult(serializer=serializers.DateTimeSerializer())
    written = result.write(DATE)
    return written.location[:19], result.read(written.location).value == DATE


@case([True, True])
def prefect_results_are_pickled_and_compared(r, tmp):
    result = r.PrefectResult(value=1)
    return [pickle.loads(pickle.dumps(result)) == result, result == r.PrefectResult(value=1)]


@case((5, None, True))
def a_constant(r, tmp):
    result = r.ConstantResult(value=5)
    return (*pair(result.read("anything")), result.read("anything") is result)


@case([True, True])
def a_constant_always_exists(r, tmp):
    return [r.ConstantResult(value=5).exists(location, x=1) for location in ("", "{unknown}")]


@case(ValueError)
def a_constant_is_not_written(r, tmp):
    r.ConstantResult(value=5).write(5)


@case(TypeError)
def a_constant_has_no_positional_value(r, tmp):
    r.ConstantResult(5)


@case(ValueError, ("0.11", "0.12.1", TypeError))
def a_constant_takes_no_serializer(r, tmp):
    r.ConstantResult(value=5, serializer=serializers.PickleSerializer())


@case((None, "TOKEN"))
def a_secret(r, tmp):
    return pair(r.SecretResult(Secret()))


@case("elsewhere")
def a_secret_with_another_location(r, tmp):
    return r.SecretResult(Secret(), location="elsewhere").location


@case(("value of OTHER", "OTHER"))
def reading_a_secret(r, tmp):
    return pair(r.SecretResult(secret_task=Secret()).read("OTHER"))


@case(ValueError)
def a_secret_is_not_written(r, tmp):
    r.SecretResult(Secret()).write("value")


@case(NotImplementedError)
def whether_a_secret_exists_is_not_known(r, tmp):
    r.SecretResult(Secret()).exists("TOKEN")


@case(ValueError, ("0.11", "0.12.1", TypeError))
def a_secret_takes_no_serializer(r, tmp):
    r.SecretResult(Secret(), serializer=serializers.PickleSerializer())


@case([True, False])
def secrets_are_compared(r, tmp):
    return [r.SecretResult(Secret()) == other for other in (r.SecretResult(Secret()), r.ConstantResult())]


@case.parametrize
def test_inline_results(r, function, expected, tmp_path):
    check(r, function, expected, tmp_path)
