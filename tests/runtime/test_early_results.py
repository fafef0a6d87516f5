"""Serializers on releases of Prefect that have none yet (0.11.0 to 0.12.0), or not all."""

import base64
import datetime
import pickle

import cloudpickle
import pytest

import rehandle
from rehandle import results, serializers

EARLY = pytest.mark.prefect("0.11", "0.12.1")

VALUE = {"answer": 42}
MOMENT = datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)


@EARLY
@pytest.mark.usefixtures("shim")
class TestWithTheShim:
    @pytest.mark.parametrize(
        ("serializer", "value"),
        [
            (serializers.PickleSerializer(), VALUE),
            (serializers.PickleSerializer(write_format="base64"), VALUE),
            (serializers.JSONSerializer(), VALUE),
            (serializers.DateTimeSerializer(), MOMENT),
            (serializers.CompressedSerializer(serializers.PickleSerializer(), "bz2"), VALUE),
        ],
    )
    def test_files(self, tmp_path, serializer, value):
        result = results.LocalResult(dir=str(tmp_path), location="a/{name}", serializer=serializer)
        written = result.write(value, name="b")
        assert (written.location, written.value) == ("a/b", value)
        assert serializer.deserialize((tmp_path / "a" / "b").read_bytes()) == value
        assert result.read("a/b").value == value

    def test_text(self):
        result = results.PrefectResult(serializer=serializers.DateTimeSerializer())
        location = result.write(MOMENT).location
        assert location.startswith("2020-01-02T00:00:00")
        assert result.read(location).value == MOMENT
        assert result.exists(location)
        assert not result.exists('"text"')

    def test_without_one_nothing_is_other_than_before(self, tmp_path):
        result = results.LocalResult(dir=str(tmp_path), location="a")
        assert "serializer" not in vars(result)
        result.write(VALUE)
        assert pickle.loads((tmp_path / "a").read_bytes()) == VALUE
        assert result.read("a").value == VALUE
        inline = results.PrefectResult()
        assert inline.read(inline.write(VALUE).location).value == VALUE
        assert inline.exists("1")

    def test_class_methods(self):
        base = results.Result
        assert base.serialize_to_bytes(VALUE) == base64.b64encode(cloudpickle.dumps(VALUE))
        for data in (pickle.dumps(VALUE), base64.b64encode(pickle.dumps(VALUE))):
            assert base.deserialize_from_bytes(data) == base().deserialize_from_bytes(data) == VALUE

    def test_in_a_flow(self, tmp_path):
        from prefect import Flow, task

        @task(result=results.LocalResult(dir=str(tmp_path), serializer=serializers.JSONSerializer()), target="a")
        def compute():
            return VALUE

        with Flow("serialized") as flow:
            compute()
        assert flow.run().is_successful()
        assert (tmp_path / "a").read_bytes() == b'{"answer": 42}'
        state = flow.run()
        (task_state,) = state.result.values()
        assert task_state.is_cached()
        assert task_state.result == VALUE


@pytest.mark.prefect("0.12.1", "0.14")
def test_points_in_time_as_text_on_later_releases(shim):
    result = results.PrefectResult(serializer=serializers.DateTimeSerializer())
    location = result.write(MOMENT).location
    assert result.read(location).value == MOMENT
    with pytest.raises(TypeError, match="JSONSerializer"):
        results.PrefectResult(serializer=serializers.PickleSerializer())


@EARLY
def test_without_the_shim():
    with rehandle.installed():
        pass
    with pytest.raises(TypeError, match="serializer"):
        results.LocalResult(serializer=serializers.JSONSerializer())
    with pytest.raises((ValueError, pickle.UnpicklingError)):
        results.Result.deserialize_from_bytes(pickle.dumps(VALUE))
