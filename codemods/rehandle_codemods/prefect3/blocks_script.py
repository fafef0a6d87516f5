"""The script that makes the blocks through which Prefect 3 reads what the old code stored."""

from __future__ import annotations

import re
from typing import Iterable, Iterator

from rehandle.prefect_3_options import RESULTS
from rehandle_codemods.prefect3.storages import PLACES, Storage, quoted

FILENAME = "prefect_3_blocks.py"
_INTRODUCTION = (
    '"""Make the blocks through which Prefect 3 reads the results that were stored under Prefect 1.x: run this once."""'
)
_SLUGS = {
    "LocalResult": "local-file-system",
    "S3Result": "s3-bucket",
    "GCSResult": "gcs-bucket",
    "AzureResult": "azure-blob-storage-container",
}
_IMPORTS = {
    "LocalResult": ("from prefect.filesystems import LocalFileSystem",),
    "S3Result": ("from prefect_aws import AwsCredentials, S3Bucket",),
    "GCSResult": ("from prefect_gcp import GcpCredentials, GcsBucket",),
    "AzureResult": (
        "from prefect_azure import AzureBlobStorageCredentials",
        "from prefect_azure.blob_storage import AzureBlobStorageContainer",
    ),
}


def script(storages: Iterable[Storage]) -> str:
    """The code of the script.

    Args:
        storages: the places of results, each once.

    Returns:
        Python code; empty where nothing is stored.
    """
    found = sorted(storages, key=lambda storage: storage.block)
    if not found:
        return ""
    imports = sorted({line for storage in found for line in _IMPORTS[storage.kind]})
    azure = ["import os", ""] if any(storage.kind == "AzureResult" for storage in found) else []
    head = [_INTRODUCTION, "", *azure, *imports, "", "from rehandle.prefect3 import OldResults", ""]
    return "\n".join([*head, *(line for storage in found for line in _block(storage))])


def _block(storage: Storage) -> Iterator[str]:
    """What is old is read from a block of its own: give it rights that don't allow to write."""
    old = f"{storage.block}-before"
    code = re.sub(
        rf"={PLACES[storage.kind]}(?=[,)])", lambda _: f"={quoted(storage.place)}", RESULTS[storage.kind].block
    )
    code = code.replace("=connection_string)", '=os.environ["AZURE_STORAGE_CONNECTION_STRING"])')
    yield f'{code}.save("{old}", overwrite=True)'
    yield f'OldResults(old="{_SLUGS[storage.kind]}/{old}").save("{storage.block}", overwrite=True)'
    yield ""
