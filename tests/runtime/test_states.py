"""States that Prefect 0.5 to 0.13 serialised.

The serialised states in ``tests/data/states`` come from flows that really ran on those releases: ``record.py`` there
made them.
"""

import base64
import importlib
import json
import os
import pickle

import pytest
from old_states import Texts, deserialize

import rehandle
from rehandle import handlers
from rehandle.prefect_release import has_handlers

pytestmark = [
    pytest.mark.prefect("0.11", "2"),
    pytest.mark.filterwarnings("ignore::rehandle.ResultHandlerDeprecationWarning"),
]

DATA = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data", "states")
RELEASES = ["0.5.5", "0.6.7", "0.8.1", "0.9.8", "0.10.7", "0.13.19"]
# From 0.11 on a run stores a Result of its own, which every later release reads.
WITH_SAFE_RESULTS = RELEASES[:-1]


class Places(Texts):
    """A custom handler: its location is no text."""

    def write(self, result):
        super().write(result)
        return {"name": result, "parts": [1, None]}

    def read(self, loc):
        return super().read(self.path(loc["name"]))


class OnePlace(handlers.ResultHandler):
    """A custom handler: it knows where the value is, whatever location it gives."""

    def __init__(self, path, location):
        super().__init__()
        self.path = path
        self.location = location

    def write(self, result):
        self.path.write_bytes(pickle.dumps(result))
        return self.location

    def read(self, loc):
        assert repr(loc) == repr(self.location)
        return pickle.loads(self.path.read_bytes())


def secret_handler(folder):
    from prefect.tasks.secrets import PrefectSecret

    return handlers.SecretResultHandler(PrefectSecret("password"))


# The handler that the task has today, and the value that was stored.
CASES = {
    "local": (lambda folder: handlers.LocalResultHandler(dir=folder), ["local", 1]),
    "json": (lambda folder: handlers.JSONResultHandler(), {"json": 1}),
    "custom": (Texts, "custom"),
    "no text": (Places, "no text"),
    "constant": (lambda folder: handlers.ConstantResultHandler(5), 5),
    "secret": (secret_handler, "hidden"),
    "safe": (lambda folder: handlers.JSONResultHandler(), [1]),
}
INPUTS = ["local", "json", "custom", "no text"]

# What a cloud handler in an old state becomes.
CLOUD = {
    "gcs": ("GCSResult", {"bucket": "b"}),
    "gcs secret": ("GCSResult", {"bucket": "b", "credentials_secret": "S"}),
    "s3": ("S3Result", {"bucket": "b"}),
    "s3 secret": ("S3Result", {"bucket": "b"}),
    "azure": ("AzureResult", {"container": "c"}),
}


def read_recording(release, folder):
    with open(os.path.join(DATA, f"prefect-{release}.json")) as file:
        recording = json.loads(file.read().replace("FOLDER", str(folder)))
    for name, content in recording["files"].items():
        (folder / name).write_bytes(base64.b64decode(content))
    return recording["states"]


@pytest.fixture(autouse=True)
def secrets():
    import prefect

    with prefect.context(secrets={"password": "hidden"}):
        yield


def recorded_cases(cases):
    found = []
    for release in RELEASES:
        with open(os.path.join(DATA, f"prefect-{release}.json")) as file:
            states = json.load(file)["states"]
        found += [(release, case) for case in cases if case in states]
    # Prefect 0.13 wrote str(location), which can't be told from a text.
    return [pair for pair in found if pair != ("0.13.19", "no text")]


def test_the_recordings_are_complete():
    assert len(recorded_cases(CASES)) == 35
    assert len(recorded_cases(CLOUD)) == 25


