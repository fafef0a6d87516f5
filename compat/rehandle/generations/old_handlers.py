"""The handlers of Prefect 0.4 to 0.10, which read nothing from a cloud's storage but pickles in base64."""

import functools
import importlib
from typing import Any, Callable

from rehandle import clients, serializers
from rehandle.handlers import cloud
from rehandle.mapping import HANDLERS_MODULE
from rehandle.patching import Patches


def apply(patches: Patches) -> None:
    """Make handlers read what later Results wrote.

    Args:
        patches: records each change.
    """
    handlers = importlib.import_module(HANDLERS_MODULE)
    for name in ("GCSResultHandler", "S3ResultHandler"):
        if hasattr(handlers, name):
            patches.set_attribute(getattr(handlers, name), "read", cloud.read)
    azure = getattr(handlers, "AzureResultHandler", None)
    if azure is not None:
        patches.set_attribute(azure, "read", _read_blob)
        patches.set_attribute(azure, "initialize_service", _with_the_installed_sdk(azure.initialize_service))


def _with_the_installed_sdk(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def initialize_service(self: Any) -> None:
        if hasattr(importlib.import_module("azure.storage.blob"), "BlockBlobService"):
            original(self)
            return
        # Prefect 0.8 to 0.10 require version 12, which has no such class.
        given, secret = getattr(self, "connection_string", None), None
        if "connection_string_secret" in vars(self):
            # It stands for an AzureResult, in a state that is asked for its handler.
            given = clients.azure_connection_string(given, self.connection_string_secret)
        else:
            secret = self.azure_credentials_secret
        self.service = clients.azure_service(given, secret)

    return initialize_service


def _read_blob(self: Any, uri: str) -> Any:
    if not hasattr(self.service, "get_blob_to_bytes"):
        return cloud.read(self, uri)
    try:
        data = self.service.get_blob_to_bytes(self.container, uri).content
        return serializers.loads(data) if data else None
    except Exception:
        self.logger.exception("Reading %s failed; the handler returns None, as it always did", uri)
        return None
