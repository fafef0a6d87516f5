"""What bytes are told to be. Nothing here may be unpickled by the code under test."""

import base64
import bz2
import contextlib
import gzip
import io
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
from rehandle.stored import pickle_opcodes
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


def place():
    return "/a/b"


def signed(value=VALUE):
    with stored_at(place):
        return HMACSerializer(PickleSerializer(), KEY).serialize(value)


class _OneByOne(pickle_opcodes._Reader):
    """Takes each opcode by itself."""

    def _take_common(self, most):
        pass


SHAPES = [
    {"a": [1, 2, 300, 70000, 1.5, None, True, False, "x", "x"] * 3, "b": (1, (2, (3, "a" * 300)))},
    list(range(1000)),
    [{"id": number, "name": f"n{number}"} for number in range(20)],
    [[], {}, (), [[[]]], {"": {}}, b"x" * 300],
]


@settings(max_examples=300)
@given(st.sampled_from(SHAPES), st.sampled_from([4, 5]), st.data())
def test_common_opcodes_mean_the_same_in_a_row_and_one_by_one(value, protocol, data):
    changed = bytearray(pickle.dumps(value, min(protocol, pickle.HIGHEST_PROTOCOL)))
    for _ in range(data.draw(st.integers(0, 3))):
        start = data.draw(st.integers(0, len(changed)))
        removed = data.draw(st.integers(0, 3))
        changed[start : start + removed] = data.draw(st.lists(st.sampled_from(b"KMJGN\x88])}(eua0R.h\x8c\x93\x94")))
    fast = pickle_opcodes.examine(bytes(changed))
    with contextlib.ExitStack() as stack:
        reader = pickle_opcodes._Reader
        stack.callback(setattr, pickle_opcodes, "_Reader", reader)
        pickle_opcodes._Reader = _OneByOne
        assert pickle_opcodes.examine(bytes(changed)) == fast


def test_json_is_recognised_wherever_it_is_cut():
    whole = json.dumps([True, False, None, -1.5e-7, {"é": "\\ ü \n"}], ensure_ascii=False).encode()
    whole += json.dumps(["ü\u2028", float("nan"), float("-inf")]).encode()
    whole = b"[" + whole.replace(b"][", b"],[") + b"]"
    json.loads(whole)
    for end in range(1, len(whole)):
        found = identify(whole[:end])
        assert (found.layers, found.status) == (("json",), "truncated"), whole[:end]
    assert identify(whole).status == "complete"


@pytest.mark.parametrize("text", ["[Note]", "[x]\ny=1", "{{template}}", "[tr", "[1.x", '["\\u12', "[-"])
def test_text_that_begins_as_json_does(text):
    is_cut = text in ("[tr", '["\\u12', "[-")
    assert identify(text.encode()).layers == (("json",) if is_cut else ("text",))


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
        assert (found.layers, found.status, found.signed_for) == ((name, "signed", "pickle"), "complete", "/a/b")

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


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
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
            module, name = argument.split(" ")
            found.add((module.replace("__builtin__", "builtins").replace("exceptions", "builtins"), name))
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
        b"\x8c\x02oscbuiltins\nstr\n(\x8c\x06systemtR\x93.",  # computed
        b"\x82\x01.",
    ],
)
def test_imports_that_are_hidden(opcodes):
    assert identify(b"\x80\x04" + opcodes).pickle.hides_imports


def test_a_name_from_the_memo():
    data = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x9400h\x00h\x01\x93."
    assert identify(data).pickle.imports == (("os", "system"),)


def test_very_many_opcodes():
    found = identify(pickle.dumps(list(range(10**6))))
    assert (found.layers, found.status) == (("pickle",), "partly read")


EVIL = b"cposix\nsystem\n(S'true'\ntR."


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (EVIL, "complete"),
        (b"(S'true'\niposix\nsystem\n.", "complete"),
        (b"(cposix\nsystem\nS'true'\no.", "complete"),
        (b"\x80\x00" + EVIL, "complete"),
        (b"\x80\x01" + EVIL, "complete"),
        (b"]" + EVIL, "complete"),
        (b"]\x80\x04" + EVIL, "complete"),
        (b"\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.", "complete"),
        (b"Vposix\nVsystem\n\x93.", "complete"),
        (b"S'posix'\nS\"system\"\n\x93.", "complete"),
        (EVIL[:-1], "truncated"),
        (EVIL[:-1] + b"\xff", "damaged"),
        (EVIL + b"and more", "complete"),
    ],
)
def test_a_pickle_that_does_not_say_so(data, status):
    for wrap, layers in ((bytes, ()), (base64.b64encode, ("base64",)), (gzip.compress, ("gzip",))):
        found = identify(wrap(data))
        assert (found.layers, found.status, found.pickle.imports) == (
            (*layers, "pickle"),
            status,
            (("posix", "system"),),
        )


@pytest.mark.parametrize("protocol", [0, 1])
@pytest.mark.parametrize("value", [VALUE, [1, 2.5, None, True, -1, 10**50], "text", b"bytes", ("a", ("b",)), 5, None])
def test_data_in_an_old_pickle(value, protocol):
    found = identify(pickle.dumps(value, protocol))
    assert (found.layers, found.status) == (("pickle",), "complete")
    assert pickle.loads(base64.b64decode(base64.b64encode(pickle.dumps(value, protocol)))) == value
    assert identify(base64.b64encode(pickle.dumps(value, protocol))).layers == ("base64", "pickle")


