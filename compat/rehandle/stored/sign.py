"""``rehandle sign``: signing stored objects for where they lie, after somebody has moved them on purpose."""

import argparse
from typing import Sequence

from rehandle.command_line import Parser
from rehandle.errors import RehandleError, SignatureError
from rehandle.serializers import signing
from rehandle.storage import Store, open_folder
from rehandle.stored import signatures
from rehandle.stored.terminal import error, run, say

LEFT = 1

DESCRIPTION = """\
Sign stored objects anew, for the place where they lie. A signature holds for the place that an object was written to:
this is for what was moved or copied on purpose, and for what was stored before there were signatures. Nothing is
unpickled.
"""

EPILOG = """\
examples:
  rehandle sign --moved-from /old/results /data/results
  rehandle sign --moved-from gs://old-bucket gs://new-bucket/archive/
  rehandle sign --unsigned results/monday

An object is signed if its present signature is right, with the same key, and for a place that you accept: its place
before the move (--moved-from), or none (--unbound). What is right already stays as it is. Look at what you sign:
`rehandle show` tells what is in an object, and whoever had the right to write there may have put it there.

The key is in REHANDLE_HMAC_KEY. An object is read and then written: stop those who write there meanwhile.

Exit: 0 if all objects have a signature that is right; 1 if some were left, which are named; 2 after an error.
"""


def main(arguments: Sequence[str]) -> int:
    """Run ``rehandle sign``.

    Args:
        arguments: those after ``sign``.

    Returns:
        The exit code: 0 if all objects are signed, 1 if some were left, 2 for an error, 130 after Ctrl-C.
    """
    parser = Parser("rehandle sign", DESCRIPTION, EPILOG)
    parser.add_argument(
        "location",
        metavar="LOCATION",
        help="an object, or all in a folder: a path, gs://bucket/key, gs://bucket/folder/, s3://... or azure://...",
    )
    signatures.add_options(parser)
    parser.add_argument("--unsigned", action="store_true", help="sign what isn't signed at all, too")
    return run(parser, arguments, _sign)


def _sign(options: argparse.Namespace) -> int:
    signatures.key()
    store, within, names = open_folder(options.location)
    left = 0
    for name in names:
        try:
            done = _signed(store, name, store.place(within), options)
        except RehandleError as problem:
            error(f"{store.place(name)}: {problem}")
            left += 1
        else:
            say(f"{done} {store.place(name)}")
    return LEFT if left else 0


def _signed(store: Store, name: str, within: str, options: argparse.Namespace) -> str:
    """Sign an object unless it is signed for its place already. Returns what was done."""
    data = store.read(name)
    place = store.place(name)
    start = 0
    if signing.starts_like_one(data):
        signed = signatures.verify(data, place, within, options)
        if signed.place == place and signed.version == signing.VERSION:
            return "right already"
        start = signed.payload_start
    elif not options.unsigned:
        raise SignatureError("it isn't signed. --unsigned signs it as it is, whoever wrote it")
    with signing.stored_at(store.place, name):
        new = signing.sign(lambda file: file.write(memoryview(data)[start:]), signatures.key())
    store.write(name, new)
    return "signed"
