"""Serializers."""

import datetime
import json

from new_api_outcomes import stored, told
from prefect import Flow, task
from prefect.engine.results import LocalResult, PrefectResult

WHEN = datetime.datetime(2020, 2, 24, 12, 30, tzinfo=datetime.timezone.utc)


def run(value, result):
    @task(result=result)
    def give():
        return value

    with Flow("flow") as flow:
        made = give()
    return told(flow.run(), give=made)


def given(name):
    from prefect.engine import serializers

    return getattr(serializers, name)


def pickles():
    return [run({"a": 1}, LocalResult(dir="results", serializer=given("PickleSerializer")())), stored()]


def text():
    result = LocalResult(dir="results", location="x.json", serializer=given("JSONSerializer")())
    return [run({"a": [1, None, "é"]}, result), stored()]


def moments():
    result = LocalResult(dir="results", location="moment", serializer=given("DateTimeSerializer")())
    return [run(WHEN, result), stored()]


def inline_moments():
    return run(WHEN, PrefectResult(serializer=given("DateTimeSerializer")()))


def compressed():
    serializer = given("CompressedSerializer")(given("JSONSerializer")(), "zlib")
    result = LocalResult(dir="results", location="small", serializer=serializer)
    return [run([1] * 100, result), stored()]


def own():
    class Lines(given("Serializer")):
        def serialize(self, value):
            return "\n".join(value).encode()

        def deserialize(self, value):
            return value.decode().split("\n")

    ran = []

    @task(target="lines.txt", result=LocalResult(dir="results", serializer=Lines()))
    def lines():
        ran.append(1)
        return ["a", "b"]

    with Flow("flow") as flow:
        made = lines()
    return [told(flow.run(), lines=made), told(flow.run(), lines=made), ran, stored()]


def unserializable():
    return [run({1, 2}, LocalResult(dir="results", location="x", serializer=given("JSONSerializer")())), json.dumps(1)]


FEATURES = {
    "`PickleSerializer`": pickles,
    "`JSONSerializer`": text,
    "`DateTimeSerializer`": moments,
    "`PrefectResult` with a `DateTimeSerializer`": inline_moments,
    "`CompressedSerializer`": compressed,
    "Serializers of one's own": own,
    "A value that can't be serialized fails the task": unserializable,
}
