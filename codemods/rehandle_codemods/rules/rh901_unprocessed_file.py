"""File that can't be processed.

It can't be read, decoded, parsed or written, or doesn't exist. The message says why; the other files are still done.
"""
