"""What bytes are told to be. Nothing here may be unpickled by the code under test."""

import base64
import bz2
import gzip
import json
import lzma
import pickle
import pickletools
import zlib

import cloudpickle
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rehandle.serializers import HMACSerializer, PickleSerializer
from rehandle.serializers.signing import stored_at
from rehandle.stored.formats import identify

# Nothing here has to do with the Prefect beside it: one environment without any is enough.
pytestmark = pytest.mark.prefect(None)

VALUE = {"answer": [42, "é", None]}
KEY = "0123456789abcdef"
COMPRESSIONS = {"bz2": bz2.compress, "gzip": gzip.compress, "lzma": lzma.compress, "zlib": zlib.compress}
RAW = pickle.dumps(VALUE)
ENCODED = base64.b64encode(RAW)


class Bomb:
    """Its pickle imports and calls something."""

    def __reduce__(self):
        return (print, ("unpickled",))


def signed(value=VALUE):
    with stored_at("a/b"):
        return HMACSerializer(PickleSerializer(), KEY).serialize(value)


@pytest.mark.parametrize(
    ("data", "layers", "status"),
    [
        (b"", ("empty",), "complete"),
        (RAW, ("pickle",), "complete"),
        (RAW[:-1], ("pickle",), "truncated"),
        (RAW[:10], ("pickle",), "truncated"),
        (b"\x80\x04N\xff", ("pickle",), "damaged"),
        (b"\x80\x04\xff", ("unknown",), "unknown"),
        (ENCODED, ("base64", "pickle"), "complete"),
        (ENCODED + b"\n", ("base64", "pickle"), "complete"),
        (ENCODED[:-3], ("base64", "pickle"), "truncated"),
        (ENCODED[:20], ("base64", "pickle"), "truncated"),
        (b"{}", ("json",), "complete"),
        (b" [1, NaN]\n", ("json",), "complete"),
        (b"null", ("json",), "complete"),
        (b'"\xc3\xa9"', ("json",), "complete"),
        (b'{"a": [1, 2', ("json",), "truncated"),
        (b'{"a', ("json",), "truncated"),
        (b"1" * 10000, ("json",), "complete"),
        (b"[" * 100000, ("json",), "partly read"),
        (b"2020-01-02T03:04:05.678901+00:00", ("datetime",), "complete"),
        (b"2020-01-02T03:04:05Z", ("datetime",), "complete"),
        (b",a,b\n0,1,2\n1,3,4\n", ("csv",), "unknown"),
        (b"one line, with a comma", ("text",), "unknown"),
        (b"x^2 + y", ("text",), "unknown"),
        (b"gAme over", ("text",), "unknown"),
        (b"gAMe", ("text",), "unknown"),
        (b"\xe9t\xe9", ("unknown",), "unknown"),
        (b"a\0b", ("unknown",), "unknown"),
        (b"PAR1 and so on PAR1", ("parquet",), "complete"),
        (b"PAR1 and so on", ("parquet",), "truncated"),
        (b"PAR1", ("parquet",), "truncated"),
        (b"ARROW1\0\0 ARROW1", ("feather",), "complete"),
        (b"FEA1 FEA1", ("feather",), "complete"),
        (b"ORC ", ("orc",), "unknown"),
        (b"\x89HDF\r\n\x1a\n", ("hdf5",), "unknown"),
        (b"PK\x03\x04", ("zip",), "unknown"),
        (signed(), ("signed", "pickle"), "complete"),
        (signed()[:20], ("signed", "empty"), "truncated"),
        (b"\x1f\x8b\x08 damaged", ("gzip", "empty"), "damaged"),
    ],
)
def test_formats(data, layers, status):
    found = identify(data)
    assert found[:3] == (layers, len(data), status)


