"""``to_result`` on the installed Prefect, and its way back."""

import inspect
import os
import pickle
import warnings

import cloudpickle
import pytest

import rehandle
from rehandle import handlers, results
from rehandle.mapping import HANDLERS

MAPPINGS = {row.result: row.handler for row in HANDLERS.values()}


class Plain(handlers.ResultHandler):
    def __init__(self, folder=None):
        self.folder = folder
        super().__init__()

    def read(self, loc):
        with open(loc) as file:
            return file.read()

    def write(self, result):
        path = os.path.join(self.folder, "value.txt")
        with open(path, "w") as file:
            file.write(result)
        return path


class KeepsEverything(handlers.LocalResultHandler):
    """Overrides neither read nor write."""

    def __init__(self, folder):
        super().__init__(dir=folder)


class WritesDifferently(handlers.LocalResultHandler):
    def write(self, result):
        return super().write([result])


class ReadsDifferently(handlers.JSONResultHandler):
    def read(self, jblob):
        return "read " + jblob


class Falsy(Plain):
    def __len__(self):
        return 0


class Duck:
    """No ResultHandler, but has all that Prefect ever called."""

    def read(self, loc):
        return loc

    def write(self, result):
        return result


@pytest.mark.parametrize(
    ("handler", "name", "attributes"),
    [
        (lambda tmp: handlers.LocalResultHandler(dir=tmp), "LocalResult", {"dir": "TMP"}),
        (lambda tmp: KeepsEverything(tmp), "LocalResult", {"dir": "TMP"}),
        (lambda tmp: handlers.JSONResultHandler(), "PrefectResult", {}),
        (lambda tmp: handlers.GCSResultHandler(bucket="b"), "GCSResult", {"bucket": "b"}),
        (
            lambda tmp: handlers.S3ResultHandler("b", boto3_kwargs={"region_name": "r"}),
            "S3Result",
            {"bucket": "b", "boto3_kwargs": {"region_name": "r"}},
        ),
        (
            lambda tmp: handlers.AzureResultHandler("c", connection_string="x"),
            "AzureResult",
            {"container": "c", "connection_string": "x"},
        ),
        (lambda tmp: handlers.ConstantResultHandler(5), "ConstantResult", {"value": 5}),
    ],
)
def test_a_built_in_handler_becomes_its_result(handler, name, attributes, tmp_path):
    for parameter in attributes:
        needs(getattr(handlers, MAPPINGS[name]), parameter)
    result = rehandle.to_result(handler(str(tmp_path)))
    assert isinstance(result, getattr(results, name))
    assert type(result).__name__ == name
    for attribute, value in attributes.items():
        assert getattr(result, attribute) == (str(tmp_path) if value == "TMP" else value)


def test_a_result_and_none_stay_as_they_are(tmp_path):
    result = results.LocalResult(dir=str(tmp_path))
    assert rehandle.to_result(result) is result
    assert rehandle.to_result(None) is None


@pytest.mark.parametrize(
    "make",
    [
        lambda tmp: Plain(tmp),
        lambda tmp: WritesDifferently(dir=tmp),
        lambda tmp: ReadsDifferently(),
        lambda tmp: Falsy(tmp),
        lambda tmp: Duck(),
        lambda tmp: handlers.ResultHandler(),
    ],
    ids=["custom", "write overridden", "read overridden", "falsy", "duck-typed", "base class"],
)
def test_what_no_result_can_stand_in_for_keeps_its_handler(make, tmp_path):
    handler = make(str(tmp_path))
    result = rehandle.to_result(handler)
    assert type(result).__name__ == "ResultHandlerResult"
    assert result.result_handler is handler


@pytest.mark.parametrize("attribute", ["read", "write"])
def test_a_method_set_on_the_instance_counts_as_an_override(attribute):
    handler = handlers.JSONResultHandler()
    setattr(handler, attribute, lambda argument: argument)
    assert rehandle.to_result(handler).result_handler is handler


