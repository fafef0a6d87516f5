"""Hiding what opens an account in texts that people read: errors, warnings, logs."""

import re
from typing import Match

# Names that stand before a secret: in connection strings, addresses and credentials. A connection string may well be
# given where a container's name belongs, and then an error would show it.
_NAMES = (
    r"sig|signature|x-amz-signature|x-amz-security-token|x-goog-signature|"
    r"\w*accountkey|\w*account_key|sharedaccesskey|sharedaccesssignature|sas_token|"
    r"\w*secret_?access_?key|\w*session_?token|\w*private_?key|\w*password|\w*passwd|client_secret|refresh_token"
)
_NAMED = re.compile(
    rf"""(?P<name>(?<![\w-])(?:{_NAMES})["']?\s*[=:]\s*)(?P<quote>["']?)[^\s;"']+""", re.IGNORECASE | re.VERBOSE
)
_SIGNATURE = re.compile(r"(?P<name>(?<![\w-])sig=)[^&\s;'\")]+", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(?P<name>//[^/\s:@]*:)[^/\s@]+(?=@)")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL)


def masked(text: str) -> str:
    """Write dots in the place of what opens an account.

    Args:
        text: the text.

    Returns:
        The same text where there is nothing of that kind in it.
    """
    text = _PRIVATE_KEY.sub("...", text)
    text = _SIGNATURE.sub(_dots, text)
    text = _IN_ADDRESS.sub(_dots, text)
    return _NAMED.sub(_dots, text)


def _dots(match: Match[str]) -> str:
    quote = match.groupdict().get("quote") or ""
    return f"{match['name']}{quote}..."
