"""Who a store says it is, and what it says when that isn't enough."""

import datetime
import json

import pytest

from rehandle import errors
from rehandle.storage import AzureStore, clients

SECRET = "STORAGE_CREDENTIALS"


def assert_all(store, kind, words, hidden=()):
    """Every use raises exactly that class, and nothing of the error holds a secret."""
    for use in (lambda: store.read("x"), lambda: store.write("x", b""), lambda: store.exists("x")):
        with pytest.raises(kind, match=words) as caught:
            use()
        assert type(caught.value) is kind
        assert "'x' in the" in str(caught.value)
        error = caught.value
        while error is not None:
            for text in hidden:
                assert text not in f"{error} {error!r} {vars(error)}"
            error = error.__cause__ or error.__context__


def test_denied(backend, secrets):
    if type(backend).__name__ == "Azure":
        pytest.skip("a wrong key is no denial; see the access signature that is too weak")
    secrets[SECRET] = backend.wrong
    assert_all(backend.store(SECRET), errors.AccessDeniedError, "denies it", [backend.hidden])


def test_a_named_secret_goes_before_what_is_there_anyway(backend, secrets):
    secrets.update(backend.ambient_secrets)
    secrets[SECRET] = backend.right
    store = backend.store(SECRET)
    store.write("x", b"value")
    assert store.read("x") == b"value"
    backend.assert_right_account()


def test_without_a_name_the_contexts_credentials_are_used(backend, secrets):
    """As Prefect 1.4.1's Results do for Google and AWS."""
    names = {"Google": "GCP_CREDENTIALS", "S3": "AWS_CREDENTIALS"}
    if type(backend).__name__ not in names:
        pytest.skip("Azure has none")
    secrets[names[type(backend).__name__]] = backend.right
    store = backend.store()
    store.write("x", b"value")
    assert store.read("x") == b"value"
    backend.assert_right_account()
    secrets[names[type(backend).__name__]] = backend.wrong
    assert_all(store, errors.AccessDeniedError, "denies it")


def test_a_missing_secret(backend, secrets):
    assert_all(backend.store("NOT_SET"), errors.CredentialsError, '"NOT_SET" was not found')


@pytest.mark.parametrize("value", ["hidden", {"other": "hidden"}, ["hidden"]])
def test_a_secret_that_holds_no_credentials(backend, secrets, value):
    secrets[SECRET] = value
    assert_all(backend.store(SECRET), errors.CredentialsError, f"{SECRET} must (have|hold)", ["hidden"])


def test_a_secret_is_read_anew_once_it_was_refused(backend, secrets):
    broken = {"client_email": "x", "ACCESS_KEY": "x", "SECRET_ACCESS_KEY": "x", "ACCOUNT_NAME": "secondaccount"}
    secrets[SECRET] = {**broken, "ACCOUNT_KEY": "eA=="}
    with pytest.raises(errors.CredentialsError):
        backend.store(SECRET).exists("x")
    secrets[SECRET] = backend.right
    assert not backend.store(SECRET).exists("x")


def test_google_refuses_to_give_a_token(google, secrets):
    secrets[SECRET] = google.right
    google.server.refused.add(google.right["client_email"])
    assert_all(google.store(SECRET), errors.CredentialsError, "Google refuses the credentials", [google.hidden])
    google.server.refused.clear()
    assert not google.store(SECRET).exists("x")


def test_google_with_a_key_that_is_none(google, secrets):
    secrets[SECRET] = dict(google.right, private_key="hidden, and no key")
    assert_all(google.store(SECRET), errors.CredentialsError, "no usable credentials", ["hidden"])


@pytest.mark.parametrize(
    ("change", "words"),
    [({"ACCESS_KEY": "AKIAUNKNOWN"}, "InvalidAccessKeyId"), ({"SECRET_ACCESS_KEY": "hidden"}, "SignatureDoesNotMatch")],
)
def test_s3_refuses_keys(s3, secrets, change, words):
    secrets[SECRET] = {**s3.right, **change}
    assert_all(s3.store(SECRET), errors.CredentialsError, words, ["hidden", s3.hidden])


def test_s3_finds_no_keys(s3, secrets, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    assert_all(s3.store(), errors.CredentialsError, "boto3 finds no credentials")
    assert_all(s3.store(profile_name="nobody"), errors.CredentialsError, "boto3 finds no credentials.*nobody")


def test_s3_takes_a_profile(s3, secrets, monkeypatch, tmp_path):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    profile = "[writer]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_ACCESS_KEY}\n"
    (tmp_path / "profiles").write_text(profile.format(**s3.right))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "profiles"))
    store = s3.store(profile_name="writer")
    store.write("x", b"value")
    assert store.read("x") == b"value"