@pytest.mark.parametrize("attribute", ["read", "write"])
def test_a_method_put_into_a_built_in_class_counts_as_an_override(attribute, monkeypatch):
    handler = handlers.JSONResultHandler()
    assert type(rehandle.to_result(handler)).__name__ == "PrefectResult"
    monkeypatch.setattr(handlers.JSONResultHandler, attribute, lambda self, argument: argument)
    assert rehandle.to_result(handler).result_handler is handler


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (42, "got int$"),
        ("gs://bucket", "got str$"),
        (handlers.JSONResultHandler, "got the class JSONResultHandler itself: call it"),
    ],
)
def test_anything_else_is_refused(given, words):
    with pytest.raises(TypeError, match=words):
        rehandle.to_result(given)


def needs(handler_class, parameter):
    """Skip a test where the installed Prefect's handlers are too old for it."""
    if parameter not in inspect.signature(handler_class).parameters:
        pytest.skip(f"this Prefect's {handler_class.__name__} has no {parameter}")


@pytest.mark.prefect("0.9", "0.11")
def test_what_prefect_calls_a_result_before_it_uses_results_is_refused():
    """It has a read and a write like a handler, and they don't do what a handler's do."""
    from prefect.engine.result import Result

    with pytest.raises(TypeError, match=r"expected a result handler .* and got Result"):
        rehandle.to_result(Result(value=1, result_handler=None))


def test_boto3_kwargs_are_not_shared():
    needs(handlers.S3ResultHandler, "boto3_kwargs")
    handler = handlers.S3ResultHandler("b", boto3_kwargs={"region_name": "r"})
    result = rehandle.to_result(handler)
    handler.boto3_kwargs.clear()
    assert result.boto3_kwargs == {"region_name": "r"}


def test_converting_a_local_handler_touches_no_folder(tmp_path, monkeypatch):
    needs(handlers.LocalResultHandler, "validate")
    monkeypatch.chdir(tmp_path)
    result = rehandle.to_result(handlers.LocalResultHandler(dir=str(tmp_path / "missing"), validate=False))
    assert result.dir == str(tmp_path / "missing")
    assert list(tmp_path.iterdir()) == []


def test_a_local_handler_finds_what_it_wrote_in_a_relative_folder(tmp_path, monkeypatch):
    """LocalResult looks for it in the folder of that name inside the folder, from Prefect 0.12 on."""
    needs(handlers.LocalResultHandler, "validate")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "relative").mkdir()
    result = rehandle.to_result(handlers.LocalResultHandler(dir="relative", validate=False))
    written = result.write([1])
    assert [path.parent.name for path in tmp_path.rglob("prefect-result*")] == ["relative"]
    assert result.read(written.location).value == [1]
    assert result.exists(written.location)


def test_the_wrapper_reads_and_writes_with_locations(tmp_path):
    result = rehandle.to_result(Plain(str(tmp_path)))
    written = result.write("hello", value="a task input of that name")
    assert (written.value, written.location) == ("hello", str(tmp_path / "value.txt"))
    read = result.read(written.location)
    assert (read.value, read.location) == ("hello", written.location)
    assert (result.value, result.location) == (None, None)


def test_the_wrapper_knows_what_exists(tmp_path):
    result = rehandle.to_result(Plain(str(tmp_path)))
    template = str(tmp_path / "{name}.txt")
    assert not result.exists(template, name="value")
    result.write("hello")
    assert result.exists(template, name="value")


def test_the_handlers_own_exists_is_asked():
    class Knows(Duck):
        def exists(self, location):
            return location == "there"

    result = rehandle.to_result(Knows())
    assert result.exists("the{x}", x="re")
    assert not result.exists("elsewhere")


