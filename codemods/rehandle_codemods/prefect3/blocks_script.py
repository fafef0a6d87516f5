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
_NEW = "prefect-3"
_FOLDERS = {"S3Result": "bucket_folder", "GCSResult": "bucket_folder", "AzureResult": "base_folder"}
"""What the blocks of buckets call a folder in them."""
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
    """What is old is read from a block of its own, which needs no rights to write; what is new has its own place, too.

    Two places may have results under the same name.
    """
    old, new = f"{storage.block}-before", f"{storage.block}-since"
    slug = _SLUGS[storage.kind]
    if storage.kind in _FOLDERS:
        into = f'({_FOLDERS[storage.kind]}="{_NEW}", '
        places = [_code(storage.kind, storage.place), _code(storage.kind, storage.place).replace("(", into, 1)]
    else:
        places = [_code(storage.kind, place) for place in (storage.place, f"{storage.place.rstrip('/')}-{_NEW}")]
    for name, code in zip((old, new), places):
        yield f'{code}.save("{name}", overwrite=True)'
    yield f'OldResults(old="{slug}/{old}", new="{slug}/{new}").save("{storage.block}", overwrite=True)'
    yield ""


def _code(kind: str, place: str) -> str:
    """The code of a block, as the table of options has it, with the place in it."""
    code = re.sub(rf"={PLACES[kind]}(?=[,)])", lambda _: f"={quoted(place)}", RESULTS[kind].block)
    return code.replace("=connection_string)", '=os.environ["AZURE_STORAGE_CONNECTION_STRING"])')
