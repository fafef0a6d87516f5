"""Serializers: rehandle's own on every release, and Prefect's where rehandle gives these out."""

import base64
import datetime
import importlib
import json
import pickle
import sys
import zlib

import cloudpickle
import pytest

from rehandle import prefect_release, serializers
from rehandle.serializers import text

BASE64 = serializers.PickleSerializer(write_format="base64")
VALUES = pytest.mark.parametrize(
    "value",
    [None, 0, -1.5, "", "grüße", b"", bytes(range(256)), [1, [None]], {"k": (1, {2})}, "x" * 100_000, Exception],
    ids=lambda value: type(value).__name__,
)


class TestPickle:
    @pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
    @VALUES
    def test_pickles_are_read_with_and_without_base64(self, value, protocol):
        data = pickle.dumps(value, protocol)
        assert serializers.loads(data) == value
        assert serializers.loads(base64.b64encode(data)) == value
        assert serializers.loads(base64.encodebytes(data)) == value

    @pytest.mark.parametrize("serializer", [serializers.PickleSerializer(), BASE64])
    @VALUES
    def test_what_is_written_is_read(self, value, serializer):
        assert serializer.deserialize(serializer.serialize(value)) == value

    @VALUES
    def test_what_is_written(self, value):
        data = cloudpickle.dumps(value)
        assert serializers.PickleSerializer().serialize(value) == data
        assert BASE64.serialize(value) == base64.b64encode(data)

    @pytest.mark.skipif(
        sys.version_info >= (3, 11) and tuple(map(int, cloudpickle.__version__.split(".")[:2])) < (1, 5),
        reason="the cloudpickle that this Prefect wants can't load functions on Python 3.11",
    )
    def test_functions_are_pickled_by_value(self):
        assert BASE64.deserialize(BASE64.serialize(lambda: 42))() == 42

    def test_no_bytes_are_no_value(self):
        with pytest.raises(EOFError, match="no bytes"):
            serializers.loads(b"")

    @pytest.mark.parametrize(
        "data",
        [
            b"plain text",
            b'{"answer": 42}',
            b"42",
            b'"gASVBgAAAAAAAACMAmhplC4="',
            b"N.",
            b"\xff\x80\x04N.",
            b"gASV BgAAAAAAAACMAmhplC4=",
            base64.b64encode(b"not a pickle"),
            zlib.compress(b"\x80\x04N."),
        ],
    )
    def test_what_is_no_pickle_is_refused(self, data):
        with pytest.raises(pickle.UnpicklingError, match="expected a pickle"):
            serializers.loads(data)

    def test_every_cut_is_an_error(self):
        data = pickle.dumps({"key": ["value", 1.5]}, 4)
        for length in range(1, len(data)):
            for cut in (data[:length], base64.b64encode(data)[:length]):
                with pytest.raises(pickle.UnpicklingError):
                    serializers.loads(cut)

    def test_only_these_formats(self):
        with pytest.raises(ValueError, match="write_format must be one of pickle, base64, and is 'b64'"):
            serializers.PickleSerializer(write_format="b64")

    def test_equality_and_pickling(self):
        assert pickle.loads(pickle.dumps(BASE64)) == BASE64 == serializers.PickleSerializer("base64")
        assert serializers.PickleSerializer() != BASE64
        assert BASE64 != "base64"


# Prefect's own classes where it has them: what both do must be the same.
JSON = pytest.mark.parametrize("cls", dict.fromkeys([serializers.JSONSerializer, text.JSONSerializer]))
DATES = pytest.mark.parametrize("cls", dict.fromkeys([serializers.DateTimeSerializer, text.DateTimeSerializer]))


class TestText:
    @JSON
    @pytest.mark.parametrize("value", [None, 1, -1.5, "", "grüße", [1, [None]], {"k": {"l": True}}])
    def test_json(self, cls, value):
        assert cls().serialize(value) == json.dumps(value).encode()
        assert cls().deserialize(cls().serialize(value)) == value

    @JSON
    def test_json_cannot_hold_everything(self, cls):
        with pytest.raises(TypeError):
            cls().serialize(object())
        with pytest.raises(ValueError):  # noqa: PT011  # the words are json's
            cls().deserialize(b"{")

    @DATES
    @pytest.mark.parametrize(
        ("value", "data"),
        [
            (datetime.datetime(2020, 1, 2, 3, 4, 5), b"2020-01-02T03:04:05"),
            (datetime.datetime(2020, 1, 2, 3, 4, 5, 678), b"2020-01-02T03:04:05.000678"),
        ],
    )
    @pytest.mark.parametrize(("hours", "shown"), [(None, b"Z"), (0, None), (2, b"+02:00"), (-9.5, b"-09:30")])
    def test_points_in_time(self, cls, value, data, hours, shown):
        if hours is not None:
            value = value.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=hours)))
        written = cls().serialize(value)
        assert shown is None or written == data + shown
        read = cls().deserialize(written)
        assert read == (value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc))

    @DATES
    @pytest.mark.parametrize(
        ("data", "hours"),
        [(b"2020-01-02T03:04:05Z", 0), (b"2020-01-02T03:04:05", 0), (b"2020-01-02T03:04:05+02:00", 2)],
    )
    def test_what_others_wrote(self, cls, data, hours):
        zone = datetime.timezone(datetime.timedelta(hours=hours))
        assert cls().deserialize(data) == datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=zone)

    @DATES
    def test_other_values(self, cls):
        with pytest.raises(ValueError):  # noqa: PT011  # the words are pendulum's where Prefect has the class
            cls().serialize("2020-01-02")
        with pytest.raises(ValueError):  # noqa: PT011
            cls().deserialize(b"the day before yesterday")


