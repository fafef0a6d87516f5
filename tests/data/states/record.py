"""Record states as the installed Prefect (0.5 to 0.13) serialises them: ``python record.py > prefect-0.8.1.json``.

Tasks really run, with each result handler that needs no server, and the files that they store are recorded too. A state
whose result lies in a cloud is made by hand: only its handler counts. Run it with CPython 3.7, so that every Python can
read the pickles.
"""

import base64
import json
import os
import sys
import tempfile
from datetime import timedelta

FOLDER = tempfile.mkdtemp()
os.environ["PREFECT__HOME_DIR"] = FOLDER + "-home"
os.environ["PREFECT__FLOWS__CHECKPOINTING"] = "true"
os.environ["PREFECT__LOGGING__LEVEL"] = "CRITICAL"

import prefect  # noqa: E402 - it reads its configuration when it is imported
from prefect import Flow, task  # noqa: E402
from prefect.engine import FlowRunner, result, result_handlers  # noqa: E402
from prefect.engine.state import Pending, Success  # noqa: E402


class Texts(result_handlers.ResultHandler):
    """A custom handler: its location is a path."""

    def write(self, result):
        path = os.path.join(FOLDER, str(result) + ".txt")
        with open(path, "w") as file:
            file.write(str(result))
        return path

    def read(self, loc):
        with open(loc) as file:
            return file.read()


class Places(Texts):
    """A custom handler: its location is no text."""

    def write(self, result):
        super().write(result)
        return {"name": result, "parts": [1, None]}

    def read(self, loc):
        return super().read(os.path.join(FOLDER, loc["name"] + ".txt"))


def run(flow, of):
    with prefect.context(cloud=True) if prefect.__version__.startswith("0.5") else prefect.context():
        return FlowRunner(flow).run(return_tasks=[of]).result[of]


def ran(handler, value):
    with Flow("f") as flow:
        one = task(lambda: value, name="one", checkpoint=True, result_handler=handler)()
    return run(flow, one)


def retrying(handler, value):
    """A task that will run again, with its input in ``cached_inputs``."""

    def fail(x):
        raise RuntimeError(x)

    with Flow("f") as flow:
        up = task(lambda: value, name="up", checkpoint=True, result_handler=handler)()
        down = task(fail, name="down", max_retries=1, retry_delay=timedelta(hours=1))(up)
    state = run(flow, down)
    for kept in state.cached_inputs.values():
        if getattr(kept, "location", None) is None:
            kept.store_safe_value()  # as the runner of Prefect Cloud does
    return state


def by_hand(name, *arguments, **keywords):
    cls = getattr(result_handlers, name)
    return Success(result=result.SafeResult("2020/2/24/x.prefect_result", cls(*arguments, **keywords)))


def secret():
    from prefect.tasks import secrets

    cls = getattr(secrets, "PrefectSecret", None) or secrets.Secret
    with prefect.context(secrets={"password": "hidden"}):
        return ran(result_handlers.SecretResultHandler(cls("password")), "hidden")


def cloud():
    """Prefect 0.5 alone had a handler that stores values with Prefect Cloud."""
    from prefect.engine.cloud import CloudResultHandler

    return Success(result=result.SafeResult("gs://b/x", CloudResultHandler()))


CASES = {
    "local": lambda: ran(result_handlers.LocalResultHandler(dir=FOLDER), ["local", 1]),
    "json": lambda: ran(result_handlers.JSONResultHandler(), {"json": 1}),
    "custom": lambda: ran(Texts(), "custom"),
    "no text": lambda: ran(Places(), "no text"),
    "constant": lambda: ran(result_handlers.ConstantResultHandler(5), 6),
    "secret": secret,
    "safe": lambda: Success(result=result.SafeResult("[1]", result_handlers.JSONResultHandler())),
    "gcs": lambda: by_hand("GCSResultHandler", "b"),
    "gcs secret": lambda: by_hand("GCSResultHandler", "b", credentials_secret="S"),
    "s3": lambda: by_hand("S3ResultHandler", "b"),
    "s3 secret": lambda: by_hand("S3ResultHandler", "b", aws_credentials_secret="S"),
    "azure": lambda: by_hand("AzureResultHandler", "c"),
    "cloud": cloud,
    "nothing": lambda: Success(),
    "pending": lambda: Pending(),
    "retry local": lambda: retrying(result_handlers.LocalResultHandler(dir=FOLDER), ["local", 1]),
    "retry json": lambda: retrying(result_handlers.JSONResultHandler(), {"json": 1}),
    "retry custom": lambda: retrying(Texts(), "custom"),
    "retry no text": lambda: retrying(Places(), "no text"),
}

states, skipped = {}, {}
for case, make in CASES.items():
    try:
        state = make()
        if state.is_failed():
            raise RuntimeError(state.message)
        states[case] = state.serialize()
    except Exception as error:
        skipped[case] = type(error).__name__  # this release lacks it, or its SDK is missing
files = {}
for name in sorted(os.listdir(FOLDER)):
    with open(os.path.join(FOLDER, name), "rb") as file:
        files[name] = base64.b64encode(file.read()).decode()
recorded = {"prefect": prefect.__version__, "states": states, "files": files, "skipped": skipped}
sys.stdout.write(json.dumps(recorded, indent=1, sort_keys=True).replace(FOLDER, "FOLDER") + "\n")
