"""Results in Azure Blob Storage."""

import os
from typing import Any, Optional

from rehandle.results.stored import CloudResult
from rehandle.storage import AzureStore, clients


class AzureResult(CloudResult):
    """Keeps values in a container of Azure Blob Storage. One that is there is replaced; Prefect's own fails then.

    Args:
        container: the container's name.
        connection_string: how to reach and enter the account; the environment's ``AZURE_STORAGE_CONNECTION_STRING`` if
            missing. Without a key or a signature in it, ``azure.identity`` finds the credentials.
        connection_string_secret: the name of the Prefect Secret with the connection string, used where there is none.
        **kwargs: for ``Result``. A ``location`` is the blob's name.
    """

    _client_attribute = "_service"

    def __init__(
        self,
        container: str,
        connection_string: Optional[str] = None,
        connection_string_secret: Optional[str] = None,
        **kwargs: Any,
    ) -> None:
        self.container = container
        self.connection_string = connection_string or os.environ.get("AZURE_STORAGE_CONNECTION_STRING")
        self.connection_string_secret = connection_string_secret
        super().__init__(**kwargs)

    def initialize_service(self) -> None:
        """Make ``service`` now, and for this Result alone.

        Raises:
            ImportError: azure-storage-blob 12.1 or later isn't installed.
            CredentialsError: there are no credentials.
        """
        self._service = self._new_service()

    @property
    def service(self) -> Any:
        """The ``BlobServiceClient``. One that is set is used instead, by this Result alone: its copies have none."""
        return vars(self).get("_service") or self._new_service()

    @service.setter
    def service(self, service: Any) -> None:
        self._service = service

    def _new_service(self) -> Any:
        found = clients.azure_connection_string(self.connection_string, self.connection_string_secret)
        return clients.azure_service(found, None)

    def _store(self) -> AzureStore:
        return AzureStore(self.container, client=lambda: self.service)
