"""What storing through a Result costs: rehandle's own Results and Prefect 1.4.1's, beside the floor.

The floor is what nobody can do without: cloudpickle makes bytes of the value, the client library stores them, and back.
For files it writes, syncs and renames one, as whoever doesn't want to lose a value has to.

All three use the same server on 127.0.0.1 in one run, by turns. Ratios of one run count; the times are this machine's.
Of clouds it is the CPU time of this process that is taken, with all of its threads: what the server and the machine do
beside isn't counted. Of files it is the clock, because they wait for the disk.
The servers are those of the tests, so the tests' packages are needed, Prefect 1.4.1 and the client libraries.

python benchmarks/io.py [--rounds N] [--json FILE] [BACKEND...]
"""

import io
import os
import sys
import tempfile
import time
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
os.environ["PREFECT__LOGGING__LEVEL"] = "ERROR"

import cloudpickle
import measuring
from prefect.engine import results as prefects
from servers import plain

# By their modules: rehandle.results itself gives Prefect's classes where Prefect has them.
from rehandle.results import azure, gcs, local, s3

BUCKET = "bucket"
# Bytes of a value, and how often each is written and read in one round.
SIZES = {"1 KB": (1000, 20), "1 MB": (10**6, 10), "64 MB": (64 * 10**6, 2)}
LIMIT = 1.1
# From here on boto3's own guide uploads in parts.
LARGE = 8 * 2**20


class Local:
    """Plain files. Prefect neither syncs nor replaces."""

    def __init__(self, folder):
        self.folder = folder
        self.process = None
        self.results = {kind: module.LocalResult(str(folder)) for kind, module in kinds(local)}

    def write(self, name, data):
        temporary = self.folder / f"{name}.new"
        with open(temporary, "wb", buffering=0) as file:
            file.write(data)
            os.fsync(file.fileno())
        os.replace(temporary, self.folder / name)

    def read(self, name):
        with open(self.folder / name, "rb") as file:
            return file.read()


class Google(plain.Google):
    def __init__(self, folder):
        super().__init__(folder)
        self.make_bucket(BUCKET)
        os.environ["STORAGE_EMULATOR_HOST"] = self.process.url
        from google.cloud import storage

        self.bucket = storage.Client().bucket(BUCKET)
        self.results = {kind: module.GCSResult(BUCKET) for kind, module in kinds(gcs)}

    def write(self, name, data):
        self.bucket.blob(name).upload_from_string(data)

    def read(self, name):
        return self.bucket.blob(name).download_as_bytes()


class S3(plain.S3):
    def __init__(self, folder):
        super().__init__(folder)
        self.make_bucket(BUCKET)
        import boto3

        arguments = self.boto3_kwargs(self.process.url)
        self.client = boto3.client("s3", **arguments)
        self.results = {kind: module.S3Result(BUCKET, boto3_kwargs=arguments) for kind, module in kinds(s3)}

    def write(self, name, data):
        if len(data) < LARGE:
            self.client.put_object(Bucket=BUCKET, Key=name, Body=data)
        else:
            self.client.upload_fileobj(io.BytesIO(data), BUCKET, name)

    def read(self, name):
        return self.client.get_object(Bucket=BUCKET, Key=name)["Body"].read()


class Azure(plain.Azure):
    def __init__(self, folder):
        super().__init__(folder)
        self.make_bucket(BUCKET)
        from azure.storage.blob import BlobServiceClient

        connection_string = self.connection_string(self.process.url)
        self.service = BlobServiceClient.from_connection_string(connection_string)
        self.results = {kind: module.AzureResult(BUCKET, connection_string) for kind, module in kinds(azure)}

    def write(self, name, data):
        self.service.get_blob_client(BUCKET, name).upload_blob(data)

    def read(self, name):
        return self.service.get_blob_client(BUCKET, name).download_blob().readall()


def kinds(module):
    return (("rehandle", module), ("Prefect", prefects))


BACKENDS = {"local": Local, "google": Google, "s3": S3, "azure": Azure}


def once(backend, kind, data):
    """Time one write and the read of the same, in seconds."""
    result = backend.results.get(kind)
    clock = time.process_time if backend.process else time.perf_counter
    start = clock()
    if result is None:
        location = uuid.uuid4().hex
        backend.write(location, cloudpickle.dumps(data))
    else:
        location = result.write(data).location
    between = clock()
    read = cloudpickle.loads(backend.read(location)) if result is None else result.read(location).value
    end = clock()
    assert read == data
    return {"write": between - start, "read": end - between}


def times(backend, size, count):
    """Time each kind some times, by turns: lists of seconds by kind and action."""
    data = os.urandom(size)
    order = ["floor", *backend.results]
    taken = {(kind, action): [] for kind in order for action in ("write", "read")}
    for number in range(count):
        for place in range(len(order)):
            kind = order[(number + place) % len(order)]
            for action, seconds in once(backend, kind, data).items():
                taken[kind, action].append(seconds)
    return taken


def compared(what, size, action, taken, is_local):
    floor = taken["floor", action]
    yield measuring.row(f"{action} {what}: the floor", "MB/s", [size / 1e6 / one for one in floor])
    for kind in ("rehandle", "Prefect"):
        # Of pairs that were measured one right after the other.
        ratios = [one / other for one, other in zip(taken[kind, action], floor)]
        row = measuring.row(f"{action} {what}: {kind} / the floor", "x", ratios)
        yield measuring.judged(row, LIMIT) if kind == "rehandle" and not is_local else row


def rows(arguments):
    for name in arguments.backends or BACKENDS:
        with tempfile.TemporaryDirectory() as folder:
            backend = BACKENDS[name](Path(folder))
            try:
                for label, (size, count) in SIZES.items():
                    times(backend, size, 3)  # the clients are made
                    taken = times(backend, size, count * arguments.rounds)
                    for action in ("write", "read"):
                        yield from compared(f"{label}, {name}", size, action, taken, name == "local")
            finally:
                if backend.process:
                    backend.process.end()


def add_arguments(parser):
    parser.add_argument("backends", nargs="*", metavar="BACKEND", choices=[*BACKENDS, []], default=[])


if __name__ == "__main__":
    measuring.main(__doc__, rows, add_arguments)
