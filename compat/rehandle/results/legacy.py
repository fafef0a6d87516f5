"""Results for handlers that Prefect's own Result of the same name would not stand in for.

Prefect's ``ConstantResult`` and ``SecretResult`` refuse to write, so a task that stores its result would fail where
the handler let it succeed. Its cloud Results take no secret's name. The names of the classes are Prefect's, because a
state is serialised with its Result's class name. Their bases are those that ``rehandle.results`` gives out: importing
this module imports Prefect where it has Results (0.11 to 1.4).
"""

from typing import Any, Dict, Optional

from rehandle import results
from rehandle.results import azure
from rehandle.results.any_input import beside_any_input
from rehandle.results.stored import CloudResult
from rehandle.serializers import PickleSerializer
from rehandle.storage import clients


class ConstantResult(results.ConstantResult):
    """A ``ConstantResult`` that accepts a write, as ``ConstantResultHandler`` does."""

    def read(self, location: str) -> Any:
        """Give the constant, also where this Result has a task's value by now.

        Args:
            location: not used.

        Returns:
            A copy with the constant and the location.
        """
        new = self.copy()
        new.value = self._the_constant()
        new.location = location
        return new

    @beside_any_input
    def write(self, value_: Any, **kwargs: Any) -> Any:
        """Store nothing.

        Args:
            value_: the task's value.
            **kwargs: not used.

        Returns:
            A copy with the task's value, located at the constant's ``repr``.
        """
        new: Any = self.copy()
        new._constant = self._the_constant()
        new.value = value_
        new.location = repr(new._constant)
        return new

    def _the_constant(self) -> Any:
        return vars(self).get("_constant", self.value)


class SecretResult(results.SecretResult):
    """A ``SecretResult`` that accepts a write and reads with ``run()``, as ``SecretResultHandler`` does."""

    def read(self, location: str) -> Any:
        """Run the secret's task. Prefect's class passes a name, which not every secret's ``run`` takes.

        Args:
            location: not used.

        Returns:
            A copy with the secret's value.
        """
        new = self.copy()
        new.value = self.secret_task.run()
        new.location = location
        return new

    @beside_any_input
    def write(self, value_: Any, **kwargs: Any) -> Any:
        """Store nothing.

        Args:
            value_: the task's value.
            **kwargs: not used.

        Returns:
            A copy with the task's value, located at the secret's name.
        """
        new = self.copy()
        new.value = value_
        new.location = self.secret_task.name
        return new

    def __repr__(self) -> str:
        # Not the value, which is the secret.
        return f"<{type(self).__name__}: {self.secret_task.name}>"


class GCSResult(results.GCSResult):
    """A ``GCSResult`` that authenticates with one named secret, as ``GCSResultHandler`` does.

    Args:
        bucket: the bucket's name.
        credentials_secret: the name of the Prefect Secret with the service account's credentials. It is read when the
            client is made, and not kept.
        **kwargs: for ``Result``.
    """

    def __init__(self, bucket: Optional[str] = None, credentials_secret: Optional[str] = None, **kwargs: Any) -> None:
        self.credentials_secret = credentials_secret
        super().__init__(bucket, **kwargs)

    @property
    def gcs_bucket(self) -> Any:
        """The SDK's bucket, with which all is read and written."""
        return vars(self).get("_gcs_bucket") or clients.gcs_bucket(self.bucket, self.credentials_secret)

    @gcs_bucket.setter
    def gcs_bucket(self, bucket: Any) -> None:
        self._gcs_bucket = bucket


class S3Result(results.S3Result):
    """An ``S3Result`` that authenticates with one named secret, as ``S3ResultHandler`` does.

    Args:
        bucket: the bucket's name.
        aws_credentials_secret: the name of the Prefect Secret with ``ACCESS_KEY`` and ``SECRET_ACCESS_KEY``. It is
            read when the client is made, and not kept. Without a name the keys are those in ``boto3_kwargs``.
        boto3_kwargs: arguments for the boto3 client.
        **kwargs: for ``Result``.
    """

    def __init__(
        self,
        bucket: str,
        aws_credentials_secret: Optional[str] = None,
        boto3_kwargs: Optional[Dict[str, Any]] = None,
        **kwargs: Any,
    ) -> None:
        self.aws_credentials_secret = aws_credentials_secret
        super().__init__(bucket, boto3_kwargs=boto3_kwargs, **kwargs)

    @property
    def client(self) -> Any:
        """The boto3 client, with which all is read and written."""
        return vars(self).get("_client") or clients.s3_client(self.aws_credentials_secret, self.boto3_kwargs)

    @client.setter
    def client(self, client: Any) -> None:
        self._client = client

    # Prefect's methods import botocore first. The client's error says what to install.

    @beside_any_input
    def write(self, value_: Any, **kwargs: Any) -> Any:
        """Write a value.

        Args:
            value_: the value.
            **kwargs: what the location's template is formatted with.

        Returns:
            A copy with the value and the location.

        Raises:
            ImportError: boto3 isn't installed.
            RehandleError: the secret doesn't hold credentials.
        """
        self.client  # noqa: B018
        return super().write(value_, **kwargs)

    @beside_any_input
    def exists(self, location: str, **kwargs: Any) -> bool:
        """Tell whether there is an object.

        Args:
            location: the object's name, a template for ``**kwargs``.
            **kwargs: what the template is formatted with.

        Returns:
            False only if it isn't there.

        Raises:
            ImportError: boto3 isn't installed.
            RehandleError: the secret doesn't hold credentials.
        """
        self.client  # noqa: B018
        return bool(super().exists(location, **kwargs))


class AzureResult(results.AzureResult):
    """An ``AzureResult`` that authenticates with one named secret, as ``AzureResultHandler`` does.

    Args:
        container: the container's name.
        connection_string: how to reach and enter it. If there is one, the secret isn't used.
        azure_credentials_secret: the name of the Prefect Secret with ``ACCOUNT_NAME`` and ``ACCOUNT_KEY`` or
            ``SAS_TOKEN``. It is read when the client is made, and not kept.
        **kwargs: for ``Result``.
    """

    def __init__(
        self,
        container: str,
        connection_string: Optional[str] = None,
        azure_credentials_secret: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(container, **kwargs)
        # Prefect's class takes a string from the environment too. The handler looked there before this was made.
        self.connection_string = connection_string
        self.azure_credentials_secret = azure_credentials_secret
        if "serializer" not in vars(self):
            # Prefect 0.11.0 to 0.12.0, which writes and reads base64.
            self.serializer = PickleSerializer(write_format="base64")

    def initialize_service(self) -> None:
        """Make ``service`` now, and for this Result alone.

        Raises:
            ImportError: azure-storage-blob 12.1 or later isn't installed.
            CredentialsError: there is neither a connection string nor a secret with credentials.
        """
        self._service = clients.azure_service(self.connection_string, self.azure_credentials_secret)

    @property
    def service(self) -> Any:
        """The ``BlobServiceClient``, with which all is read and written."""
        found = vars(self).get("_service")
        return found or clients.azure_service(self.connection_string, self.azure_credentials_secret)

    @service.setter
    def service(self, service: Any) -> None:
        self._service = service

    # Prefect's own can't read before 0.14, and write nowhere twice.
    read = CloudResult.read
    write = beside_any_input(CloudResult.write)
    exists = beside_any_input(CloudResult.exists)
    _name = CloudResult._name
    _value = CloudResult._value
    _store = azure.AzureResult._store
