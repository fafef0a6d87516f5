"""rehandle's own legacy handlers, for where Prefect has none: signatures and behaviour of Prefect 0.10.7."""

import datetime
import errno
import json
import os
import re
import uuid
from typing import Any, Optional

import cloudpickle

from rehandle import prefect_release
from rehandle.handlers.base import ResultHandler
from rehandle.handlers.cloud import AzureResultHandler, GCSResultHandler, S3ResultHandler
from rehandle.storage.atomic_file import write_atomically

__all__ = [
    "AzureResultHandler",
    "ConstantResultHandler",
    "GCSResultHandler",
    "JSONResultHandler",
    "LocalResultHandler",
    "ResultHandler",
    "S3ResultHandler",
    "SecretResultHandler",
]


class LocalResultHandler(ResultHandler):
    """Keeps values as pickles in a folder.

    Args:
        dir: the folder. ``<home>/results`` if it is missing or lies inside Prefect's home folder (as Prefect does).
        validate: whether to make the path absolute and the folder exist.
    """

    _compared = ("dir",)

    def __init__(self, dir: Optional[str] = None, validate: bool = True) -> None:
        self.dir = prefect_release.results_folder(dir, validate)
        super().__init__()

    def read(self, fpath: str) -> Any:
        """Read a value.

        Args:
            fpath: the path that ``write`` returned.

        Returns:
            The value.

        Raises:
            OSError: the file can't be read.
        """
        self.logger.debug("Reading %s", fpath)
        with open(fpath, "rb") as file:
            return cloudpickle.loads(file.read())

    def write(self, result: Any) -> str:
        """Write a value to a new file.

        Args:
            result: the value.

        Returns:
            The file's path.

        Raises:
            FileNotFoundError: the folder isn't there. A constructor makes it, and nothing else does.
            OSError: the file can't be written.
        """
        if not os.path.isdir(self.dir or os.curdir):
            raise FileNotFoundError(errno.ENOENT, "LocalResultHandler has no such folder: make it first", self.dir)
        now = re.sub("[^0-9a-z]+", "-", datetime.datetime.now(datetime.timezone.utc).isoformat().lower())
        # Prefect's names hold the time alone, and two writers at once lose a result.
        path = os.path.join(self.dir, f"prefect-result-{now}-{uuid.uuid4().hex}")
        self.logger.debug("Writing %s", path)
        write_atomically(path, cloudpickle.dumps(result))
        return path


class JSONResultHandler(ResultHandler):
    """Keeps values as JSON text, which is itself the location."""

    _compared = ()

    def read(self, jblob: str) -> Any:
        """Decode a JSON text.

        Args:
            jblob: the JSON text.

        Returns:
            The value.

        Raises:
            ValueError: it is no JSON.
        """
        return json.loads(jblob)

    def write(self, result: Any) -> str:
        """Encode a value.

        Args:
            result: the value.

        Returns:
            The JSON text.

        Raises:
            TypeError: JSON can't hold the value.
        """
        return json.dumps(result)


class ConstantResultHandler(ResultHandler):
    """Has one value, whatever is read or written.

    Args:
        value: the value.
    """

    _compared = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value
        super().__init__()

    def read(self, arg: Any) -> Any:
        """Give the constant.

        Args:
            arg: not used.

        Returns:
            The constant.
        """
        return self.value

    def write(self, result: Any) -> str:
        """Store nothing.

        Args:
            result: not used.

        Returns:
            The constant's ``repr``.
        """
        return repr(self.value)


class SecretResultHandler(ResultHandler):
    """Stores no value; reading runs the secret's task again.

    Args:
        secret_task: the task that fetches the secret.
    """

    _compared = ("secret_task",)

    def __init__(self, secret_task: Any) -> None:
        self.secret_task = secret_task
        super().__init__()

    def read(self, name: Any) -> Any:
        """Run the secret's task.

        Args:
            name: not used.

        Returns:
            What the task returns.
        """
        return self.secret_task.run()

    def write(self, result: Any) -> str:
        """Store nothing.

        Args:
            result: not used.

        Returns:
            The secret's name.
        """
        return str(self.secret_task.name)
