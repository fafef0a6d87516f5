"""A flow that stores on Google Cloud Storage, S3 and Azure: on 0.10.7, under the shim, migrated, and native."""

import base64
import json
import os
import subprocess
import uuid

import cloudpickle
import pytest
import releases
from observing import BLOCKED, migrated, write
from servers import azure_server, google_server, s3_server  # noqa: F401
from test_bytes import clean_environment, environment, sdks

from rehandle.comparing.comparison import EQUAL, compare, portable, table

LEGACY = """\
import json
import os

from prefect import Flow, Parameter, task
from prefect.engine.result_handlers import AzureResultHandler, GCSResultHandler, S3ResultHandler

bucket = os.environ["BUCKET"]


@task(result_handler=S3ResultHandler(bucket, boto3_kwargs=json.loads(os.environ["S3"])))
def numbers(count):
    return list(range(count))


@task
def square(x):
    return {"square": x * x}


@task(result_handler=AzureResultHandler(bucket, connection_string=os.environ["AZURE"]))
def total(squares):
    return sum(each["square"] for each in squares)


@task(checkpoint=False)
def negative(number):
    return -number


with Flow("in the cloud", result_handler=GCSResultHandler(bucket=bucket)) as flow:
    negative(total(square.map(numbers(Parameter("count", default=3)))))
"""
# As a person writes it for Prefect 1.4.1.
NATIVE = """\
import json
import os

from prefect import Flow, Parameter, task
from prefect.engine.results import AzureResult, GCSResult, S3Result

BUCKET = os.environ["BUCKET"]


@task(result=S3Result(bucket=BUCKET, boto3_kwargs=json.loads(os.environ["S3"])))
def numbers(count):
    return list(range(count))


@task
def square(x):
    return {"square": x * x}


@task(result=AzureResult(container=BUCKET, connection_string=os.environ["AZURE"]))
def total(squares):
    return sum(each["square"] for each in squares)


@task(checkpoint=False)
def negative(number):
    return -number


with Flow("in the cloud", result=GCSResult(bucket=BUCKET)) as flow:
    count = Parameter("count", default=3)
    squares = square.map(numbers(count))
    negative(total(squares))
"""
ORACLE = "0.10.7"
# AzureResultHandler works with this SDK alone, Results with later ones.
HANDLERS_SDKS = (*(sdk for sdk in sdks(ORACLE) if not sdk.startswith("azure")), "azure-storage-blob==2.1.0")
# In base64 until Prefect 0.11, and as they are since 0.12.
VALUES = {
    "google": [{"square": 0}, {"square": 1}, {"square": 4}],
    "s3": [[0, 1, 2]],
    "azure": [5],
}
WITHOUT_REHANDLE = ("--without", "rehandle")
# The form of the flow, the release, and how it runs there. Prefect's own AzureResult can't read before 0.14.
RUNS = [
    *(("legacy", release, ("--shim",)) for release in ("0.11.5", "0.12.6", "0.13.19", "0.14.22", "1.4.1")),
    *(
        ("migrated", release, ("--shim",))
        for release in ("0.6.7", "0.8.1", "0.9.8", "0.10.7", "0.11.5", "0.12.6", "0.13.19")
    ),
    *(("migrated", release, WITHOUT_REHANDLE) for release in ("0.14.22", "1.4.1")),
    ("native", "0.10.7", ("--shim",)),
    ("native", "1.4.1", WITHOUT_REHANDLE),
]


def value_of(data):
    return cloudpickle.loads(data if data.startswith(b"\x80") else base64.b64decode(data))


@pytest.fixture(scope="module")
def run(tmp_path_factory, google_server, s3_server, azure_server):  # noqa: F811
    """What came of a flow on a release, and the values of all objects that it stored, in buckets of its own."""
    account = "firstaccount"

    def run(release, sdks, text, *options):
        bucket = f"migrated-{uuid.uuid4()}"
        google_server.make_bucket(bucket)
        s3_server.make_bucket(bucket)
        with environment(azure_server.environment):
            azure_server.make_container(account, bucket)
        folder = tmp_path_factory.mktemp("run")
        write(folder, {"flow.py": text, "account.json": json.dumps(google_server.credentials("writer@tests"))})
        key, secret = s3_server.keys["writer"]
        variables = {
            **clean_environment(folder),
            **azure_server.environment,
            "PYTHONPATH": str(releases.ROOT / "compat"),
            "BUCKET": bucket,
            "S3": json.dumps(s3_server.boto3_kwargs),
            "AZURE": azure_server.connection_string(account),
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": secret,
            "STORAGE_EMULATOR_HOST": google_server.url,
            "GOOGLE_APPLICATION_CREDENTIALS": str(folder / "account.json"),
            "GOOGLE_CLOUD_PROJECT": "tests",
        }
        command = [str(releases.python(release, *sdks)), "-W", "ignore", "-m", "rehandle.comparing.flow_outcome"]
        command += [str(folder / "work"), str(folder / "flow.py"), *options]
        done = subprocess.run(command, cwd=str(folder), capture_output=True, text=True, env=variables)
        assert done.returncode == 0, done.stderr
        outcome = json.loads((folder / "work" / "flow.py" / "outcome.json").read_text("utf-8"))
        assert "error" not in outcome, outcome["error"]
        stored = {"google": google_server.objects(bucket), "s3": s3_server.objects(bucket)}
        with environment(azure_server.environment):
            stored["azure"] = azure_server.objects(account, bucket)
        values = {name: sorted(map(value_of, objects.values()), key=str) for name, objects in stored.items()}
        return outcome, values

    return run


@pytest.fixture(scope="module")
def oracle(run):
    return run(ORACLE, HANDLERS_SDKS, LEGACY)


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    migration = migrated({"flow.py": LEGACY}, tmp_path_factory.mktemp("migrated"))
    assert migration.needs == BLOCKED
    return {"legacy": LEGACY, "migrated": migration.after["flow.py"], "native": NATIVE}


@pytest.mark.parametrize(("form", "release", "how"), RUNS)
def test_flow(form, release, how, run, forms, oracle):
    before, stored_before = oracle
    after, stored_after = run(release, sdks(release), forms[form], *how)
    different = [row for row in compare("flow.py", portable(before), portable(after)) if row.verdict != EQUAL]
    assert different == [], os.linesep.join(table(different))
    assert stored_before == stored_after == VALUES
    locations = {row["task"]: row["stored"] and row["stored"]["location"] for row in after["tasks"]}
    assert [locations[task] for task in ("numbers", "total", "negative")] == ["<generated>", "<generated>", None]
    warned = {each["category"] for each in after["warnings"]}
    assert warned == ({"ResultHandlerDeprecationWarning"} if form == "legacy" else set())
