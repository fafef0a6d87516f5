"""Results in a cloud's storage, as far as no server is needed: the same cases for rehandle's own and for Prefect's."""

import pickle

import cloudpickle
import pytest
from interfaces import Cases, check

case = Cases()

CONNECTION = "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=a2V5"


def shown(result, *names):
    return {name: getattr(result, name) for name in names}


@case({"bucket": "b", "value": None, "location": None})
def google(r, tmp):
    return shown(r.GCSResult("b"), "bucket", "value", "location")


@case({"bucket": None})
def google_without_a_bucket(r, tmp):
    return shown(r.GCSResult(), "bucket")


@case(TypeError)
def google_takes_no_secret(r, tmp):
    r.GCSResult("b", "SECRET")


@case({"bucket": "b", "boto3_kwargs": {}, "location": "{x}"})
def s3(r, tmp):
    return shown(r.S3Result("b", location="{x}"), "bucket", "boto3_kwargs", "location")


@case({"bucket": "b", "boto3_kwargs": {"region_name": "r"}})
def s3_with_arguments(r, tmp):
    return shown(r.S3Result("b", {"region_name": "r"}), "bucket", "boto3_kwargs")


# An argument since 1.2.3; before, the first of what Result takes.
@case([{}, {"ACL": "private"}], ("0.11", "1.2.3", AttributeError))
def s3_with_upload_options(r, tmp):
    return [r.S3Result("b").upload_options, r.S3Result("b", {}, {"ACL": "private"}).upload_options]


@case(TypeError)
def s3_without_a_bucket(r, tmp):
    r.S3Result()


@case({"container": "c", "connection_string": CONNECTION, "connection_string_secret": "S"})
def azure(r, tmp):
    result = r.AzureResult("c", CONNECTION, "S")
    return shown(result, "container", "connection_string", "connection_string_secret")


@case({"connection_string": "from the environment", "connection_string_secret": None})
def azure_from_the_environment(r, tmp):
    return shown(r.AzureResult("c"), "connection_string", "connection_string_secret")


@case(TypeError)
def azure_without_a_container(r, tmp):
    r.AzureResult()


MAKERS = {
    "google": lambda r: r.GCSResult("b", location="{x}"),
    "s3": lambda r: r.S3Result("b", {"region_name": "r"}, location="{x}"),
    "azure": lambda r: r.AzureResult("c", CONNECTION, location="{x}"),
}
# The attribute for the client, and where the Result keeps one that is set.
CLIENTS = {"google": ("gcs_bucket", "_gcs_bucket"), "s3": ("client", "_client"), "azure": ("service", "_service")}

for kind, make in MAKERS.items():

    def with_client(r, kind=kind, make=make):
        result = make(r)
        # An object that can't be pickled. Not through the property: that of Prefect 0.14.9 and later can't be set.
        vars(result)[CLIENTS[kind][1]] = (x for x in "client")
        return result

    for pickler in (pickle, cloudpickle):
        case.add(
            f"{kind} is pickled by {pickler.__name__} without its client",
            lambda r, tmp, make=make, with_client=with_client, pickler=pickler: (
                pickler.loads(pickler.dumps(with_client(r))) == make(r)
            ),
            True,
        )
    case.add(
        f"{kind} is copied and compared whatever its client",
        lambda r, tmp, make=make, with_client=with_client: [
            with_client(r).copy() == make(r),
            with_client(r) == make(r),
        ],
        [True, True],
    )
    case.add(
        f"{kind} is not another",
        lambda r, tmp, make=make: [make(r) == other(r) for other in MAKERS.values()].count(True),
        1,
    )
    case.add(
        f"{kind} shows its value alone",
        lambda r, tmp, make=make: repr(make(r).from_value(5)),
        {"google": "<GCSResult: 5>", "s3": "<S3Result: 5>", "azure": "<AzureResult: 5>"}[kind],
    )
    case.add(
        f"{kind} needs the names of its template",
        lambda r, tmp, make=make: make(r).write(1, y=1),
        KeyError,
    )


@case.parametrize
def test_cloud_results(r, function, expected, tmp_path, monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "from the environment")
    check(r, function, expected, tmp_path)


@pytest.mark.parametrize("kind", MAKERS)
def test_the_client_of_ones_own_can_be_set(kind):
    """On Prefect's S3Result of 0.14.9 and later it can't."""
    from interfaces import Own

    result = MAKERS[kind](Own())
    setattr(result, CLIENTS[kind][0], "client")
    assert getattr(result, CLIENTS[kind][0]) == "client"
    assert result.copy() == result
    assert CLIENTS[kind][1] not in vars(result.copy())
