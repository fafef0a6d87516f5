"""Let tox find the Pythons of pyenv, whose commands work for the selected versions alone."""

import os
from pathlib import Path

root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
found = sorted(str(folder) for folder in root.glob("versions/*/bin"))
os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", ""), *found])
