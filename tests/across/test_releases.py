"""The environments that the tests here use hold what they say."""

import subprocess

import pytest
import releases


@pytest.mark.parametrize("release", releases.MINORS)
def test_release(release):
    code = "import prefect; print(prefect.__version__)"
    done = subprocess.run([str(releases.python(release)), "-W", "ignore", "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == release, done.stderr
