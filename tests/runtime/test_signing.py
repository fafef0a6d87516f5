"""Signed results: what is refused, and that nothing is unpickled before."""

import hmac
import os
import pickle
import struct
import subprocess
import sys

import cloudpickle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehandle.errors import RehandleError, SignatureError
from rehandle.serializers import HMACSerializer, JSONSerializer, PickleSerializer, signing
from rehandle.serializers.signing import stored_at

KEY = b"0123456789abcdef"
VALUE = {"answer": [42, "é", None]}


class Spy:
    """A serializer that notes what it is given to read."""

    def __init__(self):
        self.read = []

    def serialize(self, value):
        return cloudpickle.dumps(value)

    def deserialize(self, data):
        self.read.append(bytes(data))
        return cloudpickle.loads(data)


@pytest.fixture(autouse=True)
def no_key(monkeypatch):
    monkeypatch.delenv(signing.VARIABLE, raising=False)


def at(place):
    """A place that is known."""
    return stored_at(str, place)


def signed(value=VALUE, place=None, key=KEY):
    serializer = HMACSerializer(PickleSerializer(), key)
    if place is None:
        return serializer.serialize(value)
    with at(place):
        return serializer.serialize(value)


def signed_by_version_1(name, value=VALUE, key=KEY):
    """As the first development versions did: for a name, in whatever folder or bucket."""
    name = (name or "").encode()
    header = struct.pack(">7sB?I", b"\x93RHSIGN", 1, bool(name), len(name)) + name
    payload = cloudpickle.dumps(value)
    return header + hmac.new(key, header + payload, "sha256").digest() + payload


@pytest.mark.parametrize("place", [None, "/a/b", "", "/é\udc80", "gs://bucket/a b"])
def test_round_trip(place):
    serializer = HMACSerializer(PickleSerializer(), KEY)
    if place is None:
        assert serializer.deserialize(signed()) == VALUE
    else:
        with at(place):
            assert serializer.deserialize(signed(place=place)) == VALUE


@pytest.mark.parametrize(
    "inner", [PickleSerializer(), PickleSerializer(write_format="base64"), Spy(), JSONSerializer()]
)
def test_around_any_serializer(inner):
    serializer = HMACSerializer(inner, KEY)
    data = serializer.serialize(VALUE)
    assert data[signing.split(data).payload_start :] == inner.serialize(VALUE)
    assert serializer.deserialize(data) == VALUE


