"""The errors and the warning category that rehandle raises."""


class RehandleError(Exception):
    """Base class of rehandle's own errors."""


class PrefectNotFoundError(RehandleError, ImportError):
    """Prefect is needed for this, and none is installed."""


class PrefectUnsupportedError(RehandleError, ImportError):
    """The installed Prefect is none that rehandle adapts to, such as Prefect 2 or 3."""


class LocationTemplateError(RehandleError, KeyError, IndexError):
    """A location's template has a field that there is nothing for.

    A ``KeyError`` and an ``IndexError``, because these are what ``str.format`` and Prefect's own Results raise.
    """

    # A KeyError shows its message in quotes.
    __str__ = Exception.__str__


class StorageError(RehandleError):
    """Something can't be stored or read. The message names the object, and the client library's error is the cause."""


class ObjectNotFoundError(StorageError, FileNotFoundError):
    """There is no such object: file, key or blob."""


class ObjectExistsError(StorageError, FileExistsError):
    """There is such an object already, and it was to be new."""


class BucketNotFoundError(StorageError):
    """There is no such bucket or container."""


class AccessDeniedError(StorageError, PermissionError):
    """The storage knows who asks, and denies it."""


class CredentialsError(StorageError, ValueError):
    """There are no credentials, or the storage refuses them: they are wrong or have expired.

    A ``ValueError`` as well, which is what Prefect raises for a missing secret.
    """


class StorageConnectionError(StorageError, ConnectionError):
    """The storage can't be reached, didn't answer in time, or the connection broke."""


class TruncatedObjectError(StorageError):
    """Fewer bytes arrived than the object has, or others."""


class ResultHandlerDeprecationWarning(FutureWarning):
    """Code still uses a result handler where Prefect 0.14 and later take a Result.

    A ``FutureWarning``, because Python shows a ``DeprecationWarning`` in ``__main__`` alone.
    """


class SignatureError(RehandleError):
    """A stored object isn't signed as it must be: not at all, with another key, for another place, or changed since."""
