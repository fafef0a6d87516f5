"""A fleet that is half upgraded: releases that know nothing of rehandle read what it writes for them."""

import json
import os
import subprocess
import uuid

import pytest
import releases
from servers import s3_server  # noqa: F401
from test_bytes import sdks

from rehandle.results import S3Result
from rehandle.serializers import PickleSerializer

VALUE = {"answer": [42, None, "grüße"]}

# What a task of the older half does, with nothing but its own Prefect.
READ = """
import json, sys
from prefect.engine import {module}
bucket, location, kwargs = json.loads(sys.argv[1])
found = {module}.{cls}(bucket, boto3_kwargs=kwargs).read(location)
print(json.dumps(getattr(found, "value", found)))
"""
# The release, how it reads, and what it says of a pickle that isn't in base64.
READERS = [
    ("0.10.7", "result_handlers", "S3ResultHandler", "null"),
    ("0.13.19", "result_handlers", "S3ResultHandler", "null"),
    ("0.11.5", "results", "S3Result", ""),
]


@pytest.fixture
def bucket(s3_server):  # noqa: F811
    name = f"bucket-{uuid.uuid4()}"
    s3_server.make_bucket(name)
    return name


@pytest.mark.parametrize(("release", "module", "cls", "otherwise"), READERS)
def test_old_releases_read_base64(s3_server, bucket, release, module, cls, otherwise, tmp_path):  # noqa: F811
    key, secret = s3_server.keys["writer"]
    keys = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    python = str(releases.python(release, *sdks(release)))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PREFECT", "AWS"))}
    environment = {**kept, **keys, "PREFECT__HOME_DIR": str(tmp_path), "PREFECT__LOGGING__LEVEL": "CRITICAL"}

    def written(serializer):
        client_arguments = {**s3_server.boto3_kwargs, **{name.lower(): value for name, value in keys.items()}}
        return S3Result(bucket, client_arguments, serializer=serializer).write(VALUE).location

    def read(location):
        arguments = json.dumps([bucket, location, s3_server.boto3_kwargs])
        code = READ.format(module=module, cls=cls)
        run = subprocess.run(
            [python, "-W", "ignore", "-c", code, arguments], capture_output=True, text=True, env=environment
        )
        return run.stdout.strip()

    assert json.loads(read(written(PickleSerializer(write_format="base64")))) == VALUE
    assert read(written(PickleSerializer())) == otherwise