@given(st.binary(max_size=300), st.none() | st.text(max_size=20), st.data())
def test_every_flipped_bit_is_refused(payload, place, data):
    bytes_ = bytearray(signed(payload, place))
    position = data.draw(st.integers(0, len(bytes_) * 8 - 1))
    bytes_[position // 8] ^= 1 << position % 8
    spy = Spy()
    with pytest.raises(SignatureError):
        HMACSerializer(spy, KEY).deserialize(bytes(bytes_))
    assert not spy.read


def test_every_truncation_is_refused():
    data = signed(place="/here")
    spy = Spy()
    for length in range(len(data)):
        with pytest.raises(SignatureError):
            HMACSerializer(spy, KEY).deserialize(data[:length])
    assert not spy.read


def test_more_bytes_at_the_end_are_refused():
    with pytest.raises(SignatureError, match="signature is wrong"):
        HMACSerializer(PickleSerializer(), KEY).deserialize(signed() + b"\0")


def test_another_key_is_refused():
    spy = Spy()
    with pytest.raises(SignatureError, match="signed with another key"):
        HMACSerializer(spy, KEY + b"!").deserialize(signed())
    assert not spy.read


@pytest.mark.parametrize("data", [b"", pickle.dumps(VALUE), b"{}", b"\x93RHSIG"])
def test_what_is_not_signed_is_refused(data):
    spy = Spy()
    with pytest.raises(SignatureError, match=r"isn't signed.*allow_unsigned=True"):
        HMACSerializer(spy, KEY).deserialize(data)
    assert not spy.read


def test_unsigned_data_can_be_allowed_without_a_key():
    serializer = HMACSerializer(PickleSerializer(), allow_unsigned=True)
    assert serializer.deserialize(pickle.dumps(VALUE)) == VALUE


def test_a_wrong_signature_is_refused_where_none_is_allowed():
    with pytest.raises(SignatureError, match="signed with another key"):
        HMACSerializer(PickleSerializer(), KEY + b"!", allow_unsigned=True).deserialize(signed())


def test_a_later_version_is_refused():
    data = bytearray(signed())
    data[len(b"\x93RHSIGN")] = 3
    with pytest.raises(SignatureError, match="version 3, and this rehandle knows 1 and 2"):
        HMACSerializer(PickleSerializer(), KEY).deserialize(bytes(data))


class TestPlaces:
    @pytest.mark.parametrize(
        ("here", "there"),
        [
            ("/data/prices", "/data/salaries"),
            ("/data/today", "/tests/today"),
            ("gs://bucket/today", "gs://other/today"),
            ("gs://bucket/today", "s3://bucket/today"),
            ("azure://c@one/today", "azure://c@two/today"),
            ("/data/today", "data/today"),
            ("/data/today", "/data/today/"),
        ],
    )
    def test_elsewhere_it_is_refused(self, here, there):
        spy = Spy()
        with at(here), pytest.raises(SignatureError, match="for another place") as raised:
            HMACSerializer(spy, KEY).deserialize(signed(place=there))
        assert not spy.read
        assert repr(here) in str(raised.value)
        assert repr(there) in str(raised.value)

    def test_without_a_place_it_cannot_be_told(self):
        assert HMACSerializer(PickleSerializer(), KEY).deserialize(signed(place="/prices")) == VALUE

    @pytest.mark.parametrize(
        ("moved", "place", "is_read"),
        [
            ({"/old": "/new"}, "/new/a/b", True),
            ({"/old/": "/new"}, "/new/a/b", True),
            ({"/old/a": "/new/a/"}, "/new/a/b", True),
            ({"/old/a/b": "/new"}, "/new", True),
            ({"/x": "/y", "/old": "gs://bucket"}, "gs://bucket/a/b", True),
            ({"/old": "gs://bucket/in"}, "gs://bucket/in/a/b", True),
            ({"/old": "/new"}, "/new/a/c", False),
            ({"/old": "/new"}, "/newer/a/b", False),
            ({"/old": "/new"}, "/elsewhere/a/b", False),
            ({"/ol": "/new"}, "/newd/a/b", False),
            ({"/new": "/old"}, "/new/a/b", False),
        ],
    )
    def test_what_was_moved_on_purpose(self, moved, place, is_read):
        data = signed(place="/old/a/b")
        serializer = HMACSerializer(PickleSerializer(), KEY, moved=moved)
        with at("/old/a/b"):
            assert serializer.deserialize(data) == VALUE
        with at(place):
            if is_read:
                assert serializer.deserialize(data) == VALUE
            else:
                with pytest.raises(SignatureError, match="for another place"):
                    serializer.deserialize(data)

    def test_a_relative_path_is_completed(self, monkeypatch, tmp_path):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HOME", str(tmp_path))
        for old in ("old", "~/old", str(tmp_path / "old")):
            with at((tmp_path / "new" / "a").as_posix()):
                data = signed(place=(tmp_path / "old" / "a").as_posix())
                assert HMACSerializer(PickleSerializer(), KEY, moved={old: "new"}).deserialize(data) == VALUE

    def test_what_is_bound_to_nothing_is_refused_unless_allowed(self):
        unbound, elsewhere = signed(), signed(place="/there")
        allowing = HMACSerializer(PickleSerializer(), KEY, allow_unbound=True)
        with at("/here"):
            with pytest.raises(SignatureError, match=r"for no place.*allow_unbound=True"):
                HMACSerializer(PickleSerializer(), KEY).deserialize(unbound)
            assert allowing.deserialize(unbound) == VALUE
            with pytest.raises(SignatureError, match="for another place"):
                allowing.deserialize(elsewhere)

    @pytest.mark.parametrize(
        ("name", "place", "is_read"),
        [
            ("today", "/data/today", True),
            ("a/today", "gs://bucket/a/today", True),
            ("/data/today", "/data/today", True),
            (None, "/data/today", True),
            ("today", "/data/yesterday", False),
            ("oday", "/data/today", False),
        ],
    )
    def test_of_the_first_version(self, name, place, is_read):
        """They hold for a name, so that a copy in another folder can't be told: that has to be allowed."""
        data = signed_by_version_1(name)
        assert HMACSerializer(PickleSerializer(), KEY).deserialize(data) == VALUE
        with at(place):
            with pytest.raises(SignatureError, match="may have been copied from another place"):
                HMACSerializer(PickleSerializer(), KEY).deserialize(data)
            allowing = HMACSerializer(PickleSerializer(), KEY, allow_unbound=True)
            if is_read:
                assert allowing.deserialize(data) == VALUE
            else:
                with pytest.raises(SignatureError, match="in whatever folder or bucket"):
                    allowing.deserialize(data)

    def test_one_that_is_known_later(self):
        serializer = HMACSerializer(PickleSerializer(), KEY)
        with stored_at(None):
            assert signing.split(serializer.serialize(1)).place is None
            signing.now_known(str, "/here")
            signing.now_known(str, "/elsewhere")
            assert signing.split(serializer.serialize(1)).place == "/here"
        signing.now_known(str, "/here")
        assert signing.split(serializer.serialize(1)).place is None

    def test_one_inside_another(self):
        serializer = HMACSerializer(PickleSerializer(), KEY)
        with at("/outer"):
            with at("/inner"):
                assert signing.split(serializer.serialize(1)).place == "/inner"
            assert signing.split(serializer.serialize(1)).place == "/outer"


class TestKeys:
    def test_text_is_utf_8(self):
        data = HMACSerializer(PickleSerializer(), "schlüssel-schlüssel").serialize(VALUE)
        assert HMACSerializer(PickleSerializer(), "schlüssel-schlüssel".encode()).deserialize(data) == VALUE

    def test_of_the_environment(self, monkeypatch):
        serializer = HMACSerializer(PickleSerializer())
        with pytest.raises(RehandleError, match=f"set {signing.VARIABLE}, or give key= or key_secret="):
            serializer.serialize(VALUE)
        monkeypatch.setenv(signing.VARIABLE, KEY.decode())
        assert serializer.deserialize(signed()) == VALUE
        assert KEY not in cloudpickle.dumps(serializer)

    @pytest.mark.prefect(None)
    def test_of_a_secret_without_prefect(self, monkeypatch):
        monkeypatch.setenv("PREFECT__CONTEXT__SECRETS__SIGNING", KEY.decode() + "x")
        self.check_secret(KEY + b"x")

    @pytest.mark.prefect(None)
    def test_of_a_secret_that_json_takes_for_a_number(self, monkeypatch):
        monkeypatch.setenv("PREFECT__CONTEXT__SECRETS__SIGNING", "0123456789" * 4)
        self.check_secret(b"0123456789" * 4)
        monkeypatch.setenv("PREFECT__CONTEXT__SECRETS__SIGNING", "1234567890" * 4)
        with pytest.raises(TypeError, match=r"Secret SIGNING is int.*: put it in quotes"):
            HMACSerializer(PickleSerializer(), key_secret="SIGNING").serialize(VALUE)

    @pytest.mark.prefect("0.5", "2")
    def test_of_a_secret_with_prefect(self):
        import prefect

        with prefect.context(secrets={"SIGNING": KEY.decode() + "x"}):
            self.check_secret(KEY + b"x")

    def check_secret(self, key):
        serializer = HMACSerializer(PickleSerializer(), key_secret="SIGNING")
        assert serializer.deserialize(signed(key=key)) == VALUE
        pickled = cloudpickle.dumps(serializer)
        assert b"SIGNING" in pickled
        assert key not in pickled
        assert cloudpickle.loads(pickled) == serializer

    def test_an_argument_travels_with_the_serializer(self):
        serializer = HMACSerializer(PickleSerializer(), KEY)
        assert cloudpickle.loads(cloudpickle.dumps(serializer)).deserialize(signed()) == VALUE

    @pytest.mark.parametrize("key", [b"", "", b"x" * 15, "x" * 15])
    def test_a_short_one_is_refused(self, key):
        with pytest.raises(RehandleError, match=f"at least 16 bytes, and key= has {len(key)}"):
            HMACSerializer(PickleSerializer(), key)

    def test_of_another_type(self):
        with pytest.raises(TypeError, match="key= is int"):
            HMACSerializer(PickleSerializer(), 5)

    def test_two_are_refused(self):
        with pytest.raises(RehandleError, match="got both"):
            HMACSerializer(PickleSerializer(), KEY, key_secret="SIGNING")

    def test_none_is_shown(self, monkeypatch):
        monkeypatch.setenv(signing.VARIABLE, KEY.decode())
        for serializer in (HMACSerializer(PickleSerializer(), KEY), HMACSerializer(PickleSerializer())):
            assert KEY.decode() not in repr(serializer) + str(serializer)
            with pytest.raises(SignatureError) as raised:
                serializer.deserialize(signed(key=KEY + b"!"))
            assert KEY.decode() not in repr(raised.value) + str(raised.value)


def test_equality():
    def make(**changed):
        return HMACSerializer(**{"inner": PickleSerializer(), "key": KEY, **changed})

    assert make() == make()
    for changed in (
        {"inner": Spy()},
        {"key": KEY * 2},
        {"allow_unsigned": True},
        {"allow_unbound": True},
        {"moved": {"/a": "/b"}},
    ):
        assert make() != make(**changed)
    assert make() != PickleSerializer()


def test_a_large_object_costs_no_more_copies_than_it_must():
    """It is in the memory as a value and as signed bytes, and not once more."""
    code = """
import os, resource
from rehandle.serializers import HMACSerializer, PickleSerializer

serializer = HMACSerializer(PickleSerializer(), b"0123456789abcdef")
value = b"x" * (64 * 2**20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
data = serializer.serialize(value)
written = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
del value
assert len(serializer.deserialize(data)) == 64 * 2**20
read = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((written - before) / 2**16, (read - before) / 2**16)
"""
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    written, read = map(float, done.stdout.split())
    assert written < 1.2
    assert read < 1.2  # in all: the value was freed between the two