class TestOldStates:
    @pytest.mark.parametrize(("release", "case"), recorded_cases(CASES))
    def test_the_tasks_result_reads_them(self, release, case, tmp_path, shim):
        make, value = CASES[case]
        state = deserialize(read_recording(release, tmp_path)[case])
        reader = rehandle.to_result(make(str(tmp_path)))
        assert state.load_result(reader) is state
        assert state.result == value

    @pytest.mark.parametrize(("release", "case"), recorded_cases(["local", "json", "safe"]))
    def test_they_read_themselves_where_they_know_how(self, release, case, tmp_path, shim):
        state = deserialize(read_recording(release, tmp_path)[case])
        assert state.load_result().result == CASES[case][1]

    @pytest.mark.parametrize("release", WITH_SAFE_RESULTS)
    @pytest.mark.parametrize("case", INPUTS)
    def test_cached_inputs(self, release, case, tmp_path, shim):
        make, value = CASES[case]
        state = deserialize(read_recording(release, tmp_path)["retry " + case])
        state.load_cached_results({"x": rehandle.to_result(make(str(tmp_path)))})
        assert state.cached_inputs["x"].value == value

    @pytest.mark.parametrize(("release", "case"), recorded_cases(CLOUD))
    def test_cloud_handlers_become_their_results(self, release, case, tmp_path, shim, monkeypatch):
        from rehandle.shim.generations.safe_results import native_result

        monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)
        name, attributes = CLOUD[case]
        result = native_result(deserialize(read_recording(release, tmp_path)[case])._result)
        assert (type(result).__name__, result.location) == (name, "2020/2/24/x.prefect_result")
        assert {key: getattr(result, key) for key in attributes} == attributes

    @pytest.mark.parametrize("release", RELEASES)
    @pytest.mark.parametrize("case", ["nothing", "pending"])
    def test_where_nothing_was_stored(self, release, case, tmp_path, shim):
        state = deserialize(read_recording(release, tmp_path)[case])
        assert state.load_result(rehandle.to_result(handlers.JSONResultHandler())).result is None

    def test_a_handler_of_the_cloud_alone(self, tmp_path, shim):
        state = deserialize(read_recording("0.5.5", tmp_path)["cloud"])
        with pytest.raises(NotImplementedError):
            state.load_result()

    @pytest.mark.parametrize("release", WITH_SAFE_RESULTS)
    def test_without_the_shim_the_value_is_lost(self, release, tmp_path):
        serialized = read_recording(release, tmp_path)["local"]
        reader = rehandle.to_result(handlers.LocalResultHandler(dir=str(tmp_path)))
        if has_handlers():
            with pytest.raises(AttributeError, match="'SafeResult' object has no attribute 'location'"):
                deserialize(serialized).load_result(reader)
        else:
            assert deserialize(serialized).load_result(reader).result is None

    def test_no_folder_is_made(self, tmp_path, shim):
        states = read_recording("0.8.1", tmp_path)
        serialized = dict(states["local"], _result=json.loads(json.dumps(states["local"]["_result"])))
        serialized["_result"]["result_handler"]["dir"] = str(tmp_path / "elsewhere")
        state = deserialize(serialized)
        if not has_handlers():  # Prefect's own handlers make theirs
            assert not (tmp_path / "elsewhere").exists()
        assert state.load_result().result == ["local", 1]

    def test_a_loaded_state_is_serialised_for_processes_without_the_shim(self, tmp_path):
        with rehandle.installed():
            state = deserialize(read_recording("0.8.1", tmp_path)["local"])
            serialized = state.load_result().serialize()
        assert serialized["_result"]["type"] == "LocalResult"
        reader = importlib.import_module("prefect.engine.results").LocalResult(dir=str(tmp_path))
        assert deserialize(serialized).load_result(reader).result == ["local", 1]