class Reversing:
    """A compression of a user's own."""

    @staticmethod
    def compress(data, times=1):
        return data[::-1] if times % 2 else data

    decompress = compress


# Prefect has one since 0.14.
COMPRESSED = pytest.mark.parametrize(
    "cls",
    dict.fromkeys(
        [
            serializers.CompressedSerializer,
            getattr(prefect_release.serializers_module(), "CompressedSerializer", serializers.CompressedSerializer),
        ]
    ),
)


class TestCompressed:
    @COMPRESSED
    @pytest.mark.parametrize("format", ["bz2", "gzip", "lzma", "zlib"])
    @VALUES
    def test_what_is_written_is_read(self, cls, format, value):
        serializer = cls(serializers.PickleSerializer(), format=format)
        written = serializer.serialize(value)
        assert serializer.deserialize(written) == value
        assert importlib.import_module(format).decompress(written) == cloudpickle.dumps(value)

    @COMPRESSED
    def test_functions_of_ones_own(self, cls):
        functions = {"compress": Reversing.compress, "decompress": Reversing.decompress}
        assert cls(serializers.JSONSerializer(), **functions).serialize([1, 2]) == b"]2 ,1["
        assert cls(serializers.JSONSerializer(), **functions).deserialize(b"]2 ,1[") == [1, 2]
        arguments = {"compress_kwargs": {"times": 2}, "decompress_kwargs": {"times": 2}}
        assert cls(serializers.JSONSerializer(), **functions, **arguments).serialize([1, 2]) == b"[1, 2]"
        assert cls(serializers.JSONSerializer(), **functions, **arguments).deserialize(b"[1, 2]") == [1, 2]

    @COMPRESSED
    def test_arguments_of_the_module(self, cls):
        best = cls(serializers.JSONSerializer(), format="zlib", compress_kwargs={"level": 9})
        none = cls(serializers.JSONSerializer(), format="zlib", compress_kwargs={"level": 0})
        assert len(best.serialize(["x"] * 1000)) < 100 < 4000 < len(none.serialize(["x"] * 1000))

    @COMPRESSED
    @pytest.mark.parametrize(
        "arguments",
        [
            {},
            {"compress": Reversing.compress},
            {"decompress": Reversing.decompress},
            {"format": "bz2", "compress": Reversing.compress},
            {"format": "bz2", "compress": Reversing.compress, "decompress": Reversing.decompress},
        ],
    )
    def test_either_a_format_or_both_functions(self, cls, arguments):
        with pytest.raises(ValueError, match="either"):
            cls(serializers.PickleSerializer(), **arguments)

    @COMPRESSED
    def test_a_format_that_is_none(self, cls):
        with pytest.raises(ImportError, match=r"no_such_format.*lzma"):
            cls(serializers.PickleSerializer(), format="no_such_format")
        with pytest.raises(ValueError, match=r"'json'.*compress"):
            cls(serializers.PickleSerializer(), format="json")

    @COMPRESSED
    def test_equality_and_pickling(self, cls):
        serializer = cls(serializers.PickleSerializer(), format="bz2")
        assert pickle.loads(pickle.dumps(serializer)) == serializer
        assert serializer != cls(serializers.JSONSerializer(), format="bz2")
        assert serializer != cls(serializers.PickleSerializer(), format="zlib")


def test_a_serializer_must_define_both_methods():
    class Half(serializers.Serializer):
        pass

    with pytest.raises(NotImplementedError, match=r"Half must define serialize\(value\)"):
        Half().serialize(1)
    with pytest.raises(NotImplementedError, match=r"Half must define deserialize\(value\)"):
        Half().deserialize(b"")
    assert Half() == Half()
    assert Half() != serializers.Serializer()
