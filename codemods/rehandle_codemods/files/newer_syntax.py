"""Code that this Python can't parse because it is written for a newer one: which one that is."""

from __future__ import annotations

import re
import sys

# What the line with the error looks like, and the Python that has that syntax; the newest come first.
_NEWER = [
    ((3, 14), "template strings", re.compile(r"(?<![\w\"'])(?:[tT][rR]?|[rR][tT])[\"']")),
    ((3, 13), "defaults of type parameters", re.compile(r"\s*(?:async\s+def|def|class|type)\s+\w+\s*\[[^\]]*=")),
    ((3, 12), "type parameters", re.compile(r"\s*(?:async\s+def|def|class)\s+\w+\s*\[")),
    ((3, 12), "type statements", re.compile(r"\s*type\s+[^\W\d]\w*\s*[=\[]")),
    ((3, 11), "except*", re.compile(r"\s*except\s*\*")),
    ((3, 10), "match statements", re.compile(r"\s*match\b[^=]+:\s*(?:#.*)?$")),
]


def problem(error: SyntaxError) -> str:
    """Say why a file, or a cell of a notebook, doesn't parse, and what to do.

    Args:
        error: what Python says.

    Returns:
        The message; it names the Python that is needed where that shows.
    """
    running = ".".join(map(str, sys.version_info[:2]))
    line = error.text or ""
    for version, what, pattern in _NEWER:
        if sys.version_info < version and pattern.search(line):
            needed = ".".join(map(str, version))
            advice = f"Run rehandle with Python {needed} or later"
            return f"doesn't parse with Python {running}: {what} came with Python {needed}. {advice}"
    message = (error.msg or "").rstrip(".")
    message += "" if message.endswith("?") else "."
    if sys.version_info < (3, 12) and message.startswith("f-string"):
        return (
            f"doesn't parse with Python {running}: {message} Run rehandle with Python 3.12 or later if the file is "
            "written for that, or correct it"
        )
    return f"doesn't parse with Python {running}: {message} Correct it, or leave it out"
