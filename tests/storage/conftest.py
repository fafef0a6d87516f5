"""One interface for three kinds of storage, so that a test can be about all of them."""

import importlib.util
import json
import uuid

import pytest
from installed import PREFECT
from servers import azure_server, environment, google_server, plain, s3_server  # noqa: F401
from servers.proxy import Proxy


def handlers():
    import rehandle.handlers

    return rehandle.handlers


class Google:
    result_class = "GCSResult"
    secret_parameter = "credentials_secret"
    error_with_wrong_secret = "wrong-.* is denied"
    # Prefect 0.11.0 to 0.11.4 doesn't even get that far.
    error_without_secret = f"{error_with_wrong_secret}|bigquery"

    def __init__(self, server, monkeypatch):
        self.server = server
        self.bucket = f"bucket-{uuid.uuid4()}"
        self.right = server.credentials(f"right-{uuid.uuid4()}@tests")
        self.wrong = server.credentials(f"wrong-{uuid.uuid4()}@tests")
        self.hidden = self.right["private_key"]
        server.denied.add(self.wrong["client_email"])
        server.make_bucket(self.bucket)
        server.accounts.clear()
        # What the SDK and Prefect use by themselves is the account that may do nothing.
        self.ambient_secrets = {"GCP_CREDENTIALS": self.wrong}

    def handler(self, secret=None):
        return handlers().GCSResultHandler(self.bucket, credentials_secret=secret)

    def broken_handler(self, secret=None):
        return handlers().GCSResultHandler("no-such-bucket", credentials_secret=secret)

    def store(self, secret=None, bucket=None):
        from rehandle.storage import GCSStore

        return GCSStore(bucket or self.bucket, secret)

    def objects(self):
        return self.server.objects(self.bucket)

    def put(self, name, data):
        self.server.put(self.bucket, name, data)

    def assert_right_account(self):
        assert set(self.server.accounts) == {self.right["client_email"]}


class S3:
    result_class = "S3Result"
    secret_parameter = "aws_credentials_secret"
    error_with_wrong_secret = error_without_secret = "AccessDenied"

    def __init__(self, server, monkeypatch):
        self.server = server
        self.bucket = f"bucket-{uuid.uuid4()}"
        self.right = server.credentials("writer")
        self.wrong = server.credentials("stranger")
        self.hidden = self.right["SECRET_ACCESS_KEY"]
        server.make_bucket(self.bucket)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", self.wrong["ACCESS_KEY"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", self.wrong["SECRET_ACCESS_KEY"])
        self.ambient_secrets = {"AWS_CREDENTIALS": self.wrong}

    def handler(self, secret=None, **boto3_kwargs):
        return handlers().S3ResultHandler(self.bucket, secret, {**self.server.boto3_kwargs, **boto3_kwargs})

    def broken_handler(self, secret=None):
        return handlers().S3ResultHandler("no-such-bucket", secret, dict(self.server.boto3_kwargs))

    def store(self, secret=None, bucket=None, **boto3_kwargs):
        from rehandle.storage import S3Store

        arguments = {**self.server.boto3_kwargs, **boto3_kwargs}
        return S3Store(bucket or self.bucket, arguments, aws_credentials_secret=secret)

    def objects(self):
        return self.server.objects(self.bucket)

    def put(self, name, data):
        self.server.put(self.bucket, name, data)

    def assert_right_account(self):
        """The server has checked: the other user may do nothing."""


class Azure:
    result_class = "AzureResult"
    secret_parameter = "azure_credentials_secret"
    error_with_wrong_secret = "Azure refuses the credentials"
    # Prefect's conversion leaves a client of SDK 2 (until 0.12.1), or no connection string at all.
    error_without_secret = "AttributeError"

    def __init__(self, server, monkeypatch):
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)
        self.server = server
        self.container = f"container-{uuid.uuid4()}"
        self.right = server.credentials("secondaccount")
        self.wrong = dict(self.right, ACCOUNT_KEY=server.keys["firstaccount"])
        self.hidden = self.right["ACCOUNT_KEY"]
        server.make_container("secondaccount", self.container)
        self.ambient_secrets = {"AZ_CREDENTIALS": self.wrong}

    def handler(self, secret=None):
        if secret is None:
            connection_string = self.server.connection_string("secondaccount")
            return handlers().AzureResultHandler(self.container, connection_string=connection_string)
        return handlers().AzureResultHandler(self.container, azure_credentials_secret=secret)

    def broken_handler(self, secret=None):
        return handlers().AzureResultHandler("no-such-container", azure_credentials_secret=secret)

    def store(self, secret=None, bucket=None, connection_string=None):
        from rehandle.storage import AzureStore

        return AzureStore(bucket or self.container, connection_string, azure_credentials_secret=secret)

    def objects(self):
        return self.server.objects("secondaccount", self.container)

    def put(self, name, data):
        self.server.put("secondaccount", self.container, name, data)

    def assert_right_account(self):
        """The server has checked: a wrong key opens no account."""


