"""What options of Prefect 1.x become in Prefect 3, and what they don't."""

from __future__ import annotations

import datetime
import pickle
import uuid

import pytest

from rehandle import handlers, mapping, prefect_3_options, results, serializers
from rehandle.errors import RehandleError

on_prefect_3 = pytest.mark.prefect("3.2", "4")

HOUR = datetime.timedelta(hours=1)
STORED = {"persist_result": True, "result_storage_key": "{task_run.id}"}


def prefect_3(**options):
    import rehandle.prefect3

    return rehandle.prefect3.prefect_3(**options)


class OwnHandler(handlers.ResultHandler):
    pass


class OwnResult(results.LocalResult):
    pass


def local(**options):
    return results.LocalResult("/data", validate_dir=False, **options)


@on_prefect_3
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {}),
        ({"checkpoint": True}, STORED),
        ({"checkpoint": False}, {"persist_result": False}),
        ({"checkpoint": False, "cache_for": HOUR, "result": local()}, {"persist_result": False}),
        ({"result": local()}, STORED),
        ({"result": local(), "storage": "old-results/a"}, {**STORED, "result_storage": "old-results/a"}),
        ({"result": results.S3Result("b", boto3_kwargs={"region_name": "r"})}, STORED),
        ({"result": results.GCSResult("b")}, STORED),
        ({"result": results.AzureResult("b", connection_string="c")}, STORED),
        ({"result": results.PrefectResult()}, {**STORED, "result_serializer": "json"}),
        ({"result": results.ConstantResult(value=1)}, {}),
        ({"result_handler": handlers.LocalResultHandler("/data", validate=False)}, STORED),
        ({"result_handler": handlers.S3ResultHandler("b", aws_credentials_secret="s")}, STORED),
        ({"result_handler": handlers.GCSResultHandler("b", credentials_secret="s")}, STORED),
        ({"result_handler": handlers.AzureResultHandler("b")}, STORED),
        ({"result_handler": handlers.JSONResultHandler()}, {**STORED, "result_serializer": "json"}),
        ({"result_handler": handlers.ConstantResultHandler(1)}, {}),
        ({"target": "a.pkl"}, {**STORED, "result_storage_key": "a.pkl"}),
        ({"result": local(location="b.pkl"), "target": "a.pkl"}, {**STORED, "result_storage_key": "a.pkl"}),
        (
            {"result": local(location="{x}.pkl")},
            {**STORED, "result_storage_key": "{parameters[x]}.pkl", "refresh_cache": True},
        ),
        ({"target": "a.pkl", "cache_for": HOUR}, {**STORED, "result_storage_key": "a.pkl", "cache_expiration": HOUR}),
        ({"result": local(serializer=serializers.JSONSerializer())}, {**STORED, "result_serializer": "json"}),
        ({"result": local(serializer=serializers.PickleSerializer("base64"))}, STORED),
        ({"result": local(serializer=serializers.DateTimeSerializer())}, STORED),
    ],
    ids=repr,
)
def test_options(options, expected):
    assert prefect_3(**options) == expected


@on_prefect_3
def test_a_cache_alone():
    from prefect.cache_policies import INPUTS, TASK_SOURCE

    policy = INPUTS + TASK_SOURCE
    assert prefect_3(cache_for=HOUR) == {"persist_result": True, "cache_policy": policy, "cache_expiration": HOUR}


@on_prefect_3
@pytest.mark.parametrize("library", prefect_3_options.COMPRESSION_LIBRARIES)
def test_compression(library):
    compressed = serializers.CompressedSerializer(serializers.JSONSerializer(), library)
    made = prefect_3(result=local(serializer=compressed))["result_serializer"]
    assert (made.type, made.serializer.type, made.compressionlib) == ("compressed", "json", library)
    assert made.loads(made.dumps({"a": 1})) == {"a": 1}


