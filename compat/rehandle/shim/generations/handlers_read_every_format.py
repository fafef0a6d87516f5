"""The handlers of Prefect 0.4 to 0.10, which read nothing from a cloud's storage but pickles in base64."""

import functools
import importlib
from typing import Any, Callable

from rehandle import results
from rehandle.handlers import cloud
from rehandle.mapping import HANDLERS, HANDLERS_MODULE
from rehandle.shim.patches import Patches
from rehandle.storage import clients

# What makes a handler's client, what the client is called, and what holds the name of the secret for it.
_CLIENTS = {
    "GCSResultHandler": ("initialize_client", "gcs_bucket", "credentials_secret"),
    "S3ResultHandler": ("initialize_client", "client", "aws_credentials_secret"),
    "AzureResultHandler": ("initialize_service", "service", "azure_credentials_secret"),
}


def apply(patches: Patches) -> None:
    """Make handlers read what later Results wrote.

    Args:
        patches: records each change.
    """
    handlers = importlib.import_module(HANDLERS_MODULE)
    for name, (method, client, secret) in _CLIENTS.items():
        cls = getattr(handlers, name, None)
        if cls is None:
            continue
        is_azure = name == "AzureResultHandler"
        patches.set_attribute(cls, "read", cloud.read)
        original = getattr(cls, method)
        own = _with_the_installed_sdk(original) if is_azure else original
        patches.set_attribute(cls, method, _with_the_results_client(own, HANDLERS[name].result, client, secret))


def _with_the_results_client(
    original: Callable[..., None], result: str, client: str, secret: str
) -> Callable[..., None]:
    """Make a handler that shares a Result's attributes, which no constructor made, use the Result's client."""

    @functools.wraps(original)
    def initialize(self: Any) -> None:
        if secret in vars(self):
            original(self)
            return
        cls = getattr(results, result)
        of = cls.__new__(cls)
        of.__dict__ = vars(self)
        setattr(self, client, getattr(of, client))

    return initialize


def _with_the_installed_sdk(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def initialize_service(self: Any) -> None:
        if hasattr(importlib.import_module("azure.storage.blob"), "BlockBlobService"):
            original(self)
        else:
            # Prefect 0.8 to 0.10 require version 12, which has no such class.
            self.service = clients.azure_service(
                getattr(self, "connection_string", None), self.azure_credentials_secret
            )

    return initialize_service
