"""S3: moto's server, which checks signatures and policies."""

import json

import pytest

from servers import environment
from servers.processes import Process, request

_REGION = "us-east-1"
_ALLOWED = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": "*"}],
}


class S3Server:
    """What a test needs to know of the server.

    Attributes:
        boto3_kwargs: how a client gets there.
        keys: the access key and the secret key of two users: `writer` may do everything, `stranger` nothing.
    """

    def __init__(self, process):
        self._process = process
        self.boto3_kwargs = {"endpoint_url": process.url, "region_name": _REGION}
        self.keys = {user: self._add_user(user) for user in ("writer", "stranger")}
        self.client("iam").put_user_policy(UserName="writer", PolicyName="all", PolicyDocument=json.dumps(_ALLOWED))
        # From now on every request is checked. With another content type moto fails.
        request(f"{process.url}/moto-api/reset-auth", b"0", "text/plain", "POST")

    def client(self, service="s3", user=None):
        import boto3

        key, secret = self.keys[user] if user else ("anybody", "anybody")
        return boto3.session.Session().client(
            service, aws_access_key_id=key, aws_secret_access_key=secret, **self.boto3_kwargs
        )

    def _add_user(self, user):
        iam = self.client("iam")
        iam.create_user(UserName=user)
        key = iam.create_access_key(UserName=user)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def credentials(self, user):
        """A user's keys, as a Prefect Secret holds them."""
        key, secret = self.keys[user]
        return {"ACCESS_KEY": key, "SECRET_ACCESS_KEY": secret}

    def make_bucket(self, name):
        self.client(user="writer").create_bucket(Bucket=name)

    def objects(self, bucket):
        """The names and bytes of all objects in a bucket."""
        client = self.client(user="writer")
        names = [item["Key"] for item in client.list_objects_v2(Bucket=bucket).get("Contents", ())]
        return {name: client.get_object(Bucket=bucket, Key=name)["Body"].read() for name in names}

    def put(self, bucket, name, data):
        self.client(user="writer").put_object(Bucket=bucket, Key=name, Body=data)


def start(folder):
    """Start the server alone, which lets everybody do everything."""
    command = environment.executable("bin/moto_server")
    arguments = [command, "-H", "127.0.0.1", "-p"]
    return Process(lambda port: [*arguments, str(port)], folder, health="/moto-api/data.json")


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory):
    with environment.needed():
        process = start(tmp_path_factory.mktemp("s3"))
    yield S3Server(process)
    process.end()