@pytest.mark.parametrize(("name", "compress"), COMPRESSIONS.items())
class TestCompressed:
    def test_whole(self, name, compress):
        for data, layers in [(RAW, ["pickle"]), (ENCODED, ["base64", "pickle"]), (b"", ["empty"]), (b"{}", ["json"])]:
            found = identify(compress(data))
            assert (found.layers, found.status) == ((name, *layers), "complete")

    def test_and_signed(self, name, compress):
        found = identify(compress(signed()))
        assert (found.layers, found.status, found.signed_for) == ((name, "signed", "pickle"), "complete", "a/b")

    def test_cut_off(self, name, compress):
        data = compress(pickle.dumps([object] * 10 + [str(number) for number in range(100000)]))
        found = identify(data[: len(data) - 10])
        assert (found.layers, found.status) == ((name, "pickle"), "truncated")

    def test_a_bomb(self, name, compress):
        found = identify(compress(pickle.dumps(bytes(2**26))))
        assert (found.layers, found.status) == ((name, "pickle"), "partly read")

    def test_inside_itself(self, name, compress):
        data = RAW
        for _ in range(10):
            data = compress(data)
        assert identify(data).layers[:6] == (name,) * 6


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
class TestPickles:
    def test_imports_are_those_of_pickletools(self, protocol):
        values = [VALUE, Bomb(), [st.integers, Bomb, pickle.dumps, Bomb], ValueError("x"), {1, 2}, bytearray(b"x")]
        for value in values:
            data = pickle.dumps(value, protocol)
            facts = identify(data).pickle
            assert (facts.protocol, facts.status, facts.hides_imports) == (protocol, "complete", False)
            assert set(facts.imports) == imports_by_pickletools(data)

    def test_nothing_is_unpickled(self, protocol, capsys):
        assert identify(pickle.dumps(Bomb(), protocol)).pickle.imports
        assert capsys.readouterr().out == ""

    def test_what_follows(self, protocol):
        assert identify(pickle.dumps(VALUE, protocol) + b"more").pickle.trailing_bytes == 4


def imports_by_pickletools(data):
    """The same by the standard library's reader, for pickles that `pickle` wrote."""
    found, strings, memo = set(), [], {}
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name == "GLOBAL":
            found.add(tuple(argument.split(" ")))
        elif "UNICODE" in opcode.name:
            strings.append(argument)
        elif opcode.name == "MEMOIZE":
            memo[len(memo)] = strings[-1] if strings else None
        elif "BINPUT" in opcode.name:
            memo[argument] = strings[-1] if strings else None
        elif "BINGET" in opcode.name:
            strings.append(memo[argument])
        elif opcode.name == "STACK_GLOBAL":
            found.add(tuple(strings[-2:]))
    return found


def test_functions_by_value():
    facts = identify(cloudpickle.dumps(lambda: 1)).pickle
    assert facts.status == "complete"
    assert any(module.startswith("cloudpickle") for module, _ in facts.imports)


@pytest.mark.parametrize(
    "opcodes",
    [
        b"\x8c\x02os\x8c\x06system00\x93.",  # popped before the import
        b"\x8c\x02os(\x8c\x06system\x93.",  # something between
        b"\x93.",
        b"h\x07h\x07\x93.",
        b"\x82\x01.",
    ],
)
def test_imports_that_are_hidden(opcodes):
    assert identify(b"\x80\x04" + opcodes).pickle.hides_imports


def test_a_name_from_the_memo():
    data = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94000h\x00h\x01\x93."
    assert identify(data).pickle.imports == (("os", "system"),)


def test_very_many_opcodes():
    found = identify(pickle.dumps(list(range(10**6))))
    assert (found.layers, found.status) == (("pickle",), "partly read")


ANY = st.one_of(
    st.binary(max_size=400),
    st.binary(max_size=200).map(lambda data: b"\x80\x04" + data),
    st.binary(max_size=200).map(lambda data: b"gAS" + base64.b64encode(data)),
    st.binary(max_size=200).map(lambda data: b"\x93RHSIGN\x01" + data),
    st.builds(lambda name, data: COMPRESSIONS[name](data), st.sampled_from(sorted(COMPRESSIONS)), st.binary()),
    st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass")),
)


@settings(max_examples=500)
@given(ANY, st.integers(0, 400))
@example(b"\x80\x04T\xff\xff\xff\xff", 400)
@example(b"\x80\x04\x8e" + b"\xff" * 8, 400)
@example(b"\x80\x02L" + b"9" * 300, 400)
@example(b"\x80\x02c\n\n.", 400)
@example(b"\x80\x02cos\x0bx\nsystem\n.", 400)
def test_no_bytes_are_an_error(data, length):
    found = identify(data[:length])
    assert found.size == len(data[:length])
    json.dumps(found)


@given(st.recursive(st.none() | st.integers() | st.text() | st.binary() | st.floats(), st.lists, max_leaves=20))
def test_what_is_written_is_recognised(value):
    assert identify(cloudpickle.dumps(value)).layers == ("pickle",)
    assert identify(base64.b64encode(cloudpickle.dumps(value))).layers == ("base64", "pickle")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.floats(), st.lists, max_leaves=20))
def test_json_is_recognised(value):
    assert identify(json.dumps(value).encode()).layers == ("json",)
