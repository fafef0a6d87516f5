"""``PandasSerializer``, and Prefect's own beside it where there is one."""

import pickle

import pytest

from rehandle import prefect_release, serializers

pandas = pytest.importorskip("pandas", reason="needs pandas")

CLASSES = {serializers.PandasSerializer}
CLASSES.add(getattr(prefect_release.serializers_module(), "PandasSerializer", serializers.PandasSerializer))
TABLE = pandas.DataFrame({"number": [1, 2], "text": ["a", "grüße"]})

pytestmark = pytest.mark.parametrize("cls", sorted(CLASSES, key=str))


@pytest.mark.parametrize(
    ("file_type", "reading", "writing"),
    [("csv", None, {"index": False}), ("csv", {"index_col": 0}, None), ("json", None, None), ("pickle", None, None)],
)
def test_tables_come_back(cls, file_type, reading, writing):
    serializer = cls(file_type, reading, serialize_kwargs=writing)
    written = serializer.serialize(TABLE)
    assert isinstance(written, bytes)
    pandas.testing.assert_frame_equal(serializer.deserialize(written), TABLE)


def test_what_is_written(cls):
    assert cls("csv", serialize_kwargs={"index": False}).serialize(TABLE) == "number,text\n1,a\n2,grüße\n".encode()


@pytest.mark.parametrize("file_type", ["no_such_format", "dict", "table"])
def test_only_what_pandas_reads_and_writes(cls, file_type):
    with pytest.raises(ValueError, match=r"pandas has no read_|DataFrame'> has no to_|Could not find"):
        cls(file_type)


def test_only_tables(cls):
    with pytest.raises(ValueError, match=r"list'> has no to_csv|Could not find"):
        cls("csv").serialize([1])


def test_an_argument_that_pandas_does_not_know(cls):
    with pytest.raises(TypeError, match="unknown"):
        cls("csv", serialize_kwargs={"unknown": 1}).serialize(TABLE)


def test_equality_and_pickling(cls):
    serializer = cls("csv", {"sep": ";"}, {"sep": ";"})
    assert pickle.loads(pickle.dumps(serializer)) == serializer
    assert serializer != cls("csv")
    assert cls("csv") != cls("json")
