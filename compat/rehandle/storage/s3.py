"""S3, through boto3."""

import importlib
import io
from typing import Any, Callable, Dict, Optional

from rehandle import clients
from rehandle.errors import (
    AccessDeniedError,
    BucketNotFoundError,
    CredentialsError,
    ObjectNotFoundError,
    StorageConnectionError,
    StorageError,
    TruncatedObjectError,
)
from rehandle.storage.base import CloudStore, Problem, causes

# Beyond it boto3 uploads in parts, several at a time.
_ONE_PART = 8 * 2**20

_MISSING = Problem(ObjectNotFoundError, "there is no such object")
_REFUSED = Problem(CredentialsError, "S3 refuses the credentials: check the keys, and whether they have expired")
_DENIED = Problem(AccessDeniedError, "S3 denies it: check what the keys' owner may do in this bucket")
_UNREACHABLE = Problem(StorageConnectionError, "S3 can't be reached: check the network, the region and endpoint_url")
_TRUNCATED = Problem(TruncatedObjectError, "what arrived isn't the whole object: try again")

# By the code that S3 gives an error.
_PROBLEMS = {
    "NoSuchKey": _MISSING,
    "NoSuchBucket": Problem(BucketNotFoundError, "there is no such bucket"),
    "AccessDenied": _DENIED,
    "AllAccessDisabled": _DENIED,
    "InvalidObjectState": Problem(StorageError, "the object is archived: restore it first"),
    "RequestTimeout": _UNREACHABLE,
    **dict.fromkeys(
        (
            "AuthFailure",
            "AuthorizationHeaderMalformed",
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidToken",
            "RequestTimeTooSkewed",
            "SignatureDoesNotMatch",
            "TokenRefreshRequired",
            "UnrecognizedClientException",
        ),
        _REFUSED,
    ),
}

# Errors of boto3 itself, by the names of their classes: not every release has all of them.
_CLASSES = {
    "IncompleteReadError": _TRUNCATED,
    "FlexibleChecksumError": _TRUNCATED,
    "ResponseStreamingError": _TRUNCATED,
    "HTTPClientError": _UNREACHABLE,
    "ConnectionError": _UNREACHABLE,
    "NoCredentialsError": Problem(CredentialsError, "boto3 finds no credentials: give keys, a profile or a secret"),
    "PartialCredentialsError": Problem(CredentialsError, "boto3 finds a part of the credentials only"),
    "CredentialRetrievalError": _REFUSED,
    "ProfileNotFound": Problem(CredentialsError, "boto3 finds no such profile"),
    "SSOError": _REFUSED,
}

# The first byte of an object with none, and an archived one: both are there.
_THERE = ("InvalidRange", "416", "InvalidObjectState")


class S3Store(CloudStore):
    """A bucket of S3, or of another service with its interface.

    Args:
        bucket: the bucket's name.
        boto3_kwargs: arguments for the boto3 client, such as ``endpoint_url``.
        upload_options: arguments for an upload, such as ``ServerSideEncryption``: boto3's ``ExtraArgs``.
        aws_credentials_secret: the name of the Prefect Secret with ``ACCESS_KEY``, ``SECRET_ACCESS_KEY`` and maybe
            ``SESSION_TOKEN``. Without a name it is the context's ``AWS_CREDENTIALS``, then the keys in
            ``boto3_kwargs``, then what boto3 finds by itself, as for Prefect 1.4.1.
        client: gives the boto3 client to use instead. A store with it can't be pickled.
    """

    _service = "S3"

    def __init__(
        self,
        bucket: Optional[str],
        boto3_kwargs: Optional[Dict[str, Any]] = None,
        upload_options: Optional[Dict[str, Any]] = None,
        aws_credentials_secret: Optional[str] = None,
        client: Optional[Callable[[], Any]] = None,
    ) -> None:
        super().__init__(bucket, client)
        self.boto3_kwargs = dict(boto3_kwargs or {})
        self.upload_options = dict(upload_options or {})
        self.aws_credentials_secret = aws_credentials_secret

    def _client(self) -> Any:
        if self._given_client is not None:
            return self._given_client()
        if self.aws_credentials_secret:
            return clients.s3_client(self.aws_credentials_secret, self.boto3_kwargs)
        return clients.s3_client_of_context(self.boto3_kwargs)

    def _read(self, name: str) -> bytes:
        data: bytes = self._client().get_object(Bucket=self.bucket, Key=name)["Body"].read()
        return data

    def _write(self, name: str, data: bytes) -> None:
        client = self._client()
        if len(data) <= _ONE_PART:
            client.put_object(Bucket=self.bucket, Key=name, Body=data, **self.upload_options)
        else:
            client.upload_fileobj(io.BytesIO(data), Bucket=self.bucket, Key=name, ExtraArgs=self.upload_options)

    def _exists(self, name: str) -> bool:
        client = self._client()
        try:
            # Not head_object: no body comes with its error to tell a missing bucket from a missing object.
            client.get_object(Bucket=self.bucket, Key=name, Range="bytes=0-0")["Body"].read()
        except client.exceptions.ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "NoSuchKey":
                return False
            if code not in _THERE:
                raise
        return True

    def _problem(self, error: Exception) -> Optional[Problem]:
        botocore = importlib.import_module("botocore.exceptions")
        for one in causes(error):
            if isinstance(one, botocore.ClientError):
                return _of_answer(one.response)
            if isinstance(one, botocore.BotoCoreError):
                found = [_CLASSES[cls.__name__] for cls in type(one).__mro__ if cls.__name__ in _CLASSES]
                return found[0] if found else Problem(StorageError, "boto3 can't do it")
        return None


def _of_answer(response: Any) -> Problem:
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    other = {401: _REFUSED, 403: _DENIED}.get(status, Problem(StorageError, "S3 can't do it"))
    return _PROBLEMS.get(response["Error"]["Code"], other)
