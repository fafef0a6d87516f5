"""A flow that stores on Google Cloud Storage and S3, before its migration on 0.10.7 and after it on later releases."""

import base64
import json
import os
import subprocess
import uuid

import cloudpickle
import pytest
import releases
from observing import BLOCKED, migrated, write
from servers import google_server, s3_server  # noqa: F401
from test_bytes import clean_environment, sdks

from rehandle.comparison import compare, portable, table

LEGACY = """\
import json
import os

from prefect import Flow, Parameter, task
from prefect.engine.result_handlers import GCSResultHandler, S3ResultHandler

bucket = os.environ["BUCKET"]


@task(result_handler=S3ResultHandler(bucket, boto3_kwargs=json.loads(os.environ["S3"])))
def numbers(count):
    return list(range(count))


@task
def square(x):
    return {"square": x * x}


@task(checkpoint=False)
def total(squares):
    return sum(each["square"] for each in squares)


with Flow("in the cloud", result_handler=GCSResultHandler(bucket=bucket)) as flow:
    total(square.map(numbers(Parameter("count", default=3))))
"""
# In base64 until Prefect 0.11, and as they are since 0.12.
VALUES = {
    "google": [{"square": 0}, {"square": 1}, {"square": 4}],
    "s3": [[0, 1, 2]],
}


def value_of(data):
    return cloudpickle.loads(data if data.startswith(b"\x80") else base64.b64decode(data))


@pytest.fixture(scope="module")
def run(tmp_path_factory, google_server, s3_server):  # noqa: F811
    """What came of a flow on a release, and the values of all objects that it stored, in buckets of its own."""

    def run(release, text, *options):
        bucket = f"migrated-{uuid.uuid4()}"
        google_server.make_bucket(bucket)
        s3_server.make_bucket(bucket)
        folder = tmp_path_factory.mktemp("run")
        write(folder, {"flow.py": text, "account.json": json.dumps(google_server.credentials("writer@tests"))})
        key, secret = s3_server.keys["writer"]
        environment = {
            **clean_environment(folder),
            "PYTHONPATH": str(releases.ROOT / "compat"),
            "BUCKET": bucket,
            "S3": json.dumps(s3_server.boto3_kwargs),
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "STORAGE_EMULATOR_HOST": google_server.url,
            "GOOGLE_APPLICATION_CREDENTIALS": str(folder / "account.json"),
            "GOOGLE_CLOUD_PROJECT": "tests",
        }
        python = str(releases.python(release, *sdks(release)))
        command = [python, "-W", "ignore", "-m", "rehandle.outcomes", folder / "work", folder / "flow.py", *options]
        done = subprocess.run(command, cwd=str(folder), capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        outcome = json.loads((folder / "work" / "flow.py" / "outcome.json").read_text("utf-8"))
        assert "error" not in outcome, outcome["error"]
        servers = {"google": google_server, "s3": s3_server}
        stored = {name: list(map(value_of, server.objects(bucket).values())) for name, server in servers.items()}
        return portable(outcome), {name: sorted(values, key=str) for name, values in stored.items()}

    return run


@pytest.fixture(scope="module")
def legacy(run):
    return run("0.10.7", LEGACY)


@pytest.mark.parametrize("release", ["0.13.19", "1.4.1"])
def test_flow(release, run, legacy, tmp_path):
    migration = migrated({"flow.py": LEGACY}, tmp_path / "migrated")
    assert migration.needs == BLOCKED
    before, stored_before = legacy
    after, stored_after = run(release, migration.after["flow.py"], "--without", "rehandle")
    different = [row for row in compare("flow.py", before, after) if row.legacy != row.migrated]
    assert different == [], os.linesep.join(table(different))
    assert stored_before == stored_after == VALUES
    locations = {row["task"]: row["stored"] and row["stored"]["location"] for row in after["tasks"]}
    assert locations["numbers"] == "<generated>"
