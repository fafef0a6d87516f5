"""Signed results, which only rehandle can verify."""

from typing import Optional

from rehandle.errors import SignatureError
from rehandle.serializers import signing
from rehandle.stored import signatures, values


def verified(data: bytes, place: Optional[str]) -> bytes:
    """Give what was signed, after the signature was found right.

    Args:
        data: the object: signed, or signed and then compressed.
        place: where it lies, None if that isn't known.

    Returns:
        The signed bytes, without the signature.

    Raises:
        SignatureError: it isn't signed, not with the key in the environment, not for this place, or was changed since.
        RehandleError: there is no key.
    """
    found = data if signing.starts_like_one(data) else values.signed_part(data)
    if found is None:
        raise SignatureError("the object isn't signed, and only signed ones are to be read here.")
    parts = signing.verify(found, signatures.key())
    if place is None:
        raise SignatureError(
            "the object is signed for a place, and rehandle knows no places in a block of this type: it knows "
            "LocalFileSystem, S3Bucket, GcsBucket and AzureBlobStorageContainer."
        )
    signing.check_place(parts, place, {}, allow_unbound=False)
    return found[parts.payload_start :]
