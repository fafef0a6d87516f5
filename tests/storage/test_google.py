"""What only Google Cloud Storage has: releases whose client needs an SDK that it doesn't use."""

import importlib.util

import pytest

import rehandle
from rehandle import to_result

pytestmark = pytest.mark.prefect("0.11", "2")

VALUE = {"answer": 42}


def test_without_a_secret_it_is_prefects_class(google, secrets):
    secrets["GCP_CREDENTIALS"] = google.right
    with rehandle.installed():
        result = to_result(google.handler())
        assert type(result).__module__.startswith("prefect.")
        assert result.read(result.write(VALUE).location).value == VALUE
    google.assert_right_account()


@pytest.mark.prefect("0.11.0", "0.11.5")
def test_bigquery_is_needed_without_the_shim_alone(google, secrets):
    if importlib.util.find_spec("google.cloud.bigquery") is not None:
        pytest.skip("google-cloud-bigquery is installed")
    secrets["GCP_CREDENTIALS"] = google.right
    handler = google.handler()
    result = to_result(handler)
    for write in (result.write, handler.write):
        with pytest.raises(ImportError, match="bigquery"):
            write(VALUE)
    with rehandle.installed():
        assert result.read(result.write(VALUE).location).value == VALUE
        assert handler.read(handler.write(VALUE)) == VALUE
