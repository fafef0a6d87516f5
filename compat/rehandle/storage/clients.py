"""Clients of the storages' own libraries, made once for each thread, process and configuration.

An SDK is imported, and a secret read, when a client is needed and not before. A client is never shared between threads
(not all of them can be) or with a forked child. No secret is kept here: a client is found again by a digest.
"""

import collections
import hashlib
import importlib
import os
import pickle
import threading
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional, Tuple

from rehandle.errors import CredentialsError
from rehandle.storage import secrets

AWS_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
"""The arguments of boto3 that say who the client is."""

CONNECT_SECONDS = 5
"""How long a client waits for a connection."""

SILENCE_SECONDS = 20
"""How long a client waits for the next bytes of an answer."""

THREADS = 16
"""How many threads use one client at a time, where its library allows that."""

RETRIES = 2
"""How often a client tries again, where its library counts that."""

AZURE_CONNECTION_STRING = "AZURE_STORAGE_CONNECTION_STRING"
"""The environment's variable that all of Azure's tools read."""

# The names that AWS_CREDENTIALS and secrets like it use for AWS_KEYS.
_SECRET_KEYS = ("ACCESS_KEY", "SECRET_ACCESS_KEY", "SESSION_TOKEN")

# What boto3 takes for a session, where its client doesn't know it.
_SESSION_ARGUMENTS = ("profile_name", "botocore_session")

# More configurations than one thread needs at a time.
_KEPT = 32


class _SDK(NamedTuple):
    """A client library.

    Attributes:
        module: what is imported.
        name: what is needed of it.
        package: what to call it in an error.
        variables: what the environment's variables that it reads begin with.
    """

    module: str
    name: str
    package: str
    variables: Tuple[str, ...]


# By the extra of rehandle that installs each.
_SDKS = {
    "gcs": _SDK("google.cloud.storage", "Client", "google-cloud-storage", ("GOOGLE_", "GCLOUD_", "STORAGE_EMULATOR_")),
    "s3": _SDK("boto3", "Session", "boto3", ("AWS_",)),
    "azure": _SDK("azure.storage.blob", "BlobServiceClient", "azure-storage-blob 12.1 or later", ("AZURE_",)),
}


class _Clients(threading.local):
    """One thread's clients by configuration, the least recently used first, each with what has to live as long."""

    def __init__(self) -> None:
        self.process = os.getpid()
        # What the environment was when it was last looked at, and the digest of what matters of it.
        self.environments: Dict[Tuple[str, ...], Tuple[Any, bytes]] = {}
        self.made: collections.OrderedDict[Tuple[Any, ...], Tuple[Any, Any]] = collections.OrderedDict()


_clients = _Clients()


def forget() -> None:
    """Drop this thread's clients, because one of them was refused: the next ones read secrets and files anew."""
    _clients.made.clear()


def gcs_bucket(bucket: Optional[str], credentials_secret: Optional[str]) -> Any:
    """Give a bucket with a client.

    Args:
        bucket: the bucket's name.
        credentials_secret: the name of the Prefect Secret with the service account's credentials, or None for what the
            SDK finds by itself.

    Raises:
        ImportError: google-cloud-storage isn't installed.
        CredentialsError: the secret is missing or doesn't hold credentials, or the SDK finds none.
    """
    known = credentials_secret and secrets.local(credentials_secret)

    def make() -> Any:
        sdk = _sdk("gcs")
        return _gcs_client(sdk, credentials_secret and _secret(credentials_secret, "client_email"))

    def bucket_of_client() -> Any:
        return _client("gcs", (credentials_secret,), known, make).bucket(bucket)

    return _client("gcs", (credentials_secret, bucket), known, bucket_of_client)


def gcs_bucket_of_context(bucket: Optional[str]) -> Any:
    """Give a bucket as Prefect's ``GCSResult`` does, with the secret ``GCP_CREDENTIALS`` if the context has it.

    Args:
        bucket: the bucket's name.

    Raises:
        ImportError: google-cloud-storage isn't installed.
        CredentialsError: the secret doesn't hold credentials, or there is none and the SDK finds none.
    """
    name = "GCP_CREDENTIALS"
    return gcs_bucket(bucket, name if secrets.local(name) else None)


def s3_client(aws_credentials_secret: Optional[str], boto3_kwargs: Mapping[str, Any]) -> Any:
    """Give a client.

    Args:
        aws_credentials_secret: the name of the Prefect Secret with ``ACCESS_KEY``, ``SECRET_ACCESS_KEY`` and maybe
            ``SESSION_TOKEN``, or None.
        boto3_kwargs: arguments for the client. The secret goes before any keys among them.

    Raises:
        ImportError: boto3 isn't installed.
        CredentialsError: the secret is missing or doesn't hold credentials.
    """
    known = aws_credentials_secret and secrets.local(aws_credentials_secret)

    def make() -> Any:
        sdk = _sdk("s3")
        arguments = dict(boto3_kwargs)
        if aws_credentials_secret:
            secret = _secret(aws_credentials_secret, *_SECRET_KEYS[:2])
            arguments.update(zip(AWS_KEYS, (secret.get(key) or None for key in _SECRET_KEYS)))
        return _s3_client(sdk, arguments)

    return _client("s3", (aws_credentials_secret,), (known, dict(boto3_kwargs)), make)


