"""File that can't be processed.

It can't be read, decoded, parsed or written, or doesn't exist. The message says why; the other files are still done.

## By hand

Do what the message says: correct the file, use a Python that can parse it, give the path that a link leads to, or
leave the file out by [`--extend-exclude`](../command-line.md#what-to-look-at). The rule can't be ignored, because
what can't be read isn't known to be done.
"""
