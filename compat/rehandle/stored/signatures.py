"""What a person accepts as the signature of a stored object: options of commands, and the decision."""

import argparse
from typing import Dict

from rehandle.errors import RehandleError
from rehandle.serializers import signing


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that allow what is refused by default.

    Args:
        parser: of a command with a ``location``.
    """
    parser.add_argument(
        "--moved-from",
        metavar="PLACE",
        help="where LOCATION lay when it was signed, as `signed for` shows it: accept signatures for there, too",
    )
    parser.add_argument(
        "--unbound",
        action="store_true",
        help="accept signatures for no place, and those that older versions made for a name alone",
    )


def verify(data: bytes, place: str, within: str, options: argparse.Namespace) -> signing.Signed:
    """Verify a signature with the key in the environment.

    Args:
        data: the object.
        place: where it lies.
        within: the place of the command's ``location``: the object's, or that of a folder that it lies in.
        options: those of `add_options`.

    Returns:
        The object's parts.

    Raises:
        SignatureError: it isn't signed, not with this key, not for this place, or was changed since.
        RehandleError: there is no key.
    """
    signed = signing.verify(data, key())
    moved: Dict[str, str] = {options.moved_from: within} if options.moved_from else {}
    signing.check_place(signed, place, moved, options.unbound)
    return signed


def key() -> bytes:
    """Give the key in the environment.

    Raises:
        RehandleError: there is none.
    """
    found = signing.key_of_environment()
    if found is None:
        raise RehandleError(f"there is no key for signatures: {signing.VARIABLE} isn't set")
    return found