def s3_client_of_context(boto3_kwargs: Mapping[str, Any]) -> Any:
    """Give a client as Prefect's ``S3Result`` does, with the secret ``AWS_CREDENTIALS`` if the context has it.

    Args:
        boto3_kwargs: arguments for the client. The secret goes before any keys among them.

    Raises:
        ImportError: boto3 isn't installed.
        CredentialsError: the secret doesn't hold credentials.
    """
    name = "AWS_CREDENTIALS"
    return s3_client(name if secrets.local(name) else None, boto3_kwargs)


def azure_service(connection_string: Optional[str], azure_credentials_secret: Optional[str]) -> Any:
    """Give a client.

    Args:
        connection_string: how to reach and enter the account, or None. Without a key or a signature in it,
            ``azure.identity`` finds the credentials.
        azure_credentials_secret: the name of the Prefect Secret with ``ACCOUNT_NAME`` and ``ACCOUNT_KEY`` or
            ``SAS_TOKEN``, used where there is no connection string. The key goes before the token.

    Raises:
        ImportError: azure-storage-blob 12.1 or later isn't installed, or azure-identity is needed and isn't.
        CredentialsError: there is no connection string, and the secret is missing or doesn't hold credentials.
    """
    known = azure_credentials_secret and secrets.local(azure_credentials_secret)

    def make() -> Any:
        return _azure_service(connection_string, azure_credentials_secret)

    return _client("azure", (azure_credentials_secret,), (connection_string, known), make)


def azure_connection_string(connection_string: Optional[str], connection_string_secret: Optional[str]) -> Optional[str]:
    """Find a connection string where Prefect's ``AzureResult`` does.

    Args:
        connection_string: what was given, or None for the environment's ``AZURE_STORAGE_CONNECTION_STRING``.
        connection_string_secret: the name of the Prefect Secret that holds it, used where there is none.

    Returns:
        The connection string, or None if there is none.

    Raises:
        CredentialsError: it is in a secret, and that is missing.
    """
    found = connection_string or os.environ.get(AZURE_CONNECTION_STRING)
    return secrets.get(connection_string_secret) if not found and connection_string_secret else found


def _client(extra: str, names: Tuple[Optional[str], ...], hidden: Any, make: Callable[[], Any]) -> Any:
    """Find this thread's client of a configuration, or make it.

    Args:
        extra: a key of _SDKS.
        names: what decides what client is made and is no secret.
        hidden: all else that decides that, beside the environment; None if nothing does.
        make: makes it.
    """
    if _clients.process != os.getpid():
        # The parent's, whose connections are the parent's too.
        _clients.__init__()  # type: ignore[misc]
    # A digest takes a twentieth of what a small object's request does, so there is none where nothing has to be hidden.
    digest, kept = (b"", None) if hidden is None else _key(hidden)
    key = (extra, names, _environment(_SDKS[extra].variables), digest)
    made = _clients.made
    if key in made:
        made.move_to_end(key)
    else:
        made[key] = (make(), kept)
        if len(made) > _KEPT:
            made.popitem(last=False)
    return made[key][0]


def _environment(variables: Tuple[str, ...]) -> bytes:
    """Give a digest of the variables whose names begin with something."""
    # Not decoded, if it can be helped: that takes longer than all else here.
    raw = getattr(os.environ, "_data", None)
    mark = None if raw is None else hash(tuple(raw.items()))
    if mark is not None and _clients.environments.get(variables, (None,))[0] == mark:
        return _clients.environments[variables][1]
    names = sorted(name for name in os.environ if name.startswith(variables))
    digest = _key(tuple((name, os.environ.get(name)) for name in names))[0]
    _clients.environments[variables] = (mark, digest)
    return digest


def _key(parts: Any) -> Tuple[bytes, Any]:
    """Give a digest, and what must stay alive because its identity is in there."""
    kept = None
    try:
        data = pickle.dumps(parts)
    except Exception:
        # Something like a botocore session, which is itself or another.
        kept = parts
        data = repr(_identities(parts)).encode()
    return hashlib.sha256(data).digest(), kept


def _identities(part: Any) -> Any:
    if isinstance(part, (tuple, list)):
        return [_identities(item) for item in part]
    if isinstance(part, dict):
        return [(name, _identities(value)) for name, value in sorted(part.items())]
    return part if part is None or isinstance(part, str) else id(part)


