"""Locations as people write them."""

import pytest

import rehandle
from rehandle.storage import AzureStore, GCSStore, LocalStore, S3Store, open_location


@pytest.mark.parametrize(
    ("url", "store", "name"),
    [
        ("name", LocalStore(), "name"),
        ("/folder/name", LocalStore(), "/folder/name"),
        ("C:\\folder\\name", LocalStore(), "C:\\folder\\name"),
        ("gs://bucket/key", GCSStore("bucket"), "key"),
        ("GS://bucket/key", GCSStore("bucket"), "key"),
        ("s3://bucket/2026/1/2/x.prefect_result", S3Store("bucket"), "2026/1/2/x.prefect_result"),
        ("s3://bucket//key?x#y%20z", S3Store("bucket"), "/key?x#y%20z"),
        ("azure://container/a/b", AzureStore("container"), "a/b"),
    ],
)
def test_open_location(url, store, name):
    assert open_location(url) == (store, name)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "the location is empty"),
        ("s3://bucket", "s3://bucket names no key"),
        ("s3://bucket/", "names no key"),
        ("gs:///key", "names no bucket"),
        ("https://host/key", "nothing is known of https://"),
        ("file://elsewhere/path", "is on another machine"),
    ],
)
def test_what_is_no_location(url, words):
    with pytest.raises(rehandle.RehandleError, match=words) as caught:
        open_location(url)
    expected = "expected a path, file:///path, gs://bucket/key, s3://bucket/key or azure://container/key"
    assert expected in str(caught.value)
