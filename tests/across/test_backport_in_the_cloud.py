"""A flow with an S3Result and a target on Prefect 0.6 to 0.10, against a real server."""

import json
import os
import subprocess
import uuid
from pathlib import Path

import cloudpickle
import pytest
import releases
from servers import s3_server  # noqa: F401
from test_bytes import sdks

pytest.importorskip("boto3", reason="rehandle is installed without the extra `s3`")

FLOW = """
import json, sys
import rehandle.auto
import prefect
from prefect import Flow, task
from prefect.engine.results import S3Result

bucket, boto3_kwargs, keys = json.loads(sys.argv[1])
ran = []

@task(result=S3Result(bucket, boto3_kwargs=boto3_kwargs), target="{flow_name}/{task_name}-{x}")
def square(x):
    ran.append(x)
    return {"square": x * x}

with Flow("flow") as flow:
    squares = square.map([2, 3])

with prefect.context(secrets={"AWS_CREDENTIALS": keys}):
    states = [flow.run().result[squares] for _ in range(2)]
    location = states[0].map_states[0]._result.location
    found = S3Result(bucket, boto3_kwargs=boto3_kwargs).read(location).value
print(json.dumps({
    "states": [[type(child).__name__ for child in state.map_states] for state in states],
    "locations": [child._result.location for child in states[0].map_states],
    "values": [child.result for child in states[1].map_states],
    "ran": ran,
    "found": found,
}))
"""


@pytest.mark.parametrize("release", ["0.6.7", "0.10.7"])
def test_flow(release, s3_server):  # noqa: F811
    bucket = f"bucket-{uuid.uuid4()}"
    s3_server.make_bucket(bucket)
    arguments = json.dumps([bucket, s3_server.boto3_kwargs, s3_server.credentials("writer")])
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "AWS_"))}
    environment.update(
        PYTHONPATH=str(Path(releases.ROOT) / "compat"),
        PREFECT__FLOWS__CHECKPOINTING="true",
        PREFECT__LOGGING__LEVEL="CRITICAL",
        PREFECT__CLOUD__USE_LOCAL_SECRETS="true",
    )
    command = [str(releases.python(release, *sdks(release))), "-W", "ignore", "-c", FLOW, arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "states": [["Success", "Success"], ["Cached", "Cached"]],
        "locations": ["flow/square-2", "flow/square-3"],
        "values": [{"square": 4}, {"square": 9}],
        "ran": [2, 3],
        "found": {"square": 4},
    }
    stored = {name: cloudpickle.loads(data) for name, data in s3_server.objects(bucket).items()}
    assert stored == {"flow/square-2": {"square": 4}, "flow/square-3": {"square": 9}}
