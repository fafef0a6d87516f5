"""Results in S3."""

from typing import Any, Dict, Optional

from rehandle.results.stored import CloudResult
from rehandle.storage import S3Store, clients


class S3Result(CloudResult):
    """Keeps values in a bucket of S3, or of another service with its interface.

    The credentials are the Prefect Secret ``AWS_CREDENTIALS`` of the context, else the keys in ``boto3_kwargs``, else
    what boto3 finds by itself.

    Args:
        bucket: the bucket's name.
        boto3_kwargs: arguments for the boto3 client, such as ``endpoint_url``.
        upload_options: arguments for an upload, such as ``ServerSideEncryption``: boto3's ``ExtraArgs``.
        **kwargs: for ``Result``. A ``location`` is the object's key.
    """

    _client_attribute = "_client"

    def __init__(
        self,
        bucket: str,
        boto3_kwargs: Optional[Dict[str, Any]] = None,
        upload_options: Optional[Dict[str, Any]] = None,
        **kwargs: Any,
    ) -> None:
        self.bucket = bucket
        self.boto3_kwargs = boto3_kwargs or {}
        self.upload_options = upload_options or {}
        super().__init__(**kwargs)

    @property
    def client(self) -> Any:
        """The boto3 client. One that is set is used instead, by this Result alone: its copies and pickles have none."""
        return vars(self).get("_client") or clients.s3_client_of_context(self.boto3_kwargs)

    @client.setter
    def client(self, client: Any) -> None:
        self._client = client

    def _store(self) -> S3Store:
        return S3Store(self.bucket, upload_options=self.upload_options, client=lambda: self.client)