@pytest.mark.parametrize("protocol", [0, 1])
def test_an_old_pickle_that_is_cut_off(protocol):
    data = pickle.dumps([VALUE, "more"], protocol)
    found = identify(data[:-5])
    assert (found.layers, found.status) == (("pickle",), "truncated")


def test_names_of_python_2():
    """Unpickling takes them for those of Python 3."""
    data = b"c__builtin__\neval\n(S'1+1'\ntR."
    assert pickle.loads(data) == 2
    assert identify(data).pickle.imports == (("builtins", "eval"),)
    assert identify(b"ccommands\ngetoutput\n(S'true'\ntR.").pickle.imports == (("subprocess", "getoutput"),)
    # From protocol 3 on it doesn't.
    assert identify(b"\x80\x03" + data).pickle.imports == (("__builtin__", "eval"),)


@pytest.mark.parametrize(
    "text",
    [
        "city\nBerlin\nParis\n",
        "I have 2 dogs.",
        "I\n5\n.",
        "Vienna\nVilnius\nVerona\n",
        "Nothing to do.",
        "(a note) for later.",
        "K1. is a move",
        "Lima\nLa Paz\n.",
        "]]>",
        "F1 race\n",
        "Sunday\nSaturday\n",
        "global x\n",
        "2.",
        "..",
        "0",
        "true",
        "null",
        "1\n2\n3\n",
    ],
)
def test_text_is_no_pickle(text):
    assert identify(text.encode()).pickle is None


@pytest.mark.parametrize("begin", [b"].", b"\x80\x04].", b"\x1f\x8b\x08"])
def test_another_pickle_for_those_who_decode_base64(begin):
    """Handlers for clouds pass over what is no base64, and so do Results where the object is no pickle as it is."""
    data = begin + base64.b64encode(EVIL)
    assert base64.b64decode(data) == EVIL
    found = identify(data)
    assert (found.in_base64 or found.pickle).imports == (("posix", "system"),)
    assert identify(ENCODED).in_base64 is None


@pytest.mark.parametrize("noise", [b"!", b"#\n", b"-- "])
def test_base64_with_something_between(noise):
    data = base64.b64encode(EVIL)
    found = identify(noise + data[:10] + noise + data[10:])
    assert (found.layers, found.pickle.imports) == (("base64", "pickle"), (("posix", "system"),))


ANY = st.one_of(
    st.binary(max_size=400),
    st.binary(max_size=200).map(lambda data: b"\x80\x04" + data),
    st.lists(st.sampled_from([bytes([code]) for code in range(128)] + [b"1\n", b"posix\nsystem\n", b"p0\n"])).map(
        b"".join
    ),
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


class Recorder(pickle.Unpickler):
    """Unpickles what does nothing, and notes what it was asked for."""

    def __init__(self, data):
        super().__init__(io.BytesIO(data))
        self.asked, self.called = set(), False

    def find_class(self, module, name):
        if (module, name) not in {("posix", "system"), ("builtins", "str")}:
            raise pickle.UnpicklingError
        self.asked.add((module, name))
        recorder = self

        class Harmless(str):
            def __new__(cls, *args, **kwargs):
                recorder.called = True
                return super().__new__(cls, "posix")

            def __setstate__(self, state):
                recorder.called = True

        return Harmless


OPCODES = [
    *(bytes([code]) for code in b"().012NRabdelostu]}\x81\x85\x86\x87\x88\x89\x8f\x90\x91\x92\x93\x94"),
    *(b"cposix\nsystem\n", b"iposix\nsystem\n", b"c__builtin__\nstr\n", b"cbuiltins\nstr\n"),
    *(
        b"\x8c\x05posix",
        b"\x8c\x06system",
        b"X\x05\0\0\0posix",
        b"Vposix\n",
        b"Vsystem\n",
        b"S'system'\n",
        b"U\x05posix",
    ),
    *(b"\x80\x00", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"p0\n", b"g0\n", b"q\x01", b"h\x01", b"h\x00"),
    *(b"I1\n", b"K\x01", b"F1.5\n", b"L5L\n", b"\x95\0\0\0\0\0\0\0\0", b"P1\n", b"Q", b"\x82\x01"),
]


@settings(max_examples=2000)
@given(st.lists(st.sampled_from(OPCODES), max_size=12).map(b"".join), st.booleans())
@example(b"Vposix\nVsystem\n\x93)R.", True)
@example(b"cposix\nsystem\nVposix\nb", True)
def test_what_unpickling_asks_for_is_said(data, ends):
    data = data + b"." if ends else data
    recorder, ended = Recorder(data), False
    with contextlib.suppress(Exception):
        recorder.load()
        ended = True
    if recorder.asked and (ended or recorder.called):
        facts = identify(data).pickle
        assert facts.hides_imports or set(facts.imports) >= recorder.asked
    if ended:
        facts = pickle_opcodes.examine(data)
        assert facts is None or facts.status == "complete"


@given(st.recursive(st.none() | st.integers() | st.text() | st.binary() | st.floats(), st.lists, max_leaves=20))
def test_what_is_written_is_recognised(value):
    assert identify(cloudpickle.dumps(value)).layers == ("pickle",)
    assert identify(base64.b64encode(cloudpickle.dumps(value))).layers == ("base64", "pickle")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.floats(), st.lists, max_leaves=20))
def test_json_is_recognised(value):
    assert identify(json.dumps(value).encode()).layers == ("json",)
