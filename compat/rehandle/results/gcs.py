"""Results in Google Cloud Storage."""

from typing import Any, Optional

from rehandle.results.stored import CloudResult
from rehandle.storage import GCSStore, clients


class GCSResult(CloudResult):
    """Keeps values in a bucket of Google Cloud Storage.

    The credentials are the Prefect Secret ``GCP_CREDENTIALS`` of the context, else what the SDK finds by itself.

    Args:
        bucket: the bucket's name.
        **kwargs: for ``Result``. A ``location`` is the object's name.
    """

    _client_attribute = "_gcs_bucket"

    def __init__(self, bucket: Optional[str] = None, **kwargs: Any) -> None:
        self.bucket = bucket
        super().__init__(**kwargs)

    @property
    def gcs_bucket(self) -> Any:
        """The SDK's bucket. One that is set is used instead, by this Result alone: its copies and pickles have none."""
        return vars(self).get("_gcs_bucket") or clients.gcs_bucket_of_context(self.bucket)

    @gcs_bucket.setter
    def gcs_bucket(self, bucket: Any) -> None:
        self._gcs_bucket = bucket

    def _store(self) -> GCSStore:
        return GCSStore(self.bucket, client=lambda: self.gcs_bucket)
