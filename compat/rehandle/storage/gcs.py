"""Google Cloud Storage, through google-cloud-storage."""

import contextlib
import functools
import importlib
import inspect
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Optional, Set

from rehandle.errors import (
    AccessDeniedError,
    BucketNotFoundError,
    CredentialsError,
    ObjectExistsError,
    ObjectNotFoundError,
    StorageConnectionError,
    StorageError,
)
from rehandle.storage import clients
from rehandle.storage.base import FOLDER, Entry
from rehandle.storage.cloud_store import TRUNCATED, CloudStore, Problem, error_classes, of_bucket

_PAGE = 1000

RETRY_SECONDS = 20
"""How long a failed request is tried again."""

_MISSING = Problem(ObjectNotFoundError, "there is no such object")
_REFUSED = Problem(
    CredentialsError, "Google refuses the credentials: check the service account's key, and whether it was revoked"
)
_UNREACHABLE = Problem(StorageConnectionError, "Google Cloud Storage can't be reached: check the network")
_OTHER = Problem(StorageError, "Google Cloud Storage can't do it")

# By the status of the answer.
_PROBLEMS = {
    401: _REFUSED,
    403: Problem(AccessDeniedError, "Google denies it: check the roles of the account in this bucket"),
    404: _MISSING,
    412: Problem(ObjectExistsError, "there is such an object already"),
}


class GCSStore(CloudStore):
    """A bucket of Google Cloud Storage.

    Args:
        bucket: the bucket's name.
        credentials_secret: the name of the Prefect Secret with the service account's credentials. Without a name it
            is the context's ``GCP_CREDENTIALS``, then what the SDK finds by itself, as for Prefect 1.4.1.
        client: gives the SDK's bucket to use instead. A store with it can't be pickled.
    """

    _service = "Google Cloud Storage"
    _scheme = "gs"
    _answers = ("google.api_core.exceptions", "GoogleAPICallError")
    _unreachable = _UNREACHABLE
    _errors = (
        ("google.auth.exceptions", "TransportError", _UNREACHABLE),
        ("google.auth.exceptions", "GoogleAuthError", _REFUSED),
        ("google.resumable_media", "DataCorruption", TRUNCATED),
        ("google.cloud.storage.exceptions", "DataCorruption", TRUNCATED),
        ("requests.exceptions", "RequestException", _UNREACHABLE),
    )

    def __init__(
        self,
        bucket: Optional[str],
        credentials_secret: Optional[str] = None,
        client: Optional[Callable[[], Any]] = None,
    ) -> None:
        super().__init__(bucket, client)
        self.credentials_secret = credentials_secret

    def _blob(self, name: str) -> Any:
        if self._given_client is not None:
            return self._given_client().blob(name)
        if self.credentials_secret:
            return clients.gcs_bucket(self.bucket, self.credentials_secret).blob(name)
        return clients.gcs_bucket_of_context(self.bucket).blob(name)

    def _read(self, name: str) -> bytes:
        blob = self._blob(name)
        # Releases before 1.31 know it under the old name alone.
        download = getattr(blob, "download_as_bytes", None) or blob.download_as_string
        limits = _limits(blob.__class__, download.__name__)
        corruption = error_classes("google.resumable_media", "DataCorruption")
        data: bytes
        try:
            for _ in range(clients.RETRIES):
                # Releases before 2 don't try that again.
                with contextlib.suppress(*corruption):
                    data = download(**limits)
                    return data
            data = download(**limits)
        except importlib.import_module("google.api_core.exceptions").NotFound:
            self._require_bucket(blob)
            raise
        return data

    def _write(self, name: str, data: bytes) -> None:
        self._upload(name, data)

    def _upload(self, name: str, data: bytes, **conditions: int) -> None:
        blob = self._blob(name)
        try:
            limits = _limits(blob.__class__, "upload_from_string")
            blob.upload_from_string(data, content_type="application/octet-stream", **conditions, **limits)
        except importlib.import_module("google.api_core.exceptions").NotFound as error:
            raise BucketNotFoundError("there is no such bucket") from error

    def _exists(self, name: str) -> bool:
        blob = self._blob(name)
        if blob.exists(**_limits(blob.__class__, "exists")):
            return True
        self._require_bucket(blob)
        return False

    def _read_part(self, name: str, start: int, length: int) -> bytes:
        blob = self._blob(name)
        download = getattr(blob, "download_as_bytes", None) or blob.download_as_string
        data: bytes = download(start=start, end=start + length - 1, **_limits(blob.__class__, download.__name__))
        return data

    def _create(self, name: str, data: bytes) -> None:
        self._upload(name, data, if_generation_match=0)

    def _pages(self, prefix: str, recursive: bool, after: Optional[str]) -> Iterator[List[Entry]]:
        bucket = self._blob("any").bucket
        wanted: Dict[str, Any] = {
            "delimiter": None if recursive else "/",
            "fields": "items(name,size,updated),prefixes,nextPageToken",
        }
        known = _parameters(bucket.client.__class__, "list_blobs")
        wanted.update(
            {name: value for name, value in {"start_offset": after, "page_size": _PAGE}.items() if name in known}
        )
        found = bucket.client.list_blobs(bucket, prefix=prefix, **wanted)
        told: Set[str] = set()
        try:
            for page in found.pages:
                # The offset itself is in the listing.
                blobs = [blob for blob in page if after is None or blob.name > after]
                folders = sorted(found.prefixes - told)
                told.update(folders)
                yield [
                    *(of_bucket(blob.name, blob.size, blob.updated) for blob in blobs),
                    *(Entry(name, other=FOLDER) for name in folders),
                ]
        except importlib.import_module("google.api_core.exceptions").NotFound as error:
            raise BucketNotFoundError("there is no such bucket") from error

    def _require_bucket(self, blob: Any) -> None:
        """Tell a missing object from a missing bucket: Google answers 404 to both.

        Who may not list the bucket never gets here: without that right, a missing object is denied.
        """
        exceptions = importlib.import_module("google.api_core.exceptions")
        try:
            next(iter(blob.client.list_blobs(blob.bucket, prefix=blob.name, max_results=1)), None)
        except exceptions.NotFound as error:
            raise BucketNotFoundError("there is no such bucket") from error
        except exceptions.Forbidden:
            return

    def _answer(self, error: Any) -> Optional[Problem]:
        return _PROBLEMS.get(error.code, _OTHER)


def _limits(cls: Any, method: str) -> Dict[str, Any]:
    """Give those limits that a method of the installed release takes."""
    known = _parameters(cls, method)
    limits: Dict[str, Any] = {}
    if "timeout" in known:
        limits["timeout"] = (clients.CONNECT_SECONDS, clients.SILENCE_SECONDS)
    if "retry" in known:
        limits["retry"] = _retry(RETRY_SECONDS)
    return limits


@functools.lru_cache(maxsize=None)
def _retry(seconds: float) -> Any:
    return importlib.import_module("google.cloud.storage.retry").DEFAULT_RETRY.with_deadline(seconds)


@functools.lru_cache(maxsize=None)
def _parameters(cls: Any, method: str) -> FrozenSet[str]:
    return frozenset(inspect.signature(getattr(cls, method)).parameters)
