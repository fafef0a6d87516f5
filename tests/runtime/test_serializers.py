"""Every byte format that was ever written."""

import base64
import pickle
import sys

import cloudpickle
import pytest

from rehandle import serializers

VALUES = pytest.mark.parametrize(
    "value",
    [None, 0, -1.5, "", "grüße", b"", bytes(range(256)), [1, [None]], {"k": (1, {2})}, "x" * 100_000, Exception],
    ids=lambda value: type(value).__name__,
)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@VALUES
def test_pickles_are_read_with_and_without_base64(value, protocol):
    data = pickle.dumps(value, protocol)
    assert serializers.loads(data) == value
    assert serializers.loads(base64.b64encode(data)) == value


@VALUES
def test_what_is_written_is_read(value):
    serializer = serializers.Base64PickleSerializer()
    assert serializer.deserialize(serializer.serialize(value)) == value
    assert cloudpickle.loads(base64.b64decode(serializer.serialize(value), validate=True)) == value


@pytest.mark.skipif(
    sys.version_info >= (3, 11) and tuple(map(int, cloudpickle.__version__.split(".")[:2])) < (1, 5),
    reason="the cloudpickle that this Prefect wants can't load functions on Python 3.11",
)
def test_functions_are_pickled_by_value():
    serializer = serializers.Base64PickleSerializer()
    assert serializer.deserialize(serializer.serialize(lambda: 42))() == 42


def test_no_bytes_are_no_value():
    with pytest.raises(EOFError):
        serializers.loads(b"")


def test_other_bytes_are_refused():
    with pytest.raises((ValueError, pickle.UnpicklingError)):
        serializers.loads(b"plain text")


def test_equality_and_pickling():
    serializer = serializers.Base64PickleSerializer()
    assert pickle.loads(pickle.dumps(serializer)) == serializer
    assert serializer != "base64"
