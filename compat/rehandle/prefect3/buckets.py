"""What the blocks of prefect-aws, prefect-gcp and prefect-azure say of a missing object, and where their objects lie.

No client library is imported here: a block that raises their errors has done so.
"""

from typing import Any, Callable, Dict, Iterator, NamedTuple, Optional

from rehandle.errors import BucketNotFoundError


class Kind(NamedTuple):
    """A type of block.

    Attributes:
        is_absent: tells whether an error says that an object isn't there.
        place: tells the place of an object, as a signature names it.
    """

    is_absent: Callable[[Any, BaseException], bool]
    place: Callable[[Any, str], str]


def is_absent(block: Any, error: BaseException) -> bool:
    """Tell whether a block's error says that an object isn't there, and the bucket is.

    Args:
        block: the block.
        error: what its ``read_path`` raised.

    Raises:
        BucketNotFoundError: the bucket isn't there either.
        Exception: asking for the bucket failed.
    """
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return not isinstance(error, BucketNotFoundError)
    kind = _KINDS.get(block.get_block_type_slug())
    return kind is not None and any(kind.is_absent(block, one) for one in _chain(error))


def place(block: Any, key: str) -> Optional[str]:
    """Tell the place of an object, None for a block of a type that isn't known here.

    Args:
        block: the block.
        key: the object's key.
    """
    kind = _KINDS.get(block.get_block_type_slug())
    return None if kind is None else kind.place(block, key)


def advice(error: BaseException) -> str:
    """Say what is to be done about an error, where its own text doesn't.

    Args:
        error: the error.
    """
    if any(_aws_status(one) == 403 for one in _chain(error)):
        return " S3 also denies what isn't there, unless the keys' owner may list the bucket (s3:ListBucket)."
    return ""


def _chain(error: Optional[BaseException]) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _is_of(error: BaseException, package: str, name: str) -> bool:
    return any(cls.__name__ == name and cls.__module__.split(".")[0] == package for cls in type(error).__mro__)


def _aws_status(error: BaseException) -> Optional[int]:
    if not _is_of(error, "botocore", "ClientError"):
        return None
    status: Optional[int] = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")  # type: ignore[attr-defined]
    return status


def _is_absent_in_s3(block: Any, error: BaseException) -> bool:
    if _aws_status(error) != 404:
        return False
    code = error.response["Error"]["Code"]  # type: ignore[attr-defined]
    if code == "404":
        # So S3 answers to HEAD whether the object or the bucket is missing.
        try:
            block.credentials.get_client("s3").head_bucket(Bucket=block.bucket_name)
        except Exception as failed:
            if _aws_status(failed) == 404:
                raise BucketNotFoundError(f"there is no bucket {block.bucket_name!r}") from failed
            raise
    return code in ("404", "NoSuchKey")


def _is_absent_at_google(block: Any, error: BaseException) -> bool:
    if not _is_of(error, "google", "NotFound"):
        return False
    # Google answers 404 to both.
    client = block.gcp_credentials.get_cloud_storage_client()
    try:
        next(iter(client.list_blobs(block.bucket, max_results=1)), None)
    except Exception as failed:
        if _is_of(failed, "google", "NotFound"):
            raise BucketNotFoundError(f"there is no bucket {block.bucket!r}") from failed
        # Who may not list a bucket is denied a missing object, too: this one isn't there.
        if not _is_of(failed, "google", "Forbidden"):
            raise
    return True


def _is_absent_in_azure(block: Any, error: BaseException) -> bool:
    if not _is_of(error, "azure", "ResourceNotFoundError"):
        return False
    code = getattr(error, "error_code", None)
    if code == "ContainerNotFound":
        raise BucketNotFoundError(f"there is no container {block.container_name!r}") from error
    return code == "BlobNotFound"


def _place_in_azure(block: Any, key: str) -> str:
    account = block.credentials.get_client().account_name
    return f"azure://{block.container_name}@{account}/{block._get_path_relative_to_base_folder(key)}"


_KINDS: Dict[str, Kind] = {
    "s3-bucket": Kind(_is_absent_in_s3, lambda block, key: f"s3://{block.bucket_name}/{block._resolve_path(key)}"),
    "gcs-bucket": Kind(_is_absent_at_google, lambda block, key: f"gs://{block.bucket}/{block._resolve_path(key)}"),
    "azure-blob-storage-container": Kind(_is_absent_in_azure, _place_in_azure),
}
