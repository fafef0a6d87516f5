"""Servers over plain HTTP that let everybody in: for tests that share, watch, break and kill them."""

import json
import uuid

from servers import azure, google, s3

_ACCOUNT = "firstaccount"
_KEY = azure.account_key(_ACCOUNT)


class Google:
    """Cloud Storage. Clients before 2 do nothing without a token, for which they need somebody's credentials."""

    def __init__(self, folder, credentials=None):
        self._credentials = folder / "credentials.json"
        self._credentials.write_text(json.dumps(credentials))
        self.process = google.start(folder)

    def make_bucket(self, name):
        google.make_bucket(self.process, name)

    def environment(self, url):
        return {"GOOGLE_APPLICATION_CREDENTIALS": str(self._credentials), "STORAGE_EMULATOR_HOST": url}

    def store(self, bucket, url):
        from rehandle.storage import GCSStore

        return GCSStore(bucket)


class S3:
    def __init__(self, folder):
        self.process = s3.start(folder)

    def boto3_kwargs(self, url):
        keys = {"aws_access_key_id": "anybody", "aws_secret_access_key": "anybody"}
        return {"endpoint_url": url, "region_name": "us-east-1", **keys}

    def make_bucket(self, name):
        import boto3

        boto3.session.Session().client("s3", **self.boto3_kwargs(self.process.url)).create_bucket(Bucket=name)

    def environment(self, url):
        return {}

    def store(self, bucket, url):
        from rehandle.storage import S3Store

        return S3Store(bucket, self.boto3_kwargs(url))


class Azure:
    def __init__(self, folder):
        self.process = azure.start(folder, {_ACCOUNT: _KEY})

    def connection_string(self, url):
        return f"AccountName={_ACCOUNT};AccountKey={_KEY};BlobEndpoint={url}/{_ACCOUNT}"

    def make_bucket(self, name):
        from azure.storage.blob import BlobServiceClient

        BlobServiceClient.from_connection_string(self.connection_string(self.process.url)).create_container(name)

    def environment(self, url):
        return {}

    def store(self, bucket, url):
        from rehandle.storage import AzureStore

        return AzureStore(bucket, self.connection_string(url))


SERVERS = {"google": Google, "s3": S3, "azure": Azure}


class Place:
    """A new bucket on such a server.

    Attributes:
        name: the key of SERVERS.
        proxy: what stands before the server, or None.
        environment: the variables that the SDK needs.
    """

    def __init__(self, name, server, proxy=None):
        self.name = name
        self.proxy = proxy
        self.server = server
        self._bucket = f"bucket-{uuid.uuid4()}"
        self._url = (proxy or server.process).url
        self.environment = server.environment(self._url)
        server.make_bucket(self._bucket)

    def store(self):
        return self.server.store(self._bucket, self._url)
