"""Which bytes are written, and who can read them: flows during a half-finished upgrade."""

import base64
import binascii
import pickle

import cloudpickle
import pytest

import rehandle
from rehandle import serializers, to_result
from rehandle.serializers import pickles

pytestmark = pytest.mark.prefect("0.11", "2")

SECRET = "STORAGE_CREDENTIALS"
VALUE = {"answer": 42}


def old_reader(data):
    """What every legacy cloud handler and the Results of Prefect 0.11.0 to 0.12.0 do with the bytes."""
    return cloudpickle.loads(base64.b64decode(data))


@pytest.fixture(autouse=True)
def credentials(backend, secrets):
    secrets[SECRET] = backend.right


@pytest.fixture
def base64_format(monkeypatch):
    monkeypatch.setenv(pickles.VARIABLE, "base64")


def run(result_handler):
    from prefect import Flow, task

    @task
    def compute():
        return VALUE

    with Flow("stored", result_handler=result_handler) as flow:
        compute()
    state = flow.run()
    assert state.is_successful()
    (task_state,) = state.result.values()
    return task_state


@pytest.mark.usefixtures("shim", "base64_format")
def test_base64_is_read_by_old_readers_and_by_results(backend):
    task_state = run(backend.handler(SECRET))
    ((location, data),) = backend.objects().items()
    assert old_reader(data) == VALUE
    assert task_state._result.read(location).value == VALUE


@pytest.mark.prefect("0.12.1", "2")
@pytest.mark.usefixtures("shim")
def test_old_readers_cannot_read_what_results_write_by_themselves(backend):
    run(backend.handler(SECRET))
    (data,) = backend.objects().values()
    assert data == cloudpickle.dumps(VALUE)
    with pytest.raises((binascii.Error, pickle.UnpicklingError, EOFError, KeyError, ValueError, IndexError)):
        old_reader(data)


@pytest.mark.usefixtures("base64_format")
def test_base64_results_read_both_formats(backend):
    backend.put("raw", cloudpickle.dumps(VALUE))
    backend.put("encoded", base64.b64encode(cloudpickle.dumps(VALUE)))
    result = cloudpickle.loads(cloudpickle.dumps(to_result(backend.handler(SECRET))))
    with rehandle.installed():
        assert result.read("raw").value == VALUE
        assert result.read("encoded").value == VALUE


@pytest.mark.usefixtures("shim")
def test_results_read_both_formats(backend):
    """Those of Prefect 0.11.0 to 0.12.0 read base64 alone without the shim."""
    backend.put("raw", cloudpickle.dumps(VALUE))
    backend.put("encoded", base64.b64encode(cloudpickle.dumps(VALUE)))
    result = to_result(backend.handler(SECRET))
    assert result.read("raw").value == VALUE
    assert result.read("encoded").value == VALUE


@pytest.mark.prefect("0.11", "0.12.1")
def test_without_the_shim_early_results_cannot_read_a_raw_pickle(backend):
    if backend.result_class == "AzureResult":
        pytest.skip("with a secret this is rehandle's class: Prefect's own reads nothing at all")
    backend.put("raw", cloudpickle.dumps(VALUE))
    with pytest.raises((binascii.Error, pickle.UnpicklingError, ValueError, KeyError, IndexError)):
        to_result(backend.handler(SECRET)).read("raw")


def test_a_result_without_a_secret_writes_base64_too(backend, base64_format):
    """Prefect's own class, which has a serializer since 0.12.1 and before wrote base64 anyway."""
    result = to_result(backend.handler())
    written = getattr(result, "serializer", None)
    assert written is None or written == serializers.PickleSerializer(write_format="base64")
    assert type(result).__module__.startswith("prefect.")
