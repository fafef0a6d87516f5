"""Prefect Secrets, with Prefect and without."""

import importlib
import json
import os
import sys
from typing import Any

from rehandle import prefect_release
from rehandle.errors import CredentialsError

PREFIX = "PREFECT__CONTEXT__SECRETS__"
"""What the environment's variables for local secrets begin with, as Prefect reads them."""


def get(name: str) -> Any:
    """Read a secret, from the installed Prefect 0.x or 1.x (its context or Prefect Cloud) or else the environment.

    Args:
        name: the secret's name.

    Returns:
        The value; what JSON it holds is decoded.

    Raises:
        CredentialsError: there is no such secret, or Prefect can't give it.
    """
    _require_name(name)
    if prefect_release.has_either():
        try:
            value = importlib.import_module("prefect.client").Secret(name).get()
        except (KeyError, ValueError) as error:
            raise CredentialsError(f'the Prefect Secret "{name}" was not found: {error}') from error
        where = "with prefect.context.secrets or Prefect Cloud"
    else:
        value = local(name)
        where = f"with the environment variable {PREFIX}{name}"
    if value is None:
        raise CredentialsError(f'the Prefect Secret "{name}" was not found: set it {where}.')
    return value


def local(name: str) -> Any:
    """Look a secret up where that costs nothing: Prefect's context, or the environment where there is no Prefect.

    Args:
        name: the secret's name.

    Returns:
        The value; what JSON it holds is decoded. None if there is none.
    """
    _require_name(name)
    if prefect_release.has_either():
        prefect = sys.modules.get("prefect") or importlib.import_module("prefect")
        value = (prefect.context.get("secrets") or {}).get(name)
    else:
        value = os.environ.get(PREFIX + name)
    return decoded(value) if isinstance(value, str) else value


def _require_name(name: Any) -> None:
    if not isinstance(name, str):
        # Not shown: it may be what the secret holds.
        raise CredentialsError(f"a Prefect Secret is told by its name, a text, and this is {type(name).__name__}.")


def decoded(text: str) -> Any:
    """Decode a text of JSON.

    Args:
        text: the text.

    Returns:
        What it holds, or the text itself where it is no JSON.
    """
    try:
        return json.loads(text)
    except ValueError:
        # The text, and with it the secret, would be part of this error.
        return text