def test_s3_changes_with_the_environment(s3, secrets, monkeypatch):
    assert_all(s3.store(), errors.AccessDeniedError, "denies it")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.right["ACCESS_KEY"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.right["SECRET_ACCESS_KEY"])
    assert not s3.store().exists("x")


def test_s3_keys_among_the_arguments_yield_to_the_context(s3, secrets):
    """As for Prefect 1.4.1."""
    keys = {"aws_access_key_id": s3.right["ACCESS_KEY"], "aws_secret_access_key": s3.right["SECRET_ACCESS_KEY"]}
    store = s3.store(**keys)
    assert not store.exists("x")
    secrets["AWS_CREDENTIALS"] = s3.wrong
    assert_all(store, errors.AccessDeniedError, "denies it")


def test_s3_uploads_with_options(s3, secrets):
    secrets[SECRET] = s3.right
    store = s3.store(SECRET)
    store.upload_options = {"ContentType": "text/x-tests", "Metadata": {"by": "tests"}}
    client = s3.server.client(user="writer")
    for data in (b"small", bytes(9 * 2**20)):
        store.write("x", data)
        head = client.head_object(Bucket=s3.bucket, Key="x")
        assert (head["ContentType"], head["Metadata"]) == ("text/x-tests", {"by": "tests"})


def test_s3_own_limits_go_before_ours(s3, secrets):
    from botocore.config import Config

    secrets[SECRET] = s3.right
    config = Config(read_timeout=99)
    store = s3.store(SECRET, config=config)
    assert not store.exists("x")
    used = clients.s3_client(SECRET, store.boto3_kwargs).meta.config
    assert (used.read_timeout, used.connect_timeout) == (99, clients.CONNECT_SECONDS)


def signature(azure, expires_in=1, **permission):
    from azure.storage import blob

    return blob.generate_account_sas(
        "secondaccount",
        azure.right["ACCOUNT_KEY"],
        resource_types=blob.ResourceTypes(object=True),
        permission=blob.AccountSasPermissions(**permission),
        expiry=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=expires_in),
    )


def signed_part(token):
    """The part of an access signature that is secret."""
    return token.partition("sig=")[2].partition("&")[0]


def with_signature(azure, secrets, token):
    secrets[SECRET] = {"ACCOUNT_NAME": "secondaccount", "SAS_TOKEN": token}
    return azure.store(SECRET)


def test_azure_denies_what_a_signature_does_not_allow(azure, secrets):
    azure.put("there", b"value")
    token = signature(azure, read=True)
    store = with_signature(azure, secrets, token)
    assert store.read("there") == b"value"
    assert not store.exists("x")
    with pytest.raises(errors.AccessDeniedError, match="Azure denies it") as caught:
        store.write("there", b"other")
    assert signed_part(token) not in f"{caught.value}{caught.value.__cause__}"


def test_azure_refuses_a_signature_that_has_expired(azure, secrets):
    token = signature(azure, expires_in=-1, read=True, write=True, create=True)
    assert_all(with_signature(azure, secrets, token), errors.CredentialsError, "Azure refuses", [signed_part(token)])


def test_azure_refuses_a_wrong_key(azure, secrets):
    secrets[SECRET] = azure.wrong
    assert_all(azure.store(SECRET), errors.CredentialsError, "Azure refuses the credentials", [azure.hidden])


def test_azure_no_error_shows_a_signature(azure, secrets, monkeypatch):
    monkeypatch.setattr(clients, "RETRIES", 0)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    token = signature(azure, read=True, write=True, create=True)
    store = with_signature(azure, secrets, token)
    assert_all(store, errors.StorageConnectionError, "Azure can't be reached", [signed_part(token)])


@pytest.mark.parametrize("where", ["argument", "environment", "secret"])
def test_azure_takes_a_connection_string(azure, secrets, monkeypatch, where):
    text = azure.server.connection_string("secondaccount")
    store = AzureStore(azure.container)
    if where == "argument":
        store = AzureStore(azure.container, text)
    elif where == "environment":
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", text)
    else:
        secrets[SECRET] = text
        store = AzureStore(azure.container, connection_string_secret=SECRET)
    store.write("x", b"value")
    assert azure.objects() == {"x": b"value"}


def test_azure_needs_a_connection_string_or_a_secret(azure, secrets):
    assert_all(AzureStore(azure.container), errors.CredentialsError, "needs a connection string")


def test_azure_a_connection_string_that_is_none(azure, secrets):
    store = AzureStore(azure.container, "AccountKey=hidden")
    assert_all(store, errors.CredentialsError, "the Azure connection string is malformed", ["hidden"])


def test_a_secret_may_hold_a_json_text(backend, secrets):
    # A text of JSON in JSON, which is what the user interface of Prefect Cloud made of a pasted object.
    secrets[SECRET] = json.dumps(json.dumps(backend.right))
    assert not backend.store(SECRET).exists("x")
