"""rehandle's own handlers of cloud storage, and how any of that kind reads and writes through its Result."""

import os
from typing import Any, Dict, Optional

from rehandle.handlers.base import ResultHandler
from rehandle.mapping import HANDLERS
from rehandle.results.of_handler import of_handler
from rehandle.serializers import PickleSerializer
from rehandle.storage import clients

# The attribute that holds the client, in handlers and Results alike.
_CLIENTS = ("gcs_bucket", "client", "service")


def read(handler: Any, uri: str) -> Any:
    """Read a value through the Result that a handler converts to, with the handler's own client.

    Args:
        handler: the handler.
        uri: the location.

    Returns:
        The value, or None where reading failed: these handlers always logged the error and went on.
    """
    try:
        return _result(handler).read(uri).value
    except Exception:
        handler.logger.exception("Reading %s failed; the handler returns None, as it always did", uri)
        return None


def write(handler: Any, result: Any) -> str:
    """Write a value through the Result that a handler converts to, with the handler's own client.

    Args:
        handler: the handler.
        result: the value. It is written in base64, as handlers always did.

    Returns:
        The location in the bucket or container.
    """
    through = _result(handler)
    if hasattr(through, "serializer"):
        through.serializer = PickleSerializer(write_format="base64")
    return str(through.write(result).location)


def _result(handler: Any) -> Any:
    # Bases come last, and the user's own class may have any name.
    rows = (HANDLERS.get(cls.__name__) for cls in reversed(type(handler).__mro__))
    result = of_handler(handler, next(row for row in rows if row is not None and row.in_cloud))
    name = next(name for name in _CLIENTS if hasattr(type(result), name))
    # Not through the property: that of Prefect 0.14.9 and later can't be set.
    vars(result)["_" + name] = getattr(handler, name)
    return result


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
        hidden = ["_" + name for name in _CLIENTS]
        return {name: value for name, value in vars(self).items() if name not in hidden}


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
        boto3_kwargs: arguments for the boto3 client.
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
        self.boto3_kwargs = dict(boto3_kwargs or {})
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
