"""Tables of cases that hold for rehandle's own Results and for Prefect's, and where a release of Prefect differs."""

import importlib

import pytest
from installed import PREFECT

import rehandle.results
from rehandle import prefect_release

MODULES = {
    "AzureResult": "azure",
    "ConstantResult": "inline",
    "GCSResult": "gcs",
    "LocalResult": "local",
    "PrefectResult": "inline",
    "Result": "base",
    "S3Result": "s3",
    "SecretResult": "inline",
}


class Own:
    """rehandle's own classes, by name, whatever is installed."""

    def __getattr__(self, name):
        return getattr(importlib.import_module(f"rehandle.results.{MODULES[name]}"), name)


NATIVE = prefect_release.has_results()
INTERFACES = {"own": Own(), "native": rehandle.results} if NATIVE else {"own": rehandle.results}


class Cases:
    """Small functions of a set of classes and an empty folder, and what each must come to."""

    def __init__(self):
        self._cases = []

    def __call__(self, expected, *natively):
        """Register the function below.

        Args:
            expected: what it returns, or the class of what it raises.
            natively: where something else comes of Prefect's own classes: the first release, the first after it, and
                what comes of them.
        """

        def register(function):
            self.add(function.__name__, function, expected, *natively)
            return function

        return register

    def add(self, name, function, expected, *natively):
        for interface, r in INTERFACES.items():
            wanted = expected
            if interface == "native":
                found = [other for first, end, other in natively if _version(first) <= PREFECT < _version(end)]
                wanted = found[0] if found else expected
            self._cases.append(pytest.param(r, function, wanted, id=f"{name}-{interface}"))

    def parametrize(self, test):
        """Run a test for each case: a function of ``r``, ``function`` and ``expected``."""
        return pytest.mark.parametrize(("r", "function", "expected"), self._cases)(test)


def _version(text):
    return tuple(map(int, text.split(".")))


def check(r, function, expected, folder):
    """Run one case and compare."""
    if isinstance(expected, type) and issubclass(expected, Exception):
        with pytest.raises(expected):
            function(r, folder)
    else:
        assert function(r, folder) == expected
