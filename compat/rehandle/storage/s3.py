"""S3, through boto3."""

import importlib
import io
from typing import Any, Callable, Dict, Iterator, List, Optional

from rehandle.errors import (
    AccessDeniedError,
    BucketNotFoundError,
    CredentialsError,
    ObjectExistsError,
    ObjectNotFoundError,
    StorageConnectionError,
    StorageError,
)
from rehandle.storage import clients
from rehandle.storage.base import FOLDER, Entry
from rehandle.storage.cloud_store import TRUNCATED, CloudStore, Problem, of_bucket

# Beyond it boto3 uploads in parts, several at a time.
_ONE_PART = 8 * 2**20

_MISSING = Problem(ObjectNotFoundError, "there is no such object")
_REFUSED = Problem(CredentialsError, "S3 refuses the credentials: check the keys, and whether they have expired")
_DENIED = Problem(AccessDeniedError, "S3 denies it: check what the keys' owner may do in this bucket")
_UNREACHABLE = Problem(StorageConnectionError, "S3 can't be reached: check the network, the region and endpoint_url")
# By the code that S3 gives an error.
_PROBLEMS = {
    "NoSuchKey": _MISSING,
    "NoSuchBucket": Problem(BucketNotFoundError, "there is no such bucket"),
    "AccessDenied": _DENIED,
    "AllAccessDisabled": _DENIED,
    "PreconditionFailed": Problem(ObjectExistsError, "there is such an object already"),
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

_NONE = Problem(CredentialsError, "boto3 finds no credentials: give keys, a profile or a secret")

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
    _scheme = "s3"
    _answers = ("botocore.exceptions", "ClientError")
    _unreachable = _UNREACHABLE
    _errors = tuple(
        ("botocore.exceptions", name, problem)
        for name, problem in (
            ("FlexibleChecksumError", TRUNCATED),
            ("IncompleteReadError", TRUNCATED),
            ("NoCredentialsError", _NONE),
            ("PartialCredentialsError", _NONE),
            ("ProfileNotFound", _NONE),
            ("CredentialRetrievalError", _REFUSED),
            ("SSOError", _REFUSED),
            ("HTTPClientError", _UNREACHABLE),
            ("ConnectionError", _UNREACHABLE),
            ("BotoCoreError", Problem(StorageError, "boto3 can't do it")),
        )
    )

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

    def for_threads(self) -> "S3Store":  # noqa: D102
        client = self._client()
        return S3Store(self.bucket, upload_options=self.upload_options, client=lambda: client)

    def _read(self, name: str) -> bytes:
        client = self._client()
        failures: List[Exception] = []
        while True:
            body = client.get_object(Bucket=self.bucket, Key=name)["Body"]
            try:
                data: bytes = body.read()
                return data
            except Exception as error:
                # boto3 tries again what fails before the first byte of an object.
                failures.append(error)
                if len(failures) > clients.RETRIES:
                    raise

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

    def _read_part(self, name: str, start: int, length: int) -> bytes:
        wanted = f"bytes={start}-{start + length - 1}"
        body = self._client().get_object(Bucket=self.bucket, Key=name, Range=wanted)["Body"]
        data: bytes = body.read()
        return data

    def _create(self, name: str, data: bytes) -> None:
        client = self._client()
        # One request, however large: parts are put together without that condition in many releases.
        request = {"Bucket": self.bucket, "Key": name, "Body": data, "IfNoneMatch": "*", **self.upload_options}
        try:
            client.put_object(**request)
        except importlib.import_module("botocore.exceptions").ParamValidationError as error:
            raise StorageError(
                f"this release of boto3 can't write without replacing what is there: install 1.35 or later ({error})"
            ) from error

    def _pages(self, prefix: str, recursive: bool, after: Optional[str]) -> Iterator[List[Entry]]:
        request = {"Bucket": self.bucket, "Prefix": prefix}
        if not recursive:
            request["Delimiter"] = "/"
        if after is not None:
            request["StartAfter"] = after
        for page in self._client().get_paginator("list_objects_v2").paginate(**request):
            yield [
                *(of_bucket(found["Key"], found["Size"], found["LastModified"]) for found in page.get("Contents", ())),
                *(Entry(found["Prefix"], other=FOLDER) for found in page.get("CommonPrefixes", ())),
            ]

    def _answer(self, error: Any) -> Optional[Problem]:
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        other = {401: _REFUSED, 403: _DENIED}.get(status, Problem(StorageError, "S3 can't do it"))
        return _PROBLEMS.get(error.response["Error"]["Code"], other)
