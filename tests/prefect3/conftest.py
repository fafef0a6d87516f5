"""What the tests of old results in Prefect 3 share. They need Prefect 3.2 or later; what needs none is marked."""

from __future__ import annotations

import sys
from pathlib import Path

if sys.version_info < (3, 10):
    collect_ignore = [path.name for path in Path(__file__).parent.glob("test_*.py")]