@pytest.mark.prefect("0.11", "2")
def test_a_converted_built_in_handler_mentions_no_rehandle(tmp_path):
    handler = handlers.LocalResultHandler(dir=str(tmp_path))
    assert b"rehandle" not in cloudpickle.dumps(rehandle.to_result(handler)).replace(str(tmp_path).encode(), b"")


def test_a_wrapper_survives_pickling():
    result = pickle.loads(pickle.dumps(rehandle.to_result(Plain("folder"))))
    assert result.result_handler.folder == "folder"


def test_a_converted_constant_accepts_a_write_and_stays():
    written = rehandle.to_result(handlers.ConstantResultHandler(5)).write(6)
    assert (written.value, written.location) == (6, "5")
    assert written.read("5").value == 5
    assert pickle.loads(pickle.dumps(written)).write(7).read("5").value == 5


class Registered(Plain):
    pass


@pytest.fixture
def no_converters(monkeypatch):
    from rehandle import conversion

    monkeypatch.setattr(conversion, "_converters", {})


@pytest.mark.usefixtures("no_converters")
class TestRegister:
    def test_a_converter_decides(self, tmp_path):
        rehandle.register(Registered, lambda handler: results.LocalResult(dir=handler.folder))
        assert rehandle.to_result(Registered(str(tmp_path))).dir == str(tmp_path)
        assert type(rehandle.to_result(Plain(str(tmp_path)))).__name__ == "ResultHandlerResult"

    def test_as_a_decorator(self, tmp_path):
        @rehandle.register(Registered)
        def convert(handler):
            return results.LocalResult(dir=handler.folder)

        assert rehandle.to_result(Registered(str(tmp_path))) == convert(Registered(str(tmp_path)))

    def test_registering_twice_replaces_with_a_warning(self):
        rehandle.register(Registered, lambda handler: results.PrefectResult())
        with pytest.warns(UserWarning, match="converter registered for Registered is replaced"):
            rehandle.register(Registered, lambda handler: results.GCSResult("b"))
        assert rehandle.to_result(Registered()).bucket == "b"

    def test_a_converter_must_return_a_result(self):
        rehandle.register(Registered, lambda handler: "gs://bucket")
        with pytest.raises(TypeError, match="registered for Registered must return a Result, and returned str"):
            rehandle.to_result(Registered())

    @pytest.mark.prefect("0.11", "2")
    def test_a_wrong_converter_is_no_less_wrong_for_an_attribute(self, shim):
        import prefect

        rehandle.register(Registered, lambda handler: "gs://bucket")
        task = prefect.Task()
        with pytest.raises(TypeError, match="registered for Registered must return a Result, and returned str"):
            task.result_handler = Registered()

    @pytest.mark.parametrize(("cls", "converter"), [("Registered", print), (Registered, "print")])
    def test_bad_arguments(self, cls, converter):
        with pytest.raises(TypeError):
            rehandle.register(cls, converter)


class TestToHandler:
    def test_attributes_are_shared(self, tmp_path):
        from rehandle.conversion import to_handler

        result = results.LocalResult(dir=str(tmp_path))
        handler = to_handler(result)
        assert isinstance(handler, handlers.LocalResultHandler)
        handler.dir = "changed"
        assert result.dir == "changed"

    def test_of_a_wrapper_it_is_the_handler(self):
        from rehandle.conversion import to_handler

        handler = Plain("folder")
        assert to_handler(rehandle.to_result(handler)) is handler

    def test_of_an_own_result_it_reads_and_writes_through(self, tmp_path):
        from rehandle.conversion import to_handler

        class OwnResult(results.LocalResult):
            pass

        handler = to_handler(OwnResult(dir=str(tmp_path), location="v"))
        assert handler.read(handler.write(7)) == 7
        assert (tmp_path / "v").exists()

    def test_none(self):
        from rehandle.conversion import to_handler

        assert to_handler(None) is None


def test_conversion_itself_warns_of_nothing(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rehandle.to_result(handlers.LocalResultHandler(dir=str(tmp_path)))
