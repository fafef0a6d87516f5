"""What the stores of the clouds have in common: retries, errors that say what to do, and listings in pages."""

import datetime
import functools
import http.client
import importlib
import socket
from typing import Any, Callable, Iterator, List, NamedTuple, Optional, Tuple, Type, TypeVar

from rehandle.errors import CredentialsError, StorageError, TruncatedObjectError
from rehandle.storage import clients
from rehandle.storage.base import FOLDER, Entry, Store
from rehandle.storage.masking import masked

T = TypeVar("T")


class Problem(NamedTuple):
    """What an SDK's error means.

    Attributes:
        kind: the class of the error to raise.
        advice: what to do about it.
    """

    kind: Type[StorageError]
    advice: str


def of_bucket(name: str, size: int, modified: Optional[datetime.datetime]) -> Entry:
    """Make an entry of what a bucket's listing says.

    Args:
        name: the object's name. Consoles put empty objects with a slash at the end where they show folders.
        size: in bytes.
        modified: when it was written.
    """
    other = FOLDER if name.endswith("/") and not size else None
    return Entry(name, size, modified.timestamp() if modified else 0, other)


TRUNCATED = Problem(TruncatedObjectError, "what arrived isn't the whole object: try again")


class CloudStore(Store):
    """A store in a bucket, read and written by an SDK.

    A subclass says how (``_read``, ``_write``, ``_exists``, ...) and what the SDK's errors mean.
    """

    _service: str
    _scheme: str
    _container = "bucket"
    # The SDK's error for an answer of the storage: module and class.
    _answers: Tuple[str, str]
    # What it means that no answer comes.
    _unreachable: Problem
    # Module, class and meaning of the SDK's other errors. Not every release has all of them.
    _errors: Tuple[Tuple[str, str, Problem], ...]

    def __init__(self, bucket: Optional[str], client: Optional[Callable[[], Any]]) -> None:
        self.bucket = bucket
        self._given_client = client

    def __repr__(self) -> str:
        # No more than that: an argument may be a key.
        return masked(f"{type(self).__name__}({self.bucket!r})")

    def read(self, name: str) -> bytes:  # noqa: D102
        return self._run("reading", name, self._read, name)

    def write(self, name: str, data: bytes) -> None:  # noqa: D102
        self._run("writing", name, self._write, name, data)

    def exists(self, name: str) -> bool:  # noqa: D102
        return self._run("looking for", name, self._exists, name)

    def read_part(self, name: str, start: int, length: int) -> bytes:  # noqa: D102
        return self._run("reading", name, self._read_part, name, start, length)

    def create(self, name: str, data: bytes) -> None:  # noqa: D102
        self._run("writing", name, self._create, name, data)

    def entry(self, name: str) -> Optional[Entry]:  # noqa: D102
        # Of all names that begin so, its own comes first.
        page = self._run("looking for", name, next, self._pages(name, True, None), ())
        return next((one for one in page if one.name == name and one.other is None), None)

    def entries(self, folder: str, recursive: bool = True, after: Optional[str] = None) -> Iterator[Entry]:  # noqa: D102
        prefix = folder.rstrip("/") + "/" if folder else ""
        pages = self._pages(prefix, recursive, after)
        while True:
            page = self._run("listing", prefix or "/", next, pages, None)
            if page is None:
                return
            yield from page

    def address(self, name: str) -> str:  # noqa: D102
        return f"{self._scheme}://{self.bucket}/{name}"

    def place(self, name: str) -> str:  # noqa: D102
        return f"{self._scheme}://{self.bucket}/{name}"

    def _run(self, action: str, name: str, function: Callable[..., T], *arguments: Any) -> T:
        if not self.bucket or not name:
            where = self._where(action, name)
            raise StorageError(f"{where}: the names of the {self._container} and of the object can't be empty.")
        try:
            return function(*arguments)
        except StorageError as error:
            raise type(error)(f"{self._where(action, name)}: {error}") from error.__cause__
        except ImportError:
            # Without the SDK there are no classes of its errors to compare with.
            raise
        except Exception as error:
            problem = self._problem(error)
            is_safe = all(masked(str(one)) == str(one) for one in _chain(error))
            if problem is None:
                if is_safe:
                    raise
                problem = Problem(StorageError, "the client library can't do it")
            explained = problem.kind(f"{self._where(action, name)}: {problem.advice} ({_summary(error)})")
            if issubclass(problem.kind, CredentialsError):
                clients.forget()
            if is_safe:
                raise explained from error
        # Outside, because the SDK's error must not go with it: it shows who may enter.
        raise explained

    def _where(self, action: str, name: str) -> str:
        # Not before there is an error: to mask a text takes longer than all else here.
        return masked(f"{action} {name!r} in the {self._service} {self._container} {self.bucket!r}")

    def _read(self, name: str) -> bytes:
        raise NotImplementedError

    def _write(self, name: str, data: bytes) -> None:
        raise NotImplementedError

    def _exists(self, name: str) -> bool:
        raise NotImplementedError

    def _read_part(self, name: str, start: int, length: int) -> bytes:
        raise NotImplementedError

    def _create(self, name: str, data: bytes) -> None:
        raise NotImplementedError

    def _pages(self, prefix: str, recursive: bool, after: Optional[str]) -> Iterator[List[Entry]]:
        raise NotImplementedError

    def _answer(self, error: Any) -> Optional[Problem]:
        """Tell what an error means that the storage answered, or None if it answered none."""
        raise NotImplementedError

    def _problem(self, error: Exception) -> Optional[Problem]:
        """Tell what an error means, or None for one that isn't about storage.

        An answer tells most, then what happened to the connection, and least the SDK's name for it.
        """
        found = [self._answer(one) for one in _chain(error) if isinstance(one, error_classes(*self._answers))]
        found += [self._interruption(one) for one in _chain(error)]
        for module, name, problem in self._errors:
            found += [problem for one in _chain(error) if isinstance(one, error_classes(module, name))]
        return next((problem for problem in found if problem is not None), None)

    def _interruption(self, error: BaseException) -> Optional[Problem]:
        if isinstance(error, http.client.IncompleteRead):
            return TRUNCATED
        return self._unreachable if isinstance(error, (ConnectionError, socket.timeout)) else None


def _chain(error: Optional[BaseException]) -> Iterator[BaseException]:
    """List an error and what led to it, the error first."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@functools.lru_cache(maxsize=None)
def error_classes(module: str, name: str) -> Tuple[type, ...]:
    """Give the class of that name, or none where the installed release hasn't got it."""
    try:
        return (getattr(importlib.import_module(module), name),)
    except (AttributeError, ImportError):
        return ()


def _summary(error: Exception) -> str:
    lines = masked(str(error)).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
