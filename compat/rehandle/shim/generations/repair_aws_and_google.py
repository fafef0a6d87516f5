"""S3 and Google Cloud Storage on Prefect 0.11 to 0.13: what can't be read there, and what handlers break."""

import importlib
from typing import Any

from rehandle import prefect_release
from rehandle.handlers import cloud
from rehandle.mapping import HANDLERS_MODULE, RESULTS_MODULE
from rehandle.shim.patches import Patches
from rehandle.storage import clients

# Before, `exists` of an S3Result failed for every object, there or not.
_EXISTS_WORKS = (0, 11, 3)

# Before, making a client of Cloud Storage imported BigQuery's SDK too.
_GOOGLE_CLIENT_WORKS = (0, 11, 5)


def repair(patches: Patches) -> None:
    """Make handlers read what newer Results wrote, and keep ``boto3_kwargs`` whole.

    Args:
        patches: records each change.
    """
    handlers = importlib.import_module(HANDLERS_MODULE)
    for cls in (handlers.GCSResultHandler, handlers.S3ResultHandler):
        patches.set_attribute(cls, "read", cloud.read)
    patches.set_attribute(handlers.S3ResultHandler, "initialize_client", _initialize_client)
    # For the handler that a task shows of a Result without such an attribute.
    patches.set_attribute(handlers.GCSResultHandler, "credentials_secret", None)
    patches.set_attribute(handlers.S3ResultHandler, "aws_credentials_secret", None)
    results = importlib.import_module(RESULTS_MODULE)
    if prefect_release.release() < _EXISTS_WORKS:
        patches.set_attribute(results.S3Result, "exists", _exists)
    if prefect_release.release() < _GOOGLE_CLIENT_WORKS:
        bucket = property(_gcs_bucket, results.GCSResult.gcs_bucket.fset)
        patches.set_attribute(results.GCSResult, "gcs_bucket", bucket)
        patches.set_attribute(handlers.GCSResultHandler, "initialize_client", _initialize_google_client)


def _initialize_client(self: Any) -> None:
    self.client = clients.s3_client(self.aws_credentials_secret, self.boto3_kwargs)


def _initialize_google_client(self: Any) -> None:
    if self.credentials_secret:
        self.gcs_bucket = clients.gcs_bucket(self.bucket, self.credentials_secret)
    else:
        self.gcs_bucket = clients.gcs_bucket_of_context(self.bucket)


def _gcs_bucket(self: Any) -> Any:
    if not hasattr(self, "_gcs_bucket"):
        self._gcs_bucket = clients.gcs_bucket_of_context(self.bucket)
    return self._gcs_bucket


def _exists(self: Any, location: str, **kwargs: Any) -> bool:
    # Not head_object: its error doesn't tell a missing bucket, which is a mistake, from a missing object.
    client = self.client
    try:
        client.get_object(Bucket=self.bucket, Key=location.format(**kwargs))
    except client.exceptions.NoSuchKey:
        return False
    return True
