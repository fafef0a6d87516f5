"""Old results in S3, Google Cloud Storage and Azure, behind the blocks that Prefect has for them."""

from __future__ import annotations

import asyncio
import gzip
import importlib.util
import json
import pickle
import uuid

import pytest
from servers import environment, google_server, plain, s3_server  # noqa: F401  # fixtures

from rehandle.__main__ import main
from rehandle.errors import BucketNotFoundError, SignatureError, StorageError
from rehandle.serializers import HMACSerializer, PickleSerializer
from rehandle.serializers.signing import stored_at

pytestmark = pytest.mark.prefect("3.2", "4")

KEY = "0123456789abcdef"


class S3:
    package = "prefect_aws"
    hidden = "secret access key"

    def __init__(self, request, monkeypatch):
        self.server = request.getfixturevalue("s3_server")
        self.bucket = f"bucket-{uuid.uuid4()}"
        self.server.make_bucket(self.bucket)
        self.hidden = self.server.keys["writer"][1]

    def block(self, bucket=None, folder="", user="writer"):
        from prefect_aws import AwsClientParameters, AwsCredentials, S3Bucket

        key, secret = self.server.keys[user]
        parameters = AwsClientParameters(endpoint_url=self.server.boto3_kwargs["endpoint_url"])
        credentials = AwsCredentials(
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            region_name="us-east-1",
            aws_client_parameters=parameters,
        )
        return S3Bucket(bucket_name=bucket or self.bucket, credentials=credentials, bucket_folder=folder)

    def denied(self):
        return self.block(user="stranger")

    def put(self, key, data):
        self.server.put(self.bucket, key, data)

    def objects(self):
        return self.server.objects(self.bucket)

    def place(self, key):
        return f"s3://{self.bucket}/{key}"


class Google:
    package = "prefect_gcp"

    def __init__(self, request, monkeypatch):
        self.server = request.getfixturevalue("google_server")
        monkeypatch.setenv("STORAGE_EMULATOR_HOST", self.server.url)
        self.bucket = f"bucket-{uuid.uuid4()}"
        self.server.make_bucket(self.bucket)
        self.hidden = self.server.credentials("reader@tests")["private_key"].splitlines()[1]
        self.server.denied.add("stranger@tests")

    def block(self, bucket=None, folder="", user="writer@tests"):
        from prefect_gcp import GcpCredentials
        from prefect_gcp.cloud_storage import GcsBucket

        credentials = GcpCredentials(service_account_info=self.server.credentials(user))
        return GcsBucket(bucket=bucket or self.bucket, gcp_credentials=credentials, bucket_folder=folder)

    def denied(self):
        return self.block(user="stranger@tests")

    def put(self, key, data):
        self.server.put(self.bucket, key, data)

    def objects(self):
        return self.server.objects(self.bucket)

    def place(self, key):
        return f"gs://{self.bucket}/{key}"


class Azure:
    package = "prefect_azure"

    def __init__(self, request, monkeypatch):
        self.server = request.getfixturevalue("azurite")
        self.bucket = f"container-{uuid.uuid4()}"
        self.server.make_bucket(self.bucket)
        self._text = self.server.connection_string(self.server.process.url)
        self.hidden = self._text.split("AccountKey=")[1].split(";")[0]

    def block(self, bucket=None, folder=None, text=None):
        from prefect_azure import AzureBlobStorageCredentials
        from prefect_azure.blob_storage import AzureBlobStorageContainer

        credentials = AzureBlobStorageCredentials(connection_string=text or self._text)
        return AzureBlobStorageContainer(
            container_name=bucket or self.bucket, credentials=credentials, base_folder=folder or None
        )

    def denied(self):
        return self.block(text=self._text.replace(self.hidden, "d3Jvbmc="))

    def _client(self):
        from azure.storage.blob import BlobServiceClient

        return BlobServiceClient.from_connection_string(self._text).get_container_client(self.bucket)

    def put(self, key, data):
        self._client().upload_blob(key, data)

    def objects(self):
        return {blob.name: self._client().download_blob(blob.name).readall() for blob in self._client().list_blobs()}

    def place(self, key):
        return f"azure://{self.bucket}@firstaccount/{key}"


CLOUDS = {cls.package: cls for cls in (S3, Google, Azure)}


@pytest.fixture(scope="session")
def azurite(tmp_path_factory):
    with environment.needed():
        server = plain.Azure(tmp_path_factory.mktemp("azurite"))
    yield server
    server.process.end()


@pytest.fixture(params=CLOUDS)
def cloud(request, monkeypatch):
    """A new bucket of each kind."""
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"needs {request.param}, which only the -storage environments have")
    return CLOUDS[request.param](request, monkeypatch)


def store(folders, block):
    from prefect.results import ResultStore

    # A block with secrets is taken by its name alone: in tests without a server it is put there.
    return ResultStore(result_storage=folders.block().model_copy(update={"old": block}))


def test_old_results(folders, cloud):
    cloud.put("a/b.pkl", pickle.dumps("old"))
    over = store(folders, cloud.block())
    assert over.exists("a/b.pkl")
    assert asyncio.run(over.aexists("a/b.pkl"))
    assert over.read("a/b.pkl").result == asyncio.run(over.aread("a/b.pkl")).result == "old"
    assert not over.exists("a/c.pkl")
    assert not asyncio.run(over.aexists("a/c.pkl"))
    with pytest.raises(FileNotFoundError):
        over.read("a/c.pkl")


