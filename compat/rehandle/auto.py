"""``import rehandle.auto`` switches the shim on, before or after ``import prefect``."""

from rehandle.shim.installation import install

install()
