"""Azure Blob Storage, through azure-storage-blob 12."""

import importlib
import itertools
from typing import Any, Callable, Iterator, List, Optional

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
from rehandle.storage.base import FOLDER, Entry, behind
from rehandle.storage.cloud_store import TRUNCATED, CloudStore, Problem, of_bucket

_REFUSED = Problem(
    CredentialsError, "Azure refuses the credentials: check the key or signature, and whether it has expired"
)
_DENIED = Problem(AccessDeniedError, "Azure denies it: check what the signature, role or firewall allows")
_UNREACHABLE = Problem(
    StorageConnectionError, "Azure can't be reached: check the network and the account in the connection string"
)

_FAILED = 400
_PAGE = 1000

# By the code that Azure gives an error.
_PROBLEMS = {
    "BlobNotFound": Problem(ObjectNotFoundError, "there is no such blob"),
    "BlobAlreadyExists": Problem(ObjectExistsError, "there is such a blob already"),
    "ContainerNotFound": Problem(BucketNotFoundError, "there is no such container"),
    "ContainerBeingDeleted": Problem(BucketNotFoundError, "the container is being deleted"),
    "AuthenticationFailed": _REFUSED,
    "InvalidAuthenticationInfo": _REFUSED,
    "NoAuthenticationInformation": _REFUSED,
    "BlobArchived": Problem(StorageError, "the blob is archived: restore it first"),
}


class AzureStore(CloudStore):
    """A container of Azure Blob Storage.

    Args:
        container: the container's name.
        connection_string: how to reach and enter the account; the environment's ``AZURE_STORAGE_CONNECTION_STRING``
            if missing. Without a key or a signature in it, ``azure.identity`` finds the credentials.
        connection_string_secret: the name of the Prefect Secret with the connection string, used where there is none.
        azure_credentials_secret: the name of the Prefect Secret with ``ACCOUNT_NAME`` and ``ACCOUNT_KEY`` or
            ``SAS_TOKEN``, used where there is neither.
        client: gives the ``BlobServiceClient`` to use instead. A store with it can't be pickled.
    """

    _service = "Azure"
    _scheme = "azure"
    _container = "container"
    _answers = ("azure.core.exceptions", "HttpResponseError")
    _unreachable = _UNREACHABLE
    _errors = tuple(
        ("azure.core.exceptions", name, problem)
        for name, problem in (
            ("IncompleteReadError", TRUNCATED),
            ("DecodeError", TRUNCATED),
            ("ClientAuthenticationError", _REFUSED),
            ("AzureError", _UNREACHABLE),
        )
    )

    def __init__(
        self,
        container: str,
        connection_string: Optional[str] = None,
        connection_string_secret: Optional[str] = None,
        azure_credentials_secret: Optional[str] = None,
        client: Optional[Callable[[], Any]] = None,
    ) -> None:
        super().__init__(container, client)
        self.connection_string = connection_string
        self.connection_string_secret = connection_string_secret
        self.azure_credentials_secret = azure_credentials_secret

    def _blob(self, name: str) -> Any:
        return self._client().get_blob_client(container=self.bucket, blob=name)

    def _client(self) -> Any:
        if self._given_client is not None:
            return self._given_client()
        found = clients.azure_connection_string(self.connection_string, self.connection_string_secret)
        return clients.azure_service(found, self.azure_credentials_secret)

    def place(self, name: str) -> str:  # noqa: D102
        # Other accounts have containers of the same name.
        return f"{self._scheme}://{self.bucket}@{self._client().account_name}/{name}"

    def for_threads(self) -> "AzureStore":  # noqa: D102
        client = self._client()
        return AzureStore(self.bucket or "", client=lambda: client)

    def _read(self, name: str) -> bytes:
        data: bytes = self._blob(name).download_blob().readall()
        return data

    def _write(self, name: str, data: bytes) -> None:
        self._blob(name).upload_blob(data, overwrite=True)

    def _exists(self, name: str) -> bool:
        blob = self._blob(name)
        try:
            blob.get_blob_properties()
        except importlib.import_module("azure.core.exceptions").ResourceNotFoundError as error:
            if _code(error) != "BlobNotFound":
                raise
            return False
        return True

    def _read_part(self, name: str, start: int, length: int) -> bytes:
        data: bytes = self._blob(name).download_blob(offset=start, length=length).readall()
        return data

    def _create(self, name: str, data: bytes) -> None:
        self._blob(name).upload_blob(data, overwrite=False)

    def _pages(self, prefix: str, recursive: bool, after: Optional[str]) -> Iterator[List[Entry]]:
        container = self._client().get_container_client(self.bucket)
        # In an account with real folders these are blobs whose metadata say so.
        if recursive:
            found = container.list_blobs(name_starts_with=prefix, include=["metadata"], results_per_page=_PAGE)
        else:
            found = container.walk_blobs(
                name_starts_with=prefix, include=["metadata"], results_per_page=_PAGE, delimiter="/"
            )
        # Few releases of the library can begin elsewhere.
        listed = behind(map(_entry, found), after)
        while True:
            page = list(itertools.islice(listed, _PAGE))
            if not page:
                return
            yield page

    def _answer(self, error: Any) -> Optional[Problem]:
        # None, or that of success, where an answer broke off.
        if (error.status_code or 0) < _FAILED:
            return None
        if "failed to authenticate" in str(error):
            return _REFUSED
        other = {401: _REFUSED, 403: _DENIED}.get(error.status_code, Problem(StorageError, "Azure can't do it"))
        return _PROBLEMS.get(_code(error), other)


def _entry(blob: Any) -> Entry:
    # What stands for a folder has neither size nor time.
    if getattr(blob, "size", None) is None or (blob.metadata or {}).get("hdi_isfolder"):
        return Entry(blob.name, other=FOLDER)
    return of_bucket(blob.name, blob.size, blob.last_modified)


def _code(error: Any) -> str:
    # An enumeration in some releases, a text in others.
    code = getattr(error, "error_code", None)
    return str(getattr(code, "value", code))
