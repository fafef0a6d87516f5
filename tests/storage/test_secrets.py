"""A handler with a named secret, on real servers: the Result that it becomes uses that secret and nothing else."""

import re

import cloudpickle
import pytest

from rehandle import serializers, to_result

pytestmark = pytest.mark.prefect("0.11", "2")

SECRET = "STORAGE_CREDENTIALS"
LOCATION = re.compile(r"20\d\d/[1-9]\d?/[1-9]\d?/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.prefect_result")
VALUE = {"answer": 42, "list": [1, 2.5, None]}


@pytest.fixture(autouse=True)
def right_and_wrong_credentials(backend, secrets):
    """The named secret opens the storage; whatever Prefect or an SDK would use by itself doesn't."""
    secrets.update(backend.ambient_secrets)
    secrets[SECRET] = backend.right


def flow_with(**kwargs):
    from prefect import Flow, task

    @task
    def compute():
        return VALUE

    with Flow("stored", **kwargs) as flow:
        compute()
    return flow


def run(flow):
    """Run a flow of one task, and give its state and that of the task."""
    state = flow.run()
    (task,) = flow.tasks
    return state, state.result[task]


@pytest.mark.usefixtures("shim")
def test_a_flow_run_stores_with_the_named_secret(backend):
    state, task_state = run(flow_with(result_handler=backend.handler(SECRET)))
    assert state.is_successful(), task_state.result
    ((location, data),) = backend.objects().items()
    assert LOCATION.fullmatch(location)
    assert serializers.loads(data) == VALUE
    assert task_state._result.location == location
    assert task_state._result.read(location).value == VALUE
    backend.assert_right_account()


@pytest.mark.prefect("0.11", "0.14")
def test_without_the_shim_prefect_loses_the_secret(backend):
    state, task_state = run(flow_with(result_handler=backend.handler(SECRET)))
    assert state.is_failed()
    assert re.search(backend.error_without_secret, repr(task_state.result))
    assert backend.objects() == {}


def test_wrong_credentials_store_nothing(backend, secrets):
    """Else the tests here would prove nothing about which credentials are used."""
    secrets[SECRET] = backend.wrong
    with pytest.raises(Exception, match=backend.error_with_wrong_secret):
        to_result(backend.handler(SECRET)).write(VALUE)
    assert backend.objects() == {}


@pytest.mark.usefixtures("shim")
def test_write_read_and_exists(backend):
    result = to_result(backend.handler(SECRET))
    written = result.write(VALUE)
    assert result.exists(written.location)
    assert not result.exists("elsewhere")
    read = result.read(written.location)
    assert (read.value, read.location) == (VALUE, written.location)
    backend.assert_right_account()


def test_an_empty_object_reads_as_none(backend):
    backend.put("empty", b"")
    assert to_result(backend.handler(SECRET)).read("empty").value is None


def test_a_fixed_location_is_written_twice(backend):
    result = to_result(backend.handler(SECRET))
    result.location = "fixed/{name}.txt"
    result.write("first", name="place")
    result.write("second", name="place")
    ((location, data),) = backend.objects().items()
    assert (location, serializers.loads(data)) == ("fixed/place.txt", "second")


@pytest.mark.usefixtures("shim")
def test_a_target_is_found_by_the_next_run(backend):
    from prefect import Flow, task

    runs = []

    @task(target="target.txt", result_handler=backend.handler(SECRET))
    def compute():
        runs.append(1)
        return VALUE

    with Flow("cached") as flow:
        compute()
    run(flow)
    state, task_state = run(flow)
    assert state.is_successful()
    assert type(task_state).__name__ == "Cached"
    assert task_state.result == VALUE
    assert len(runs) == 1


def test_the_secret_is_read_when_the_client_is_made(backend, secrets):
    value = secrets.pop(SECRET)
    result = to_result(backend.handler(SECRET))
    with pytest.raises(ValueError, match=f'"{SECRET}" was not found'):
        result.write(VALUE)
    secrets[SECRET] = value
    result.write(VALUE)
    assert len(backend.objects()) == 1


def test_a_pickle_holds_the_secrets_name_and_not_its_value(backend):
    result = to_result(backend.handler(SECRET))
    location = result.write(VALUE).location
    pickled = cloudpickle.dumps(result)
    assert SECRET.encode() in pickled
    for hidden in (backend.hidden, backend.hidden.replace("\n", "\\n")):
        assert hidden.encode() not in pickled
    again = cloudpickle.loads(pickled)
    assert again == result
    assert again.read(location).value == VALUE
    assert backend.hidden not in repr(result)


def test_equality_is_about_the_secrets_name(backend):
    assert to_result(backend.handler(SECRET)) == to_result(backend.handler(SECRET))
    assert to_result(backend.handler(SECRET)) != to_result(backend.handler("ANOTHER"))


def test_a_state_is_serialised_under_prefects_name(backend):
    from prefect.engine.state import Success
    from prefect.serialization.state import StateSchema

    result = to_result(backend.handler(SECRET))
    dumped = StateSchema().dump(Success(result=result.write(VALUE)))
    assert dumped["_result"]["type"] == backend.result_class
    assert SECRET not in str(dumped)
    loaded = StateSchema().load(dumped)
    assert loaded.load_result(result).result == VALUE


def test_the_class_is_prefects_in_name_and_by_inheritance(backend):
    from prefect.engine import results

    result = to_result(backend.handler(SECRET))
    assert type(result).__name__ == backend.result_class
    assert isinstance(result, getattr(results, backend.result_class))
    assert getattr(result, backend.secret_parameter) == SECRET


@pytest.mark.usefixtures("shim")
def test_the_handler_of_a_flow_shares_its_attributes(backend, secrets):
    flow = flow_with(result_handler=backend.handler("ANOTHER"))
    assert getattr(flow.result_handler, backend.secret_parameter) == "ANOTHER"
    setattr(flow.result_handler, backend.secret_parameter, SECRET)
    state, _ = run(flow)
    assert state.is_successful()
    assert len(backend.objects()) == 1
