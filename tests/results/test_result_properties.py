"""Templates against ``str.format``, and what each serializer does with its own, cut and others' bytes."""

import base64
import datetime
import json
import lzma
import pickle
import string
import zlib

import pytest

pytest.importorskip("hypothesis", reason="needs hypothesis")

from hypothesis import example, given, settings
from hypothesis import strategies as st
from interfaces import Own

from rehandle import serializers
from rehandle.errors import LocationTemplateError
from rehandle.serializers import text

# Nothing here has to do with the Prefect beside it: one environment without any is enough.
pytestmark = pytest.mark.prefect(None)

# No time limit: machines that run several tests at once are slow at times.
few = settings(max_examples=30)
many = settings(max_examples=300)

NAMES = {
    "task_name": "load",
    "date": datetime.datetime(2020, 3, 4, 5, 6),
    "map_index": 7,
    "parameters": {"x": [1, 2], "0": "zero"},
    "nothing": None,
}

fields = st.tuples(
    st.sampled_from([*NAMES, "", "0", "unknown", "date.year", "parameters[x]", "parameters[x][1]", "parameters[y]"]),
    st.sampled_from(["", "!r", "!s", "!x", ".real", ".unknown", "[0]"]),
    st.sampled_from(["", ":", ":>8", ":03d", ":%Y-%d", ":{map_index}", ":{unknown}", ":x"]),
).map(lambda parts: "{" + "".join(parts) + "}")
texts = st.one_of(fields, st.sampled_from(["{", "}", "{{", "}}", "/", "\\", ".txt", ""]), st.text(max_size=3))
templates = st.lists(texts, max_size=5).map("".join)


@many
@given(templates)
@example("{date:%Y-%d}/{{{task_name}}}.txt")
@example("{}{0}")
@example("{:{}}")
def test_templates_are_those_of_str_format(template):
    compare(template)


def compare(template):
    result = Own().Result(location=template)
    try:
        expected = template.format(**NAMES)
    except LookupError:
        with pytest.raises(LocationTemplateError, match=r"the names that it can use: date, map_index, nothing,"):
            result.format(**NAMES)
    except Exception as error:
        with pytest.raises(type(error)):
            result.format(**NAMES)
    else:
        assert result.format(**NAMES).location == expected


@many
@given(st.text(alphabet=string.ascii_letters + "{}[]!:.0 ", max_size=12))
def test_no_text_is_taken_for_another_template(template):
    compare(template)


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.binary())
values = st.recursive(
    st.one_of(scalars, st.datetimes(), st.decimals(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(scalars, inner, max_size=3)),
    max_leaves=8,
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4)),
    max_leaves=8,
)
points = st.datetimes(min_value=datetime.datetime(1900, 1, 1)).flatmap(
    lambda naive: st.integers(-14 * 60, 14 * 60).map(
        lambda minutes: naive.replace(tzinfo=datetime.timezone(datetime.timedelta(minutes=minutes)))
    )
)

PICKLES = [serializers.PickleSerializer(), serializers.PickleSerializer(write_format="base64")]
COMPRESSED = [
    serializers.CompressedSerializer(serializers.PickleSerializer(), format=format)
    for format in ("bz2", "gzip", "lzma", "zlib")
]


@pytest.mark.parametrize("serializer", [*PICKLES, *COMPRESSED])
@few
@given(value=values)
def test_any_value_comes_back(serializer, value):
    assert serializer.deserialize(serializer.serialize(value)) == value


@few
@given(values)
def test_either_pickle_serializer_reads_either_format(value):
    for writer in PICKLES:
        for reader in PICKLES:
            assert reader.deserialize(writer.serialize(value)) == value
    assert PICKLES[0].deserialize(base64.encodebytes(pickle.dumps(value, 2))) == value


@pytest.mark.parametrize("serializer", PICKLES)
@few
@given(value=values, data=st.data())
def test_a_part_of_a_pickle_is_an_error(serializer, value, data):
    written = serializer.serialize(value)
    cut = data.draw(st.integers(1, len(written) - 1))
    with pytest.raises(pickle.UnpicklingError):
        serializer.deserialize(written[:cut])


@pytest.mark.parametrize("serializer", COMPRESSED)
@few
@given(value=values, data=st.data())
def test_a_part_of_something_compressed_is_an_error(serializer, value, data):
    written = serializer.serialize(value)
    cut = data.draw(st.integers(0, len(written) - 1))
    with pytest.raises((EOFError, ValueError, OSError, zlib.error, lzma.LZMAError)):
        serializer.deserialize(written[:cut])


@few
@given(json_values)
def test_json_comes_back(value):
    for cls in (serializers.JSONSerializer, text.JSONSerializer):
        assert cls().deserialize(cls().serialize(value)) == value


@few
@given(json_values)
def test_json_is_never_a_pickle(value):
    for written in (json.dumps(value), json.dumps(value, indent=1), json.dumps(value, ensure_ascii=False)):
        with pytest.raises(pickle.UnpicklingError):
            serializers.loads(written.encode("utf-8", "surrogatepass"))


@few
@given(values)
def test_a_pickle_is_never_json(value):
    for serializer in PICKLES:
        for cls in (serializers.JSONSerializer, text.JSONSerializer):
            with pytest.raises(ValueError):  # noqa: PT011  # the words are json's
                cls().deserialize(serializer.serialize(value))


@many
@given(st.binary().filter(lambda data: data[:1] not in (b"", b"\x80", b"g")))
def test_anything_else_is_never_a_pickle(data):
    """Base64 of a pickle begins with a g."""
    with pytest.raises(pickle.UnpicklingError, match="expected a pickle"):
        serializers.loads(data)


@few
@given(points)
def test_points_in_time_come_back_whoever_reads_them(value):
    classes = (serializers.DateTimeSerializer, text.DateTimeSerializer)
    for writer in classes:
        for reader in classes:
            read = reader().deserialize(writer().serialize(value))
            assert read == value
            assert read.utcoffset() == value.utcoffset()
