"""What only S3 has: arguments for boto3, some of which are keys."""

import cloudpickle
import pytest

import rehandle
from rehandle import to_result

pytestmark = pytest.mark.prefect("0.11", "2")

SECRET = "STORAGE_CREDENTIALS"
VALUE = {"answer": 42}


def keys(credentials):
    return {"aws_access_key_id": credentials["ACCESS_KEY"], "aws_secret_access_key": credentials["SECRET_ACCESS_KEY"]}


def test_keys_for_boto3_go_before_a_context_secret(s3, secrets):
    secrets.update(s3.ambient_secrets)
    result = to_result(s3.handler(**keys(s3.right)))
    assert result.read(result.write(VALUE).location).value == VALUE


def test_a_named_secret_goes_before_keys_for_boto3(s3, secrets):
    secrets[SECRET] = s3.right
    result = to_result(s3.handler(SECRET, **keys(s3.wrong)))
    assert result.read(result.write(VALUE).location).value == VALUE


def test_a_secret_may_hold_a_json_text(s3, secrets):
    import json

    # A text of JSON in JSON, which is what the user interface of Prefect Cloud made of a pasted object.
    secrets[SECRET] = json.dumps(json.dumps(s3.right))
    result = to_result(s3.handler(SECRET))
    assert result.read(result.write(VALUE).location).value == VALUE


def test_without_keys_it_is_prefects_class(s3):
    assert b"rehandle" not in cloudpickle.dumps(to_result(s3.handler()))


@pytest.mark.prefect("0.11", "0.14")
def test_a_used_handler_still_has_its_keys_under_the_shim_alone(s3):
    used = s3.handler(**keys(s3.right))
    used.write(VALUE)
    assert "aws_access_key_id" not in used.boto3_kwargs
    with rehandle.installed():
        handler = s3.handler(**keys(s3.right))
        handler.write(VALUE)
        result = to_result(handler)
        assert result.read(result.write(VALUE).location).value == VALUE


@pytest.mark.usefixtures("shim")
def test_using_a_result_leaves_the_handlers_arguments_alone(s3):
    given = {**s3.server.boto3_kwargs, **keys(s3.right)}
    handler = s3.handler(**keys(s3.right))
    to_result(handler).write(VALUE)
    handler.write(VALUE)
    assert handler.boto3_kwargs == given


def test_threads_have_clients_of_their_own(s3, secrets):
    from concurrent.futures import ThreadPoolExecutor

    import prefect

    secrets[SECRET] = s3.right
    context = {"secrets": dict(secrets)}

    def store(number):
        with prefect.context(**context):
            result = to_result(s3.handler(SECRET))
            return result.read(result.write(number).location).value

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(store, range(32))) == list(range(32))


@pytest.mark.prefect("0.11.0", "0.11.3")
def test_exists_works_under_the_shim_alone(s3, secrets):
    secrets[SECRET] = s3.right
    result = to_result(s3.handler(SECRET))
    location = result.write(VALUE).location
    with pytest.raises(AttributeError, match="load"):
        result.exists(location)
    with rehandle.installed():
        assert result.exists(location)
        assert not result.exists("elsewhere")


@pytest.mark.usefixtures("shim")
def test_a_missing_bucket_is_an_error(s3, secrets):
    secrets[SECRET] = s3.right
    with pytest.raises(Exception, match="NoSuchBucket"):
        to_result(s3.broken_handler(SECRET)).exists("somewhere")
