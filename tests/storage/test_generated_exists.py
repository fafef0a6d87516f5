"""The `exists` that the codemods write into handler classes, asked of real servers."""

from pathlib import Path

import pytest
from repositories import read_case

pytestmark = pytest.mark.prefect("0.11", "2")

CASES = Path(__file__).parents[1] / "codemods" / "cases" / "RH105"


def migrated(name, case="exists_in_cloud_storage"):
    """The classes of a migrated file of the case, which the codemods' own tests compare with what they write."""
    source = read_case(CASES / f"{case}.case").after[name]
    assert "def exists" in source
    namespace = {}
    exec(compile(source, name, "exec"), namespace)
    return namespace


def assert_exists_where_written(result, value):
    assert result.exists("no-such-value") is False
    written = result.write(value)
    assert result.read(written.location).value == value
    assert result.exists(written.location) is True
    assert result.exists(written.location + "-not") is False
    last = len(written.location) - 1
    template = written.location[:last] + "{last}"
    assert result.exists(template, last=written.location[last]) is True
    assert result.exists(template, last="-not") is False


def test_s3(s3):
    import boto3

    options = dict(
        s3.server.boto3_kwargs,
        aws_access_key_id=s3.right["ACCESS_KEY"],
        aws_secret_access_key=s3.right["SECRET_ACCESS_KEY"],
    )
    classes = migrated("s3.py")
    assert_exists_where_written(classes["S3Pickles"](s3.bucket, **options), [1, {"two": 3}])
    assert_exists_where_written(classes["S3Files"](s3.bucket, boto3.client("s3", **options)), b"bytes")


def test_google(google):
    from google.cloud import storage
    from google.oauth2.service_account import Credentials

    credentials = Credentials.from_service_account_info(google.right)
    client = storage.Client(project="project", credentials=credentials)
    result = migrated("google_storage.py")["GoogleJSON"](client, google.bucket)
    assert_exists_where_written(result, [1, {"two": 3}])


def test_azure(azure):
    from azure.storage.blob import BlobServiceClient

    service = BlobServiceClient.from_connection_string(azure.server.connection_string("secondaccount"))
    classes = migrated("azure_storage.py")
    assert_exists_where_written(classes["AzureJSON"](service, azure.container), [1, {"two": 3}])
    container = service.get_container_client(azure.container)
    assert_exists_where_written(classes["AzureContainer"](container), b"bytes")


def test_files_and_mappings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    classes = migrated("flow.py", "exists_in_mappings_and_files")
    assert_exists_where_written(classes["Memory"](), "1")
    assert_exists_where_written(classes["Pickled"](), [2])
    assert_exists_where_written(classes["Paths"](), "four")
    classes = migrated("handlers.py", "exists_in_shelves_and_archives")
    assert_exists_where_written(classes["Shelf"](str(tmp_path / "shelf")), 3)
    assert_exists_where_written(classes["Zipped"](), {"five": 5})