# For each kind the SDK and the fixture of its server.
_BACKENDS = {
    "google": (Google, "google.cloud.storage", "google_server"),
    "s3": (S3, "boto3", "s3_server"),
    "azure": (Azure, "azure.storage.blob", "azure_server"),
}


# The fixtures that have one of them as their parameter.
_PARAMETERS = ("backend", "place", "fragile")


def pytest_runtest_setup(item):
    # Not in a fixture: from here all skipped tests are reported as one.
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    for name, (_, sdk, _) in _BACKENDS.items():
        if name in (*map(parameters.get, _PARAMETERS), *item.fixturenames) and not _is_installed(sdk):
            pytest.skip(f"needs {sdk}, which only the -storage environments have")


def _is_installed(module):
    """Look without importing: some SDKs read the environment when they are imported."""
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _make(name, request, monkeypatch):
    backend, _, server = _BACKENDS[name]
    return backend(request.getfixturevalue(server), monkeypatch)


@pytest.fixture(params=_BACKENDS)
def backend(request, monkeypatch):
    """Each kind of storage. Whatever isn't told to use the named secret comes with the wrong credentials."""
    return _make(request.param, request, monkeypatch)


@pytest.fixture
def s3(request, monkeypatch):
    return _make("s3", request, monkeypatch)


@pytest.fixture
def google(request, monkeypatch):
    return _make("google", request, monkeypatch)


@pytest.fixture
def azure(request, monkeypatch):
    return _make("azure", request, monkeypatch)


@pytest.fixture
def secrets(monkeypatch):
    """The Prefect Secrets of a test, to be filled in."""
    if PREFECT is None or PREFECT >= (2,):
        yield _EnvironmentSecrets(monkeypatch)
        return
    import prefect

    given = {}
    with prefect.context(secrets=given):
        yield prefect.context.secrets


class _EnvironmentSecrets(dict):
    """Secrets where there is no Prefect: the environment's variables."""

    def __init__(self, monkeypatch):
        super().__init__()
        self._monkeypatch = monkeypatch

    def __setitem__(self, name, value):
        text = value if isinstance(value, str) else json.dumps(value)
        self._monkeypatch.setenv(f"PREFECT__CONTEXT__SECRETS__{name}", text)

    def update(self, values):
        for name, value in values.items():
            self[name] = value

    def pop(self, name):
        self._monkeypatch.delenv(f"PREFECT__CONTEXT__SECRETS__{name}")


@pytest.fixture(scope="session")
def plain_server(request, tmp_path_factory):
    """A function that gives a server of a kind: the one that runs already, unless it was killed."""
    running = {}

    def server(name):
        if name not in running or not running[name].process.is_running():
            with environment.needed():
                arguments = [tmp_path_factory.mktemp(name)]
                if name == "google":
                    arguments.append(request.getfixturevalue("google_server").credentials("anybody@tests"))
                running[name] = plain.SERVERS[name](*arguments)
        return running[name]

    yield server
    for one in running.values():
        one.process.end()


@pytest.fixture(params=plain.SERVERS)
def place(request, plain_server, monkeypatch):
    """A new bucket on a server of each kind, which lets everybody in."""
    made = plain.Place(request.param, plain_server(request.param))
    _set(made.environment, monkeypatch)
    return made


@pytest.fixture
def command_line(place, monkeypatch):
    """What the commands find by themselves in the place's environment. Gives the bucket as they are told it."""
    if place.name == "s3":
        arguments = place.server.boto3_kwargs(place.server.process.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL", arguments["endpoint_url"])
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", arguments["endpoint_url"])
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", arguments["aws_access_key_id"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", arguments["aws_secret_access_key"])
        monkeypatch.setenv("AWS_DEFAULT_REGION", arguments["region_name"])
    if place.name == "azure":
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", place.server.connection_string(place.server.process.url))
    return place.store().address("")


@pytest.fixture(params=plain.SERVERS)
def fragile(request, plain_server, monkeypatch):
    """The same behind a proxy, to be broken."""
    server = plain_server(request.param)
    proxy = Proxy(server.process.port)
    made = plain.Place(request.param, server, proxy)
    _set(made.environment, monkeypatch)
    yield made
    proxy.end()


def _set(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
