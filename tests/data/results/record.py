"""Record results as flows of the installed Prefect (0.10 to 1.4) store them.

python record.py S3_ADDRESS > prefect-1.4.1.json, where a moto_server answers at the address. Flows really run, with each
handler, Result and serializer that the release has, on the disk and in S3. Needs boto3, pandas and pyarrow.
"""

import base64
import datetime
import json
import os
import sys
import tempfile

FOLDER = tempfile.mkdtemp()
os.environ["PREFECT__HOME_DIR"] = FOLDER + "-home"
os.environ["PREFECT__FLOWS__CHECKPOINTING"] = "true"
os.environ["PREFECT__LOGGING__LEVEL"] = "CRITICAL"
BOTO3 = {"endpoint_url": sys.argv[1], "region_name": "us-east-1", "aws_access_key_id": "a", "aws_secret_access_key": "a"}

import boto3  # noqa: E402
import prefect  # noqa: E402 - it reads its configuration when it is imported
from prefect import Flow, task  # noqa: E402
from prefect.engine import results  # noqa: E402

BUCKET = "results-" + prefect.__version__.replace(".", "-")
CLIENT = boto3.client("s3", **BOTO3)
CLIENT.create_bucket(Bucket=BUCKET)

PLAIN = {"answer": [42, "\u00e9", None], "nested": {"result": 3.5, "b": True}}
TRICKY = {"result": 3}
DAY = datetime.datetime(2020, 2, 24, 12, 0, tzinfo=datetime.timezone.utc)


def handlers():
    """Release 0.13 and earlier."""
    from prefect.engine import result_handlers

    return {
        "handler on the disk": (PLAIN, {"result_handler": result_handlers.LocalResultHandler(dir=FOLDER)}),
        "handler in S3": (PLAIN, {"result_handler": result_handlers.S3ResultHandler(BUCKET, boto3_kwargs=dict(BOTO3))}),
    }


def with_results():
    """Release 0.11 and later."""
    yield "Result on the disk", PLAIN, results.LocalResult(FOLDER)
    yield "Result in S3", PLAIN, results.S3Result(BUCKET, boto3_kwargs=dict(BOTO3))
    from prefect.engine import serializers

    yield "JSON", PLAIN, results.LocalResult(FOLDER, serializer=serializers.JSONSerializer())
    yield "JSON that looks like a record", TRICKY, results.LocalResult(FOLDER, serializer=serializers.JSONSerializer())
    yield "datetime", DAY, results.LocalResult(FOLDER, serializer=serializers.DateTimeSerializer())
    import pandas

    table = pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    for kind in ("csv", "parquet"):
        arguments = {"csv": {"index": False}}.get(kind)
        serializer = serializers.PandasSerializer(kind, serialize_kwargs=arguments)
        yield kind, table, results.LocalResult(FOLDER, serializer=serializer)
    for library in ("bz2", "gzip", "lzma", "zlib"):
        for inner in (serializers.PickleSerializer(), serializers.JSONSerializer()):
            serializer = serializers.CompressedSerializer(inner, library)
            name = "{} in {}".format(type(inner).__name__, library)
            yield name, PLAIN, results.LocalResult(FOLDER, serializer=serializer)


def options():
    release = tuple(map(int, prefect.__version__.split(".")[:2]))
    if release < (0, 14):
        for name, (value, arguments) in handlers().items():
            yield name, value, arguments
    if release >= (0, 11):
        try:
            for name, value, result in with_results():
                yield name, value, {"result": result, "target": name.replace(" ", "-") + ".stored"}
        except AttributeError:
            pass  # this release has no further serializers


def stored(state):
    """The bytes that a task's state leads to."""
    result = state._result
    location = getattr(result, "location", None) or result.safe_value.value
    path = os.path.join(FOLDER, location)
    if os.path.exists(path):
        with open(path, "rb") as file:
            return file.read()
    return CLIENT.get_object(Bucket=BUCKET, Key=location)["Body"].read()


files = {}
for name, value, arguments in options():
    with Flow("f") as flow:
        one = task(lambda value=value: value, name="one", **arguments)()
    state = flow.run()
    assert state.is_successful(), (name, state.result[one].message)
    shown = value.isoformat() if isinstance(value, datetime.datetime) else value
    shown = shown if isinstance(shown, (str, dict)) else shown.to_dict("list")
    files[name] = {"value": shown, "bytes": base64.b64encode(stored(state.result[one])).decode()}
recorded = {"prefect": prefect.__version__, "python": sys.version.split()[0], "files": files}
sys.stdout.write(json.dumps(recorded, indent=1, sort_keys=True) + "\n")