@on_prefect_3
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_retries": 3}, "takes no max_retries=: write retries="),
        ({"cache_key": "k"}, r"write cache_key_fn=lambda \*_: 'k'"),
        ({"cache_validator": None}, "write cache_policy="),
        ({"no_such_option": 1}, "no option of a task's result"),
        ({"cache_for": 3600}, "takes a timedelta, and got int"),
        ({"storage": "/data"}, "takes a saved block or its name"),
        ({"result": local(), "result_handler": handlers.JSONResultHandler()}, "both given"),
        ({"result": "/data"}, "only rehandle's own Results"),
        ({"result": OwnResult("/data")}, "only rehandle's own Results"),
        ({"result": results.Result()}, "the base class stores nothing"),
        ({"result": results.S3Result("b", upload_options={"ACL": "private"})}, "upload_options"),
        ({"result_handler": OwnHandler()}, "only rehandle's own handlers"),
        ({"result_handler": handlers.ResultHandler()}, "the base class stores nothing"),
        ({"target": "a", "checkpoint": False}, "without storing anything"),
        ({"target": "a", "result": results.ConstantResult(value=1)}, "without storing anything"),
        ({"target": lambda **_: "a"}, "target= is a function"),
        ({"result": local(location=lambda **_: "a")}, "location= is a function"),
        ({"result": local(location="a"), "cache_for": HOUR}, "either a key or a cache policy"),
        (
            {"result": local(serializer=serializers.HMACSerializer(serializers.PickleSerializer(), "0" * 16))},
            "can't sign",
        ),
        (
            {
                "result": local(
                    serializer=serializers.CompressedSerializer(
                        serializers.PickleSerializer(), compress=bytes, decompress=bytes
                    )
                )
            },
            "functions or arguments of your own",
        ),
    ],
    ids=repr,
)
def test_what_is_refused(options, message):
    with pytest.raises((RehandleError, TypeError), match=message):
        prefect_3(**options)


@on_prefect_3
def test_a_block_that_is_not_saved(folders):
    with pytest.raises(RehandleError, match="save it under a name"):
        prefect_3(result=local(), storage=folders.block())


@pytest.mark.parametrize(
    ("template", "key"),
    [
        ("plain", "plain"),
        ("{x}", "{parameters[x]}"),
        ("{x.day:02d}-{x[0]!r}", "{parameters[x].day:02d}-{parameters[x][0]!r}"),
        ("{parameters[n]}", "{flow_run.parameters[n]}"),
        ("{{x}}", "{{x}}"),
        ("{date:%Y-%m-%d}", "{flow_run.scheduled_start_time:%Y-%m-%d}"),
        ("{date.year}", "{flow_run.scheduled_start_time.year}"),
        ("{scheduled_start_time:%H}", "{flow_run.scheduled_start_time:%H}"),
        ("{today}/{today_nodash}", "{flow_run.scheduled_start_time:%Y-%m-%d}/{flow_run.scheduled_start_time:%Y%m%d}"),
        ("/a/{flow_name}/{task_name}", "/a/{flow_run.flow_name}/{task_run.task_name}"),
        ("{flow_run_id}{task_run_id}{flow_run_name}", "{flow_run.id}{task_run.id}{flow_run.name}"),
    ],
)
def test_templates(template, key):
    assert prefect_3_options.storage_key(template, "target") == key


@pytest.mark.parametrize(
    ("template", "message"),
    [
        *((f"{{{field}}}", advice.partition(":")[0]) for field, advice in prefect_3_options.REFUSED_FIELDS.items()),
        ("{date}", "needs a format with %"),
        ("{date:YYYY-MM-DD}", "needs a format with %"),
        ("{date!s:%Y}", "needs a format with %"),
        ("{today:>20}", "is a text in Prefect 1.x"),
        ("{parameters}", "needs the name of a parameter"),
        ("{x:{y}}", "a format with a field in it"),
        ("{}", "has no name"),
        ("{0}", "has no name"),
        ("{x", "is no template"),
    ],
)
def test_templates_that_are_refused(template, message):
    with pytest.raises(RehandleError, match=message):
        prefect_3_options.storage_key(template, "target")