def _gcs_client(client: Any, info: Any) -> Any:
    try:
        if not info:
            return client()
        service_account = importlib.import_module("google.oauth2.service_account")
        credentials = service_account.Credentials.from_service_account_info(info)
        return client(project=credentials.project_id, credentials=credentials)
    except Exception as error:
        if info:
            # Some errors show what they got.
            problem = type(error).__name__
        elif isinstance(error, (ValueError, importlib.import_module("google.auth.exceptions").GoogleAuthError)):
            raise CredentialsError(f"Google Cloud Storage gets no usable credentials: {error}") from error
        else:
            raise
    # Outside, so that the error doesn't go with it.
    raise CredentialsError(
        f"Google Cloud Storage gets no usable credentials: the secret must hold a service account's key as Google "
        f"made it, and the library can't read this one ({problem})."
    )


def _s3_client(session_class: Any, arguments: Dict[str, Any]) -> Any:
    config = importlib.import_module("botocore.config").Config
    arguments.pop("use_session", None)  # Prefect before 0.14.9 took it, and later releases ignore it.
    of_session = {name: arguments.pop(name) for name in _SESSION_ARGUMENTS if name in arguments}
    # A session takes 0.1 s to make.
    session = _client("s3", ("session",), of_session, lambda: session_class(**of_session))
    limits: Dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "read_timeout": SILENCE_SECONDS}
    limits["max_pool_connections"] = THREADS
    if "AWS_MAX_ATTEMPTS" not in os.environ:
        limits["retries"] = {"max_attempts": RETRIES}
    own = arguments.pop("config", None)
    merged = config(**limits) if own is None else config(**limits).merge(own)
    return session.client("s3", config=merged, **arguments)


def _azure_service(connection_string: Optional[str], azure_credentials_secret: Optional[str]) -> Any:
    service = _sdk("azure")
    if connection_string:
        return _azure_service_at(service, connection_string)
    if not azure_credentials_secret:
        raise CredentialsError(
            f"Azure needs a connection string (connection_string= or the environment's {AZURE_CONNECTION_STRING}) "
            "or the name of a Prefect Secret (azure_credentials_secret= or connection_string_secret=), "
            "and there is neither."
        )
    secret = _secret(azure_credentials_secret, "ACCOUNT_NAME")
    url = f"https://{secret['ACCOUNT_NAME']}.blob.core.windows.net"
    if secret.get("ACCOUNT_KEY"):
        return service(url, credential=secret["ACCOUNT_KEY"], **_azure_limits())
    if secret.get("SAS_TOKEN"):
        return service(f"{url}?{secret['SAS_TOKEN'].lstrip('?')}", **_azure_limits())
    raise CredentialsError(
        f"the Prefect Secret {azure_credentials_secret} must have ACCOUNT_KEY or SAS_TOKEN beside ACCOUNT_NAME."
    )


def _azure_service_at(service: Any, connection_string: str) -> Any:
    credential = None
    lowered = connection_string.lower()
    if "accountkey=" not in lowered and "sharedaccesssignature=" not in lowered:
        try:
            identity = importlib.import_module("azure.identity")
        except ImportError as error:
            raise ImportError(
                "an Azure connection string without AccountKey and SharedAccessSignature needs azure-identity, "
                f"which can't be imported here ({error}): pip install azure-identity"
            ) from error
        credential = identity.DefaultAzureCredential()
    try:
        return service.from_connection_string(connection_string, credential=credential, **_azure_limits())
    except ValueError:
        # The error might quote the text.
        raise CredentialsError(
            "the Azure connection string is malformed: expected Name=value pairs with ; between them, "
            "such as DefaultEndpointsProtocol=https;AccountName=...;AccountKey=...;EndpointSuffix=core.windows.net"
        ) from None


def _azure_limits() -> Dict[str, Any]:
    retry = importlib.import_module("azure.storage.blob").ExponentialRetry
    return {
        "connection_timeout": CONNECT_SECONDS,
        "read_timeout": SILENCE_SECONDS,
        "retry_policy": retry(initial_backoff=1, increment_base=2, retry_total=RETRIES, random_jitter_range=1),
    }


def _secret(name: str, *keys: str) -> Mapping[str, Any]:
    """Read a Prefect Secret that holds a JSON object. No error shows any of it."""
    value = secrets.get(name)
    if isinstance(value, str):
        value = secrets.decoded(value)
    if not isinstance(value, Mapping):
        raise CredentialsError(
            f"the Prefect Secret {name} must hold a JSON object with {' and '.join(keys)}, "
            f"and holds something else ({type(value).__name__})."
        )
    missing = [key for key in keys if not value.get(key)]
    if missing:
        raise CredentialsError(f"the Prefect Secret {name} must have {' and '.join(missing)}, and has not.")
    return value


def _sdk(extra: str) -> Any:
    module, name, package, _ = _SDKS[extra]
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ImportError(
            f"this needs {package}, which can't be imported here ({error}): pip install 'rehandle[{extra}]'"
        ) from error
