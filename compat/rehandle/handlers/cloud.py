"""rehandle's own handlers of cloud storage, and how any of that kind reads and writes with its client.

A handler's client may be the user's own, such as one for another service or for a test. So it is asked for nothing but
what the handlers of Prefect 0.10 ask of it, and of the client library of Azure, which that release doesn't know, as
little as can be.
"""

import base64
import io
import os
from typing import Any, Callable, Dict, NamedTuple, Optional

import cloudpickle

from rehandle.handlers.base import ResultHandler
from rehandle.results.locations import new_location
from rehandle.serializers import loads
from rehandle.storage import clients


def read(handler: Any, uri: str) -> Any:
    """Read a value with a handler's client, in any format that was ever written.

    Args:
        handler: the handler.
        uri: the location.

    Returns:
        The value, or None where reading failed: these handlers always logged the error and went on.
    """
    try:
        handler.logger.debug("Reading %s", uri)
        data = _calls(handler).download(handler, uri)
        # An object without any bytes stands for None.
        return loads(data) if data else None
    except Exception:
        handler.logger.exception("Reading %s failed; the handler returns None, as it always did", uri)
        return None


def write(handler: Any, result: Any) -> str:
    """Write a value with a handler's client.

    Args:
        handler: the handler.
        result: the value. It is written in base64, as handlers always did.

    Returns:
        The location in the bucket or container.
    """
    uri = new_location()
    handler.logger.debug("Writing %s", uri)
    _calls(handler).upload(handler, uri, base64.b64encode(cloudpickle.dumps(result)))
    return uri


class _Calls(NamedTuple):
    """What is asked of a client.

    Attributes:
        download: takes the handler and a location, and returns the bytes there.
        upload: takes the handler, a location and the bytes for it.
    """

    download: Callable[[Any, str], bytes]
    upload: Callable[[Any, str, bytes], None]


def _download_from_google(handler: Any, uri: str) -> bytes:
    return handler.gcs_bucket.blob(uri).download_as_string()  # type: ignore[no-any-return]


def _upload_to_google(handler: Any, uri: str, data: bytes) -> None:
    handler.gcs_bucket.blob(uri).upload_from_string(data.decode())


def _download_from_s3(handler: Any, uri: str) -> bytes:
    stream = io.BytesIO()
    handler.client.download_fileobj(Bucket=handler.bucket, Key=uri, Fileobj=stream)
    return stream.getvalue()


def _upload_to_s3(handler: Any, uri: str, data: bytes) -> None:
    handler.client.upload_fileobj(io.BytesIO(data), Bucket=handler.bucket, Key=uri)


# Azure's clients up to azure-storage-blob 2 are those that Prefect 0.4 to 0.13 asks. Version 12 has other methods.


def _download_from_azure(handler: Any, uri: str) -> bytes:
    service = handler.service
    if not hasattr(service, "get_blob_to_text"):
        blob = service.get_blob_client(container=handler.container, blob=uri)
        return blob.download_blob().readall()  # type: ignore[no-any-return]
    try:
        content = service.get_blob_to_text(container_name=handler.container, blob_name=uri).content
    except UnicodeDecodeError:
        # What later Results wrote is no text.
        content = service.get_blob_to_bytes(container_name=handler.container, blob_name=uri).content
    return content.encode() if isinstance(content, str) else content


def _upload_to_azure(handler: Any, uri: str, data: bytes) -> None:
    service = handler.service
    if hasattr(service, "create_blob_from_text"):
        service.create_blob_from_text(container_name=handler.container, blob_name=uri, text=data.decode())
    else:
        service.get_blob_client(container=handler.container, blob=uri).upload_blob(data)


# By the attribute that holds the client.
_CALLS = {
    "gcs_bucket": _Calls(_download_from_google, _upload_to_google),
    "client": _Calls(_download_from_s3, _upload_to_s3),
    "service": _Calls(_download_from_azure, _upload_to_azure),
}

CLIENTS = tuple(f"_{name}" for name in _CALLS)
"""The attributes that handlers have once their client was made or set. Pickles have none of them."""


def _calls(handler: Any) -> _Calls:
    return next(calls for name, calls in _CALLS.items() if hasattr(type(handler), name))


class _Client:
    """An attribute that holds a client: made when it is first needed, and open to be set."""

    def __init__(self, maker: str) -> None:
        self._maker = maker

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = "_" + name

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return self
        if vars(instance).get(self._name) is None:
            getattr(instance, self._maker)()
        return vars(instance)[self._name]

    def __set__(self, instance: Any, value: Any) -> None:
        vars(instance)[self._name] = value


