"""The parameters of rehandle's own classes are those of Prefect 1.4.1."""

import importlib
import inspect

import pytest
from interfaces import MODULES, Own

from rehandle import serializers
from rehandle.serializers import text

# The parameters of Prefect 1.4.1, without annotations. `test_the_table_is_right` compares them with Prefect itself.
RESULTS = {
    "Result": {"__init__": "(self, value=None, location=None, serializer=None)"},
    "LocalResult": {"__init__": "(self, dir=None, validate_dir=True, **kwargs)"},
    "GCSResult": {"__init__": "(self, bucket=None, **kwargs)"},
    "S3Result": {"__init__": "(self, bucket, boto3_kwargs=None, upload_options=None, **kwargs)"},
    "AzureResult": {
        "__init__": "(self, container, connection_string=None, connection_string_secret=None, **kwargs)",
        "initialize_service": "(self)",
    },
    "PrefectResult": {"__init__": "(self, **kwargs)"},
    "ConstantResult": {"__init__": "(self, **kwargs)"},
    "SecretResult": {"__init__": "(self, secret_task, **kwargs)"},
}
METHODS = {
    "read": "(self, location)",
    "write": "(self, value_, **kwargs)",
    "exists": "(self, location, **kwargs)",
    "format": "(self, **kwargs)",
    "copy": "(self)",
    "from_value": "(self, value)",
}
PROPERTIES = {
    "default_location": RESULTS,
    "client": ["S3Result"],
    "gcs_bucket": ["GCSResult"],
    "service": ["AzureResult"],
    "serializer": ["PrefectResult"],
}
SERIALIZERS = {
    "Serializer": {},
    "PickleSerializer": {},
    "JSONSerializer": {},
    "DateTimeSerializer": {},
    "PandasSerializer": {"__init__": "(self, file_type, deserialize_kwargs=None, serialize_kwargs=None)"},
    "CompressedSerializer": {
        "__init__": "(self, serializer, format=None, compress=None, decompress=None, compress_kwargs=None, "
        "decompress_kwargs=None)",
        "compression_from_lib": "(compression_format)",
    },
}
SERIALIZER_METHODS = {"serialize": "(self, value)", "deserialize": "(self, value)"}

# What rehandle's own take beyond that.
ADDED = {
    ("Result", "__init__"): ", *, validators=None, run_validators=True)",
    ("PickleSerializer", "__init__"): "(self, write_format='pickle')",
}

TABLE = [
    (cls, name, parameters)
    for classes, common in ((RESULTS, METHODS), (SERIALIZERS, SERIALIZER_METHODS))
    for cls, own in classes.items()
    for name, parameters in {**common, **own}.items()
]


def parameters(function):
    signature = inspect.signature(function)
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))


def own_class(name):
    if name in MODULES:
        return getattr(Own(), name)
    return getattr(text, name, None) or getattr(serializers, name)


def prefects_class(name):
    module = "prefect.engine.results" if name in MODULES and name != "Result" else "prefect.engine.result"
    return getattr(importlib.import_module(module if name in MODULES else "prefect.engine.serializers"), name)


@pytest.mark.parametrize(("cls", "name", "expected"), TABLE)
def test_own_parameters(cls, name, expected):
    added = ADDED.get((cls, name), "")
    expected = expected[:-1] + added if added.startswith(",") else expected
    assert parameters(getattr(own_class(cls), name)) == expected


@pytest.mark.prefect("1.4", "2")
@pytest.mark.parametrize(("cls", "name", "expected"), TABLE)
def test_the_table_is_right(cls, name, expected):
    assert parameters(getattr(prefects_class(cls), name)) == expected


@pytest.mark.parametrize(("name", "classes"), PROPERTIES.items())
def test_own_properties(name, classes):
    for cls in classes:
        assert isinstance(getattr(own_class(cls), name), property)


@pytest.mark.prefect("1.4", "2")
@pytest.mark.parametrize("cls", [*RESULTS, *SERIALIZERS])
def test_nothing_public_of_prefects_is_missing(cls):
    names = {name for name in vars(prefects_class(cls)) if not name.startswith("_")}
    assert names <= set(dir(own_class(cls)))


@pytest.mark.prefect("1.4", "2")
@pytest.mark.parametrize("cls", RESULTS)
def test_nor_an_attribute_of_an_instance(cls):
    arguments = {"AzureResult": ["c"], "S3Result": ["b"], "SecretResult": [type("Secret", (), {"name": "n"})]}.get(
        cls, []
    )
    names = set(vars(prefects_class(cls)(*arguments)))
    assert names <= set(vars(own_class(cls)(*arguments)))
