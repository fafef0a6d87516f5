"""What Prefect 0.11 to 0.13 does with handlers without rehandle is what the page says that the shim repairs."""

import pytest
import releases
from unaided import TABLE


@pytest.mark.parametrize("release", TABLE.releases)
def test_outcomes(release, legacy_outcomes, tmp_path):
    TABLE.compare(release, TABLE.outcomes(releases.python(release), tmp_path, shim=False), legacy_outcomes)
