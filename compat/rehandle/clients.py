"""Clients that authenticate as the legacy handlers did: with a named Prefect Secret, or else as the SDK does by itself.

An SDK is imported, and a secret read, when a client is made and not before. Nothing here keeps a secret.
"""

import importlib
import json
import threading
from typing import Any, Mapping, Optional

from rehandle.errors import RehandleError

AWS_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
"""The arguments of boto3 that say who the client is."""

# For each extra of rehandle: the module, the class that is needed of it, and what to call the package.
_SDKS = {
    "gcs": ("google.cloud.storage", "Client", "google-cloud-storage"),
    "s3": ("boto3", "Session", "boto3"),
    "azure": ("azure.storage.blob", "BlobServiceClient", "azure-storage-blob 12.1 or later"),
}

_local = threading.local()


def gcs_bucket(bucket: Optional[str], credentials_secret: Optional[str]) -> Any:
    """Make a client and give its bucket.

    Args:
        bucket: the bucket's name.
        credentials_secret: the name of the Prefect Secret with the service account's credentials, or None.

    Raises:
        ImportError: google-cloud-storage isn't installed.
        RehandleError: the secret doesn't hold credentials.
    """
    client = _sdk("gcs")
    return _gcs_client(client, credentials_secret and _secret(credentials_secret, "client_email")).bucket(bucket)


def gcs_bucket_of_context(bucket: Optional[str]) -> Any:
    """Make a client as Prefect's ``GCSResult`` does, from ``prefect.context.secrets.GCP_CREDENTIALS`` if that is set.

    Args:
        bucket: the bucket's name.

    Raises:
        ImportError: google-cloud-storage isn't installed.
    """
    secrets = importlib.import_module("prefect").context.get("secrets", {})
    return _gcs_client(_sdk("gcs"), secrets.get("GCP_CREDENTIALS")).bucket(bucket)


def s3_client(aws_credentials_secret: Optional[str], boto3_kwargs: Mapping[str, Any]) -> Any:
    """Make a client.

    Args:
        aws_credentials_secret: the name of the Prefect Secret with ``ACCESS_KEY``, ``SECRET_ACCESS_KEY`` and maybe
            ``SESSION_TOKEN``, or None.
        boto3_kwargs: arguments for the client. The secret goes before any keys among them.

    Raises:
        ImportError: boto3 isn't installed.
        RehandleError: the secret doesn't hold credentials.
    """
    session = _sdk("s3")
    arguments = dict(boto3_kwargs)
    if aws_credentials_secret:
        secret = _secret(aws_credentials_secret, "ACCESS_KEY", "SECRET_ACCESS_KEY")
        arguments.update(
            aws_access_key_id=secret["ACCESS_KEY"],
            aws_secret_access_key=secret["SECRET_ACCESS_KEY"],
        )
        if secret.get("SESSION_TOKEN"):
            arguments["aws_session_token"] = secret["SESSION_TOKEN"]
    if arguments.get("aws_access_key_id") is None:
        return session().client("s3", **arguments)
    # A session takes 0.2 s to make and isn't thread-safe. It can be shared where the client brings its own keys.
    if not hasattr(_local, "session"):
        _local.session = session()
    return _local.session.client("s3", **arguments)


def azure_service(connection_string: Optional[str], azure_credentials_secret: Optional[str]) -> Any:
    """Make a client.

    Args:
        connection_string: how to reach and enter the account, or None.
        azure_credentials_secret: the name of the Prefect Secret with ``ACCOUNT_NAME`` and ``ACCOUNT_KEY`` or
            ``SAS_TOKEN``, used where there is no connection string. The key goes before the token.

    Raises:
        ImportError: azure-storage-blob 12.1 or later isn't installed.
        RehandleError: there is no connection string, and the secret doesn't hold credentials.
    """
    client = _sdk("azure")
    if connection_string:
        return client.from_connection_string(connection_string)
    if not azure_credentials_secret:
        raise RehandleError(
            "Azure needs a connection string (connection_string= or the environment's AZURE_STORAGE_CONNECTION_STRING) "
            "or the name of a Prefect Secret (azure_credentials_secret=), and there is neither."
        )
    secret = _secret(azure_credentials_secret, "ACCOUNT_NAME")
    url = f"https://{secret['ACCOUNT_NAME']}.blob.core.windows.net"
    if secret.get("ACCOUNT_KEY"):
        return client(url, credential=secret["ACCOUNT_KEY"])
    if secret.get("SAS_TOKEN"):
        return client(f"{url}?{secret['SAS_TOKEN'].lstrip('?')}")
    raise RehandleError(
        f"the Prefect Secret {azure_credentials_secret} must have ACCOUNT_KEY or SAS_TOKEN beside ACCOUNT_NAME."
    )


def _gcs_client(client: Any, info: Any) -> Any:
    if not info:
        return client()
    service_account = importlib.import_module("google.oauth2.service_account")
    credentials = service_account.Credentials.from_service_account_info(info)
    return client(project=credentials.project_id, credentials=credentials)


def _secret(name: str, *keys: str) -> Mapping[str, Any]:
    """Read a Prefect Secret that holds a JSON object. No error shows any of it."""
    value = importlib.import_module("prefect.client").Secret(name).get()
    if isinstance(value, str):
        value = _decoded(value)
    if not isinstance(value, Mapping):
        raise RehandleError(
            f"the Prefect Secret {name} must hold a JSON object with {' and '.join(keys)}, "
            f"and holds something else ({type(value).__name__})."
        )
    missing = [key for key in keys if not value.get(key)]
    if missing:
        raise RehandleError(f"the Prefect Secret {name} must have {' and '.join(missing)}, and has not.")
    return value


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        # The text, and with it the secret, would be part of this error.
        return text


def _sdk(extra: str) -> Any:
    module, name, package = _SDKS[extra]
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ImportError(
            f"this needs {package}, which can't be imported here ({error}): pip install 'rehandle[{extra}]'"
        ) from error