class _CloudResultHandler(ResultHandler):
    def read(self, uri: str) -> Any:
        """Read a value.

        Args:
            uri: the location that ``write`` returned.

        Returns:
            The value, or None where reading failed: these handlers always logged the error and went on.
        """
        return read(self, uri)

    def write(self, result: Any) -> str:
        """Write a value to a new object.

        Args:
            result: the value.

        Returns:
            The object's location in the bucket or container.
        """
        return write(self, result)

    def __getstate__(self) -> Dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in CLIENTS}


class GCSResultHandler(_CloudResultHandler):
    """Keeps values in a Google Cloud Storage bucket.

    Args:
        bucket: the bucket's name.
        credentials_secret: the name of the Prefect Secret with the service account's credentials.
    """

    _compared = ("bucket", "credentials_secret")
    # For the handler that a task shows of a Result without such an attribute; below too.
    credentials_secret: Optional[str] = None
    gcs_bucket = _Client("initialize_client")

    def __init__(self, bucket: Optional[str] = None, credentials_secret: Optional[str] = None) -> None:
        self.bucket = bucket
        self.credentials_secret = credentials_secret
        super().__init__()

    def initialize_client(self) -> None:
        """Make the client, and from it ``gcs_bucket``.

        Raises:
            ImportError: google-cloud-storage isn't installed.
            RehandleError: the secret doesn't hold credentials.
        """
        self.gcs_bucket = clients.gcs_bucket(self.bucket, self.credentials_secret)


class S3ResultHandler(_CloudResultHandler):
    """Keeps values in an S3 bucket.

    Args:
        bucket: the bucket's name.
        aws_credentials_secret: the name of the Prefect Secret with ``ACCESS_KEY`` and ``SECRET_ACCESS_KEY``.
        boto3_kwargs: arguments for the boto3 client. The dictionary is kept, as Prefect's handler keeps it.

    Raises:
        AssertionError: ``service_name`` is among them (the error that Prefect raised).
    """

    _compared = ("bucket", "aws_credentials_secret", "boto3_kwargs")
    aws_credentials_secret: Optional[str] = None
    client = _Client("initialize_client")

    def __init__(
        self,
        bucket: str,
        aws_credentials_secret: Optional[str] = None,
        boto3_kwargs: Optional[Dict[str, Any]] = None,
    ) -> None:
        self.bucket = bucket
        self.aws_credentials_secret = aws_credentials_secret
        self.boto3_kwargs = boto3_kwargs or {}
        if "service_name" in self.boto3_kwargs:
            raise AssertionError(
                "S3ResultHandler got boto3_kwargs with a service_name, which is always s3: leave it out"
            )
        super().__init__()

    def initialize_client(self) -> None:
        """Make ``client``.

        Raises:
            ImportError: boto3 isn't installed.
            RehandleError: the secret doesn't hold credentials.
        """
        self.client = clients.s3_client(self.aws_credentials_secret, self.boto3_kwargs)


class AzureResultHandler(_CloudResultHandler):
    """Keeps values in an Azure Blob Storage container.

    Args:
        container: the container's name.
        connection_string: how to reach and enter it; the environment's ``AZURE_STORAGE_CONNECTION_STRING`` if missing.
        azure_credentials_secret: the name of the Prefect Secret with ``ACCOUNT_NAME`` and ``ACCOUNT_KEY`` or
            ``SAS_TOKEN``, used where there is no connection string.
    """

    _compared = ("container", "connection_string", "azure_credentials_secret")
    azure_credentials_secret: Optional[str] = "AZ_CREDENTIALS"
    service = _Client("initialize_service")

    def __init__(
        self,
        container: str,
        connection_string: Optional[str] = None,
        azure_credentials_secret: Optional[str] = "AZ_CREDENTIALS",
    ) -> None:
        self.container = container
        self.connection_string = connection_string or os.getenv("AZURE_STORAGE_CONNECTION_STRING")
        self.azure_credentials_secret = azure_credentials_secret
        super().__init__()

    def initialize_service(self) -> None:
        """Make ``service``.

        Raises:
            ImportError: azure-storage-blob 12.1 or later isn't installed.
            RehandleError: there is neither a connection string nor a secret with credentials.
        """
        self.service = clients.azure_service(self.connection_string, self.azure_credentials_secret)
