"""rehandle's own legacy handlers, for where Prefect has none: signatures and behaviour of Prefect 0.10.7."""

import datetime
import json
import logging
import os
import re
import uuid
from typing import Any, Dict, Optional, Tuple

import cloudpickle

from rehandle import _prefect
from rehandle._files import write_atomically


class ResultHandler:
    """Base class of all handlers. A subclass says how a task's value is written and read."""

    # What two handlers of a built-in class must share to be equal; others compare all public attributes.
    _compared: Tuple[str, ...] = ()

    def __init__(self) -> None:
        self.logger = logging.getLogger("prefect." + type(self).__name__)

    def read(self, loc: Any) -> Any:
        """Read a value. The base class reads nothing.

        Args:
            loc: what ``write`` returned.

        Returns:
            The value.
        """
        return None

    def write(self, result: Any) -> Any:
        """Write a value. The base class writes nothing.

        Args:
            result: the value.

        Returns:
            The location to read it from.
        """
        return None

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return False
        names = vars(type(self)).get("_compared") or {
            name for name in {**vars(self), **vars(other)} if name != "logger" and not name.startswith("_")
        }
        missing = object()
        return all(getattr(self, name, missing) == getattr(other, name, missing) for name in names)

    __hash__ = None  # type: ignore[assignment]  # Prefect's handlers can't be hashed either

    def __repr__(self) -> str:
        return f"<ResultHandler: {type(self).__name__}>"


class LocalResultHandler(ResultHandler):
    """Keeps values as pickles in a folder.

    Args:
        dir: the folder. ``<home>/results`` if it is missing or lies inside Prefect's home folder (as Prefect does).
        validate: whether to make the path absolute and the folder exist.
    """

    _compared = ("dir",)

    def __init__(self, dir: Optional[str] = None, validate: bool = True) -> None:
        home = os.path.abspath(_prefect.home_folder())
        folder = os.path.join(home, "results") if dir is None or _is_inside(dir, home) else dir
        if validate:
            folder = os.path.abspath(os.path.expanduser(folder))
            os.makedirs(folder, exist_ok=True)
        self.dir = folder
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
        with open(fpath, "rb") as file:
            return cloudpickle.loads(file.read())

    def write(self, result: Any) -> str:
        """Write a value to a new file.

        Args:
            result: the value.

        Returns:
            The file's path.

        Raises:
            OSError: the file can't be written.
        """
        now = re.sub("[^0-9a-z]+", "-", datetime.datetime.now(datetime.timezone.utc).isoformat().lower())
        # Prefect's names hold the time alone, and two writers at once lose a result.
        path = os.path.join(self.dir, f"prefect-result-{now}-{uuid.uuid4().hex}")
        write_atomically(path, cloudpickle.dumps(result))
        return path


class JSONResultHandler(ResultHandler):
    """Keeps values as JSON text, which is itself the location."""

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
        """Return the constant.

        Args:
            arg: not used.
        """
        return self.value

    def write(self, result: Any) -> str:
        """Return the constant's ``repr``.

        Args:
            result: not used.
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
        """
        return self.secret_task.run()

    def write(self, result: Any) -> str:
        """Return the secret's name.

        Args:
            result: not used.
        """
        return str(self.secret_task.name)


class _CloudResultHandler(ResultHandler):
    """A handler that reads and writes through the Result that it converts to."""

    def read(self, uri: str) -> Any:
        """Read a value.

        Args:
            uri: the location that ``write`` returned.

        Returns:
            The value, or None where reading failed: these handlers always logged the error and went on.
        """
        from rehandle.conversion import native_result

        try:
            return native_result(self).read(uri).value
        except Exception:
            self.logger.exception("Reading %s failed; the handler returns None, as it did before Prefect 0.14", uri)
            return None

    def write(self, result: Any) -> str:
        """Write a value to a new object.

        Args:
            result: the value.

        Returns:
            The object's location in the bucket or container.
        """
        from rehandle.conversion import native_result

        return str(native_result(self).write(result).location)


class GCSResultHandler(_CloudResultHandler):
    """Keeps values in a Google Cloud Storage bucket.

    Args:
        bucket: the bucket's name.
        credentials_secret: the name of the Prefect Secret with the service account's credentials.
    """

    _compared = ("bucket", "credentials_secret")

    def __init__(self, bucket: Optional[str] = None, credentials_secret: Optional[str] = None) -> None:
        self.bucket = bucket
        self.credentials_secret = credentials_secret
        super().__init__()


class S3ResultHandler(_CloudResultHandler):
    """Keeps values in an S3 bucket.

    Args:
        bucket: the bucket's name.
        aws_credentials_secret: the name of the Prefect Secret with ``ACCESS_KEY`` and ``SECRET_ACCESS_KEY``.
        boto3_kwargs: arguments for the boto3 client.
    """

    _compared = ("bucket", "aws_credentials_secret", "boto3_kwargs")

    def __init__(
        self,
        bucket: str,
        aws_credentials_secret: Optional[str] = None,
        boto3_kwargs: Optional[Dict[str, Any]] = None,
    ) -> None:
        self.bucket = bucket
        self.aws_credentials_secret = aws_credentials_secret
        self.boto3_kwargs = dict(boto3_kwargs or {})
        super().__init__()


class AzureResultHandler(_CloudResultHandler):
    """Keeps values in an Azure Blob Storage container.

    Args:
        container: the container's name.
        connection_string: how to reach and enter it; the environment's ``AZURE_STORAGE_CONNECTION_STRING`` if missing.
        azure_credentials_secret: the name of the Prefect Secret with ``ACCOUNT_NAME`` and ``ACCOUNT_KEY`` or
            ``SAS_TOKEN``, used where there is no connection string.
    """

    _compared = ("container", "connection_string", "azure_credentials_secret")

    def __init__(
        self,
        container: str,
        connection_string: Optional[str] = None,
        azure_credentials_secret: Optional[str] = "AZ_CREDENTIALS",
    ) -> None:
        self.container = container
        self.connection_string = connection_string or os.getenv("AZURE_STORAGE_CONNECTION_STRING")
        self.azure_credentials_secret = azure_credentials_secret
        super().__init__()


def _is_inside(path: str, folder: str) -> bool:
    try:
        return os.path.commonpath([folder, os.path.abspath(path)]) == folder
    except ValueError:  # two drives on Windows
        return False
