"""The errors and the warning category that rehandle raises."""


class RehandleError(Exception):
    """Base class of rehandle's own errors."""


class PrefectNotFoundError(RehandleError, ImportError):
    """Prefect is needed for this, and none is installed."""


class PrefectUnsupportedError(RehandleError, ImportError):
    """The installed Prefect is none that rehandle adapts to, such as Prefect 2 or 3."""


class ResultHandlerDeprecationWarning(FutureWarning):
    """Code still uses a result handler where Prefect 0.14 and later take a Result.

    A ``FutureWarning``, because Python shows a ``DeprecationWarning`` in ``__main__`` alone.
    """
