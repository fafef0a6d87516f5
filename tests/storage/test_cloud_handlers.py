"""Handlers' own ``read`` and ``write``, which some code calls by itself."""

import base64
import logging

import cloudpickle
import pytest

pytestmark = pytest.mark.prefect("0.11", "2")

SECRET = "STORAGE_CREDENTIALS"
VALUE = {"answer": 42}


@pytest.fixture(autouse=True)
def right_and_wrong_credentials(backend, secrets):
    secrets.update(backend.ambient_secrets)
    secrets[SECRET] = backend.right


@pytest.mark.usefixtures("shim")
def test_write_then_read(backend):
    handler = backend.handler(SECRET)
    location = handler.write(VALUE)
    ((stored, data),) = backend.objects().items()
    assert stored == location
    assert cloudpickle.loads(base64.b64decode(data)) == VALUE
    assert handler.read(location) == VALUE
    backend.assert_right_account()


@pytest.mark.usefixtures("shim")
def test_read_takes_what_a_newer_result_wrote(backend):
    backend.put("raw", cloudpickle.dumps(VALUE))
    assert backend.handler(SECRET).read("raw") == VALUE


@pytest.mark.prefect("0.11", "0.14")
def test_without_the_shim_what_a_newer_result_wrote_reads_as_none(backend):
    backend.put("raw", cloudpickle.dumps(VALUE))
    assert backend.handler(SECRET).read("raw") is None


@pytest.mark.usefixtures("shim")
def test_a_read_that_fails_is_logged_and_gives_none(backend, caplog):
    handler = backend.handler(SECRET)
    handler.logger = logging.getLogger("a handler")
    assert handler.read("missing") is None
    (record,) = (record for record in caplog.records if record.name == "a handler")
    assert record.levelno == logging.ERROR
    assert "missing" in record.getMessage()


@pytest.mark.usefixtures("shim")
def test_a_write_that_fails_raises(backend):
    with pytest.raises(Exception, match=r"(?i)not.?found|no.?such|404|does not exist"):
        backend.broken_handler(SECRET).write(VALUE)


@pytest.mark.usefixtures("shim")
def test_the_handler_of_a_task_reads_what_the_run_wrote(backend):
    from prefect import Flow, task

    @task(result_handler=backend.handler(SECRET))
    def compute():
        return VALUE

    with Flow("stored") as flow:
        compute()
    state = flow.run()
    (compute_task,) = flow.tasks
    location = state.result[compute_task]._result.location
    assert compute_task.result_handler.read(location) == VALUE


@pytest.mark.usefixtures("shim")
def test_a_client_of_ones_own_is_used(backend):
    handler = backend.handler("NOT SET")
    name = next(name for name in ("gcs_bucket", "client", "service") if hasattr(type(handler), name))
    other = backend.handler(SECRET)
    setattr(handler, name, getattr(other, name))
    if name == "client":
        # The handlers of Prefect 0.11 to 0.13 make a new client in each new context.
        import prefect

        with prefect.context(boto3client=handler._client):
            assert handler.read(handler.write(VALUE)) == VALUE
    else:
        assert handler.read(handler.write(VALUE)) == VALUE


@pytest.mark.usefixtures("shim")
def test_a_subclass_with_its_own_client_keeps_it(backend):
    """It overrides neither read nor write, and still no plain Result would do."""
    from prefect import Flow, task

    given = backend.handler(SECRET)
    maker = "initialize_service" if hasattr(type(given), "service") else "initialize_client"

    def make(self):
        setattr(self, backend.secret_parameter, SECRET)
        getattr(super(type(self), self), maker)()

    cls = type("OwnClient", (type(given),), {maker: make})
    handler = cls.__new__(cls)
    vars(handler).update(vars(given), **{backend.secret_parameter: "NOT SET"})

    @task
    def compute():
        return VALUE

    with Flow("stored", result_handler=handler) as flow:
        compute()
    assert flow.run().is_successful()
    assert len(backend.objects()) == 1


@pytest.mark.usefixtures("shim")
def test_a_subclass_with_its_own_write_keeps_it(backend):
    from prefect import Flow, task

    given = backend.handler(SECRET)

    def write(self, result):
        return super(cls, self).write(["wrapped", result])

    cls = type("Wrapping", (type(given),), {"write": write})
    handler = cls.__new__(cls)
    vars(handler).update(vars(given))

    @task
    def compute():
        return VALUE

    with Flow("stored", result_handler=handler) as flow:
        compute()
    state = flow.run()
    assert state.is_successful()
    (data,) = backend.objects().values()
    assert cloudpickle.loads(base64.b64decode(data)) == ["wrapped", VALUE]


def test_a_subclass_with_another_constructor_converts(backend):
    import rehandle

    given = backend.handler(SECRET)

    def init(self, bucket):
        vars(self).update(vars(given))

    cls = type("OwnConstructor", (type(given),), {"__init__": init})
    result = rehandle.to_result(cls("bucket"))
    assert type(result).__name__ == backend.result_class
    assert result.read(result.write(VALUE).location).value == VALUE
