"""What it costs to tell what an object of 50 MB is, for friendly and for hostile bytes.

python benchmarks/stored_formats.py [--rounds N] [--json FILE]
"""

import base64
import bz2
import gzip
import json
import lzma
import os
import pickle

import measuring

from rehandle.stored.formats import identify

SIZE = 50 * 2**20


def cases():
    noise = os.urandom(SIZE)
    yield "pickle of bytes", pickle.dumps(noise)
    yield "pickle of small numbers", pickle.dumps([1] * (SIZE // 2))
    yield "pickle of texts", pickle.dumps([str(number) for number in range(SIZE // 10)])
    yield "pickle in base64", base64.b64encode(pickle.dumps(noise[: SIZE * 3 // 4]))
    yield "one number of 50 million digits, pickled", b"\x80\x02L" + b"9" * SIZE
    yield "numbers as lines, pickled", b"\x80\x02" + b"I1\n" * (SIZE // 3)
    yield "1 GB of zeros in gzip", gzip.compress(bytes(2**30), 1)
    yield "noise in bz2", bz2.compress(noise[:SIZE])
    yield "noise in lzma", lzma.compress(noise[: SIZE // 5])
    yield "JSON list", json.dumps(list(range(SIZE // 9))).encode()
    yield "JSON list just short enough to parse", b"[" + b"1," * (2 * 2**20 - 2) + b"1]"
    yield "brackets", b"[" * (4 * 2**20)
    yield "text", b"word " * (SIZE // 5)
    yield "table", b"1,2\n" * (SIZE // 4)
    yield "noise", noise


def rows(arguments):
    for name, data in cases():
        found = identify(data)
        taken = [measuring.clock(lambda data=data: identify(data)) for _ in range(arguments.rounds)]
        shown = f"{name}, {len(data) / 2**20:.0f} MB: {', '.join(found.layers)}, {found.status}"
        yield measuring.row(shown, "s", taken)


if __name__ == "__main__":
    measuring.main(__doc__, rows)