def test_new_results(folders, cloud):
    from prefect.results import ResultStore

    block = cloud.block(folder="new")
    over = ResultStore(result_storage=folders.block().model_copy(update={"new": block}))
    folders.put("a.pkl", pickle.dumps("old"))
    assert over.read("a.pkl").result == "old"
    over.write("new", key="a.pkl")
    over.write("new", key="/absolute.pkl")
    again = ResultStore(result_storage=over.result_storage)
    assert again.read("a.pkl").result == "new"
    assert sorted(cloud.objects()) == ["new/a.pkl", "new/absolute.pkl"]
    assert ResultStore(result_storage=block).read("a.pkl").result == "new"


def test_a_bucket_that_is_not_there(folders, cloud):
    over = store(folders, cloud.block(bucket="no-such-bucket"))
    assert over.exists("a.pkl")
    assert asyncio.run(over.aexists("a.pkl"))
    with pytest.raises(BucketNotFoundError, match="no-such-bucket"):
        over.read("a.pkl")


def test_who_may_not_read(folders, cloud):
    cloud.put("a.pkl", pickle.dumps("old"))
    over = store(folders, cloud.denied())
    for key in ("a.pkl", "b.pkl"):
        assert over.exists(key)
        with pytest.raises(StorageError, match="s3:ListBucket" if isinstance(cloud, S3) else "40[13]|denied|[Aa]uth"):
            over.read(key)


def test_a_folder_in_a_bucket(folders, cloud):
    cloud.put("folder/a.pkl", gzip.compress(pickle.dumps("old")))
    over = store(folders, cloud.block(folder="folder"))
    assert over.read("a.pkl").result == "old"
    assert not over.exists("b.pkl")


def test_new_results_may_not_go_over_old_ones(cloud):
    from rehandle.prefect3 import OldResults

    for new, old in (("", ""), ("", "old"), ("a", "a/b")):
        block = OldResults().model_copy(update={"old": cloud.block(folder=old), "new": cloud.block(folder=new)})
        with pytest.raises(Exception, match="a folder or bucket of its own"):
            block.write_path("a.pkl", b"{}")
    apart = OldResults().model_copy(update={"old": cloud.block(folder="a"), "new": cloud.block(folder="b")})
    apart.write_path("a.pkl", b"{}")


def test_signed_results(folders, cloud, monkeypatch):
    monkeypatch.setenv("REHANDLE_HMAC_KEY", KEY)
    for key in ("folder/a.pkl", "folder/b.pkl"):
        with stored_at(lambda: cloud.place("folder/a.pkl")):
            cloud.put(key, HMACSerializer(PickleSerializer(), KEY).serialize("old"))
    over = store(folders, cloud.block(folder="folder"))
    assert over.read("a.pkl").result == "old"
    with pytest.raises(SignatureError, match="for another place"):
        over.read("b.pkl")


def test_saved_blocks_in_flows(folders, cloud, server):
    """Named blocks, as teams have them: their secrets aren't in the block over them."""
    from prefect import flow, task

    from rehandle.prefect3 import OldResults

    cloud.put("old/1.pkl", pickle.dumps("old"))
    old, new = cloud.block(folder="old"), cloud.block(folder="new")
    for block, name in ((old, "old"), (new, "new")):
        block.save(f"{name}-in-{cloud.package.replace('_', '-')}", overwrite=True)
    over = OldResults(old=old, new=new)
    name = f"over-{cloud.package.replace('_', '-')}"
    over.save(name, overwrite=True)
    assert cloud.hidden not in over.model_dump_json()

    @task(result_storage=f"old-results/{name}", result_storage_key="{parameters[x]}.pkl", persist_result=True)
    def double(x):
        return 2 * x

    assert flow(lambda: [double(1), double(2)])() == ["old", 4]
    assert flow(lambda: [double(1), double(2)])() == ["old", 4]
    assert sorted(cloud.objects()) == ["new/2.pkl", "old/1.pkl"]


def test_old_results_are_adopted(cloud, server, tmp_path, capsys):
    from prefect.results import ResultStore

    block = cloud.block(folder="adopted")
    name = f"results-{uuid.uuid4()}"
    block.save(name)
    files = {"a/b": pickle.dumps(1), "double-2.pkl": gzip.compress(pickle.dumps(4)), "empty": b""}
    for key, data in files.items():
        path = tmp_path / "old" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def adopt():
        storage = f"{block.get_block_type_slug()}/{name}"
        arguments = ["--storage", storage, "--map", "double-{n}.pkl=doubled/{n}", "--json"]
        assert main(["results", "adopt", str(tmp_path / "old"), *arguments]) == 1
        report = json.loads(capsys.readouterr().out)
        return [report["converted"], report["skipped"], len(report["failed"])]

    assert adopt() == [2, 0, 1]
    assert sorted(cloud.objects()) == ["adopted/a/b", "adopted/doubled/2"]
    store = ResultStore(result_storage=block, cache_result_in_memory=False)
    assert [(store.exists(key), store.read(key).result) for key in ("a/b", "doubled/2")] == [(True, 1), (True, 4)]
    assert adopt() == [0, 2, 1]
    block.write_path("a/b", b"something else")
    assert adopt() == [0, 1, 2]
    assert cloud.objects()["adopted/a/b"] == b"something else"


def test_nothing_is_adopted_into_what_cannot_be_read(cloud, server, tmp_path, capsys):
    name = f"results-{uuid.uuid4()}"
    cloud.denied().save(name)
    (tmp_path / "x").write_bytes(pickle.dumps(1))
    slug = cloud.block().get_block_type_slug()
    assert main(["results", "adopt", str(tmp_path / "x"), "--storage", f"{slug}/{name}"]) == 1
    assert "reading 'x' in the block" in capsys.readouterr().err
    assert cloud.objects() == {}
