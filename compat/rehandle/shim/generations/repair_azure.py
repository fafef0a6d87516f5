"""Azure on Prefect 0.11 to 0.13: those releases require azure-storage-blob 12, and their classes don't work with it."""

import importlib
from typing import Any

from rehandle.handlers import cloud
from rehandle.mapping import HANDLERS_MODULE, RESULTS_MODULE
from rehandle.shim.patches import Patches
from rehandle.storage import clients


def repair(patches: Patches) -> None:
    """Make ``AzureResult`` read, and ``AzureResultHandler`` work at all.

    Args:
        patches: records each change.
    """
    result_class = importlib.import_module(RESULTS_MODULE).AzureResult
    patches.set_attribute(result_class, "read", _read)
    handler_class = importlib.import_module(HANDLERS_MODULE).AzureResultHandler
    patches.set_attribute(handler_class, "initialize_service", _initialize_service)
    patches.set_attribute(handler_class, "read", cloud.read)
    patches.set_attribute(handler_class, "write", cloud.write)
    # For the handler that a task shows of a Result without such an attribute.
    patches.set_attribute(handler_class, "azure_credentials_secret", "AZ_CREDENTIALS")


def _read(self: Any, location: str) -> Any:
    new = self.copy()
    new.location = location
    data = self.service.get_blob_client(container=self.container, blob=location).download_blob().readall()
    try:
        # Prefect has serializers since 0.12.1.
        new.value = new.serializer.deserialize(data) if hasattr(new, "serializer") else new.deserialize_from_bytes(data)
    except EOFError:
        new.value = None
    return new


def _initialize_service(self: Any) -> None:
    self.service = clients.azure_service(self.connection_string, self.azure_credentials_secret)