def test_the_table_has_every_result_and_serializer():
    assert set(prefect_3_options.RESULTS) == set(results.__all__)
    assert set(prefect_3_options.SERIALIZERS) | {"CompressedSerializer"} == {
        name for name in serializers.__all__ if name.endswith("Serializer") and name != "Serializer"
    }
    assert {row.result for row in mapping.HANDLERS.values()} <= set(prefect_3_options.RESULTS)


@on_prefect_3
class TestInFlows:
    """The rows of the table as they behave, over a folder with old results."""

    @pytest.fixture
    def ran(self):
        return []

    def run(self, ran, folders, function=lambda x: 2 * x, calls=(1, 1, 2), name="double", **options):
        from prefect import flow, task

        storage = folders.saved()

        def double(x):
            ran.append(x)
            return function(x)

        made = task(double, name=name, **prefect_3(result=options.pop("result", local()), storage=storage, **options))
        return flow(lambda n: [made(x) for x in calls], name="etl", persist_result=False)(7)

    def test_a_target(self, ran, folders, server):
        folders.put("etl/double-1-7.pkl", pickle.dumps("old"))
        target = "{flow_name}/{task_name}-{x}-{parameters[n]}.pkl"
        assert self.run(ran, folders, target=target) == ["old", "old", 4]
        assert ran == [2]

    def test_a_target_with_the_day(self, ran, folders, server):
        folders.put(f"1-{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}.pkl", pickle.dumps("old"))
        assert self.run(ran, folders, target="{x}-{date:%Y-%m-%d}.pkl", calls=(1,)) == ["old"]
        assert self.run(ran, folders, target="{x}-{today}.pkl", calls=(1,)) == ["old"]

    def test_a_location(self, ran, folders, server):
        folders.put("1.pkl", pickle.dumps("old"))
        assert self.run(ran, folders, result=local(location="{x}.pkl")) == [2, 2, 4]
        assert ran == [1, 1, 2]
        assert sorted(path.name for path in folders.new.iterdir()) == ["1.pkl", "2.pkl"]

    def test_neither(self, ran, folders, server):
        assert self.run(ran, folders) == [2, 2, 4]
        assert ran == [1, 1, 2]
        assert len(list(folders.new.iterdir())) == 3

    def test_no_checkpoint(self, ran, folders, server):
        assert self.run(ran, folders, checkpoint=False) == [2, 2, 4]
        assert not folders.new.exists()

    def test_a_cache(self, ran, folders, server):
        name = f"double-{uuid.uuid4()}"
        assert self.run(ran, folders, cache_for=HOUR, name=name) == [2, 2, 4]
        assert self.run(ran, folders, cache_for=HOUR, name=name) == [2, 2, 4]
        assert ran == [1, 2]

    def test_a_cache_that_expires(self, ran, folders, server):
        nothing = datetime.timedelta(0)
        assert self.run(ran, folders, cache_for=nothing, target="{x}.pkl", calls=(1, 1)) == [2, 2]
        assert ran == [1, 1]
        # Old files have no end.
        folders.put("5.pkl", pickle.dumps("old"))
        assert self.run(ran, folders, cache_for=nothing, target="{x}.pkl", calls=(5,)) == ["old"]

    def test_compression(self, ran, folders, server):
        compressed = local(serializer=serializers.CompressedSerializer(serializers.JSONSerializer(), "gzip"))
        for _ in range(2):
            assert self.run(ran, folders, result=compressed, target="{x}.gz", calls=(1,)) == [2]
        assert ran == [1]

    def test_none_is_stored(self, ran, folders, server):
        """Unlike in Prefect 1.x, which ran a task again that returned None."""
        for _ in range(2):
            assert self.run(ran, folders, function=lambda _: None, target="{x}.pkl", calls=(1,)) == [None]
        assert ran == [1]
