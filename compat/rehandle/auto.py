"""``import rehandle.auto`` switches the shim on, before or after ``import prefect``, which it leaves to others."""

from rehandle.shim.installation import install

install()