class TestLocations:
    def run(self, folder):
        from prefect import Flow, task

        with Flow("f") as flow:
            one = task(lambda: "one", name="one", result_handler=Places(folder))()
        return one, flow.run().result[one]

    @pytest.mark.parametrize("server", [False, True], ids=["direct", "through a server without the shim"])
    def test_one_that_is_no_text_survives(self, server, tmp_path):
        with rehandle.installed():
            one, state = self.run(tmp_path)
            assert state._result.location == {"name": "one", "parts": [1, None]}
            serialized = state.serialize()
        if server:
            serialized = deserialize(serialized).serialize()
        with rehandle.installed():
            loaded = deserialize(serialized)
            assert loaded.result is None
            loaded.load_result(one.result)
        assert (loaded.result, loaded._result.location) == ("one", state._result.location)

    @pytest.mark.parametrize("location", [None, "", 0, False, []], ids=repr)
    @pytest.mark.parametrize("loaded_from", ["state", "old state"])
    def test_an_empty_one_is_a_location_too(self, loaded_from, location, tmp_path, shim):
        """A handler that always writes to the same place has nothing to return."""
        from prefect.engine.state import Success

        handler = OnePlace(tmp_path / "value.pickle", location)
        result = rehandle.to_result(handler).write("one")
        assert result.safe_value.value == location
        state = Success(result=result).serialize()
        if loaded_from == "old state":
            custom = {"type": "CustomResultHandler", "__version__": "0.10.7"}
            safe = {"type": "SafeResult", "value": location, "result_handler": custom, "__version__": "0.10.7"}
            state["_result"] = safe
        again = deserialize(json.loads(json.dumps(deserialize(state).serialize())))
        loaded = again.load_result(rehandle.to_result(handler))
        assert loaded.result == "one"
        assert deserialize(loaded.serialize()).load_result(rehandle.to_result(handler)).result == "one"

    def test_an_old_one_survives_being_serialised_again(self, tmp_path, shim):
        state = deserialize(read_recording("0.8.1", tmp_path)["no text"])
        state = deserialize(state.serialize())
        assert state.load_result(rehandle.to_result(Places(tmp_path))).result == "no text"

    def test_without_the_shim_it_is_lost(self, tmp_path):
        from prefect.engine.state import Success

        state = Success(result=rehandle.to_result(Places(tmp_path)).write("one"))
        loaded = deserialize(state.serialize())
        with pytest.raises(TypeError):
            loaded.load_result(rehandle.to_result(Places(tmp_path)))


@pytest.mark.usefixtures("shim")
class TestHandlerSchemas:
    @pytest.fixture
    def schema(self):
        return importlib.import_module("prefect.serialization.result_handlers").ResultHandlerSchema()

    @pytest.mark.parametrize("case", ["gcs secret", "s3 secret", "azure", "safe"])
    def test_output_is_that_of_0_13(self, case, schema, tmp_path):
        old = read_recording("0.13.19", tmp_path)[case]["_result"]["result_handler"]
        handler = schema.load(old)
        assert type(handler) is getattr(handlers, old["type"])
        assert {**schema.dump(handler), "__version__": "0.13.19"} == old

    def test_a_folder(self, schema, tmp_path):
        dumped = schema.dump(handlers.LocalResultHandler(dir=str(tmp_path)))
        assert (dumped["type"], dumped["dir"]) == ("LocalResultHandler", str(tmp_path))
        assert schema.load(dumped) == handlers.LocalResultHandler(dir=str(tmp_path))

    def test_what_can_not_be_loaded(self, schema, tmp_path):
        for handler, name in [(Texts(tmp_path), "CustomResultHandler"), (secret_handler(""), "SecretResultHandler")]:
            dumped = schema.dump(handler)
            assert dumped["type"] == name
            assert type(schema.load(dumped)) is handlers.ResultHandler
        assert dumped["name"] == "password"

    def test_a_connection_string_stays_secret(self, schema):
        handler = handlers.AzureResultHandler("c", connection_string="AccountKey=hidden")
        assert "hidden" not in json.dumps(schema.dump(handler))

    def test_every_schema_is_importable(self):
        module = importlib.import_module("prefect.serialization.result_handlers")
        names = ["Base", "Custom", "Secret", "GCS", "S3", "JSON", "Local", "Azure", ""]
        assert all(hasattr(module, f"{name}ResultHandlerSchema") for name in names)


@pytest.mark.prefect("0.11", "2")
@pytest.mark.parametrize(("location", "states"), [("[1, 2]", "Success Success"), ("no JSON", "Failed")])
def test_mapping_over_what_an_old_state_stored(location, states, shim):
    from prefect import Flow, task

    handler = {"type": "JSONResultHandler", "__version__": "0.10.7"}
    result = {"type": "SafeResult", "value": location, "result_handler": handler, "__version__": "0.10.7"}
    state = deserialize({"type": "Success", "_result": result, "cached_inputs": {}, "__version__": "0.10.7"})
    with Flow("restart") as flow:
        first = task(lambda: "not run again", name="first")()
        mapped = task(lambda x: x, name="mapped").map(first)
    ended = flow.run(task_states={first: state}).result[mapped]
    children = ended.map_states if ended.is_mapped() else [ended]
    assert " ".join(type(child).__name__ for child in children) == states
    assert [child.result for child in children if child.is_successful()] == ([1, 2] if "Success" in states else [])
