"""Old results in Prefect 3.2 and later, on CPython 3.10 and later."""

from rehandle.stored.records import transcode

__all__ = ["transcode"]
