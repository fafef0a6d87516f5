"""S3 and Google Cloud Storage on Prefect 0.11 to 0.13: what can't be read there, and what handlers break."""

import importlib
from typing import Any

from rehandle import _prefect, clients, serializers
from rehandle.handlers import cloud
from rehandle.mapping import HANDLERS_MODULE, RESULT_BASE_MODULE, RESULTS_MODULE
from rehandle.patching import Patches

# Until then making a client of Cloud Storage imported BigQuery's SDK too.
_GOOGLE_CLIENT_REPAIRED = (0, 11, 3)


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
    result_class = importlib.import_module(RESULT_BASE_MODULE).Result
    if hasattr(result_class, "deserialize_from_bytes"):
        # Prefect 0.11.0 to 0.12.0 read base64 alone, which later releases don't write.
        patches.set_attribute(result_class, "deserialize_from_bytes", staticmethod(serializers.loads))
    if _prefect.release() < _GOOGLE_CLIENT_REPAIRED:
        gcs_result = importlib.import_module(RESULTS_MODULE).GCSResult
        patches.set_attribute(gcs_result, "gcs_bucket", property(_gcs_bucket, gcs_result.gcs_bucket.fset))


def _initialize_client(self: Any) -> None:
    self.client = clients.s3_client(self.aws_credentials_secret, self.boto3_kwargs)


def _gcs_bucket(self: Any) -> Any:
    if not hasattr(self, "_gcs_bucket"):
        self._gcs_bucket = clients.gcs_bucket_of_context(self.bucket)
    return self._gcs_bucket
