"""The legacy handler classes, wherever they come from."""

import errno
import inspect
import os
import pickle

import cloudpickle
import pytest

from rehandle import handlers
from rehandle.handlers import builtin
from rehandle.storage.atomic_file import write_atomically


def needs(handler_class, parameter):
    """Skip a test where the installed Prefect's handlers are too old for it."""
    if parameter not in inspect.signature(handler_class).parameters:
        pytest.skip(f"this Prefect's {handler_class.__name__} has no {parameter}")


BOTH = pytest.mark.parametrize("module", [handlers, builtin], ids=["installed", "own"])


@BOTH
@pytest.mark.parametrize("value", [0, "text", [1, {"a": None}], {"k": (1, 2)}])
def test_local_handler_reads_what_it_wrote(module, tmp_path, value):
    handler = module.LocalResultHandler(dir=str(tmp_path))
    location = handler.write(value)
    assert os.path.dirname(location) == str(tmp_path)
    assert handler.read(location) == value
    assert cloudpickle.loads((tmp_path / os.path.basename(location)).read_bytes()) == value


def test_local_handler_makes_its_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    handler = builtin.LocalResultHandler(dir=os.path.join("some", "folder"))
    assert handler.dir == str(tmp_path / "some" / "folder")
    assert (tmp_path / "some" / "folder").is_dir()


def test_local_handler_without_validation_makes_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    handler = builtin.LocalResultHandler(dir="relative", validate=False)
    assert handler.dir == "relative"
    assert not (tmp_path / "relative").exists()


def test_local_handler_defaults_to_prefects_results_folder():
    from rehandle import prefect_release

    results = os.path.join(prefect_release.home_folder(), "results")
    assert builtin.LocalResultHandler().dir == results
    assert builtin.LocalResultHandler(dir=os.path.join(prefect_release.home_folder(), "elsewhere")).dir == results


def test_local_handler_names_never_collide(tmp_path):
    handler = builtin.LocalResultHandler(dir=str(tmp_path))
    assert len({handler.write(n) for n in range(200)}) == 200 == len(list(tmp_path.iterdir()))


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "value"
    write_atomically(str(path), b"old")

    def no_space(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(str(path), b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_has_the_mode_of_any_other(tmp_path):
    write_atomically(str(tmp_path / "ours"), b"")
    (tmp_path / "theirs").write_bytes(b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


@BOTH
def test_json_handler(module):
    handler = module.JSONResultHandler()
    assert handler.write({"a": [1]}) == '{"a": [1]}'
    assert handler.read('{"a": [1]}') == {"a": [1]}


def test_constant_handler():
    handler = builtin.ConstantResultHandler([1])
    assert handler.write("ignored") == "[1]"
    assert handler.read("ignored") == [1]


def test_secret_handler_runs_the_task():
    class Vault:
        name = "password"

        def run(self):
            return "hidden"

    handler = builtin.SecretResultHandler(Vault())
    assert handler.write("hidden") == "password"
    assert handler.read("password") == "hidden"


def test_the_base_class_stores_nothing():
    handler = builtin.ResultHandler()
    assert handler.write(1) is None
    assert handler.read("x") is None
    assert repr(handler) == "<ResultHandler: ResultHandler>"


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (builtin.JSONResultHandler(), builtin.JSONResultHandler(), True),
        (builtin.GCSResultHandler("b"), builtin.GCSResultHandler("b"), True),
        (builtin.GCSResultHandler("b"), builtin.GCSResultHandler("c"), False),
        (builtin.GCSResultHandler("b"), builtin.JSONResultHandler(), False),
        (builtin.S3ResultHandler("b", boto3_kwargs={"a": 1}), builtin.S3ResultHandler("b"), False),
        (builtin.ResultHandler(), 1, False),
    ],
)
def test_equality(one, other, equal):
    assert (one == other) is equal


@pytest.mark.parametrize(
    "handler",
    [
        builtin.JSONResultHandler(),
        builtin.GCSResultHandler("b", "S"),
        builtin.S3ResultHandler("b", "S", {"region_name": "r"}),
        builtin.AzureResultHandler("c", "x", None),
        builtin.ConstantResultHandler(5),
    ],
    ids=repr,
)
def test_handlers_can_be_pickled(handler):
    assert pickle.loads(pickle.dumps(handler)) == handler


@BOTH
def test_boto3_kwargs_are_those_that_were_given(module):
    needs(module.S3ResultHandler, "boto3_kwargs")
    given = {"region_name": "r"}
    handler = module.S3ResultHandler("b", boto3_kwargs=given)
    assert handler.boto3_kwargs is given


@BOTH
def test_boto3s_service_is_s3(module):
    needs(module.S3ResultHandler, "boto3_kwargs")
    with pytest.raises(AssertionError, match="service_name"):
        module.S3ResultHandler("b", boto3_kwargs={"service_name": "sqs"})


def test_a_local_handler_makes_no_folder_later(tmp_path):
    handler = builtin.LocalResultHandler(dir=str(tmp_path / "there"))
    (tmp_path / "there").rmdir()
    with pytest.raises(FileNotFoundError, match="no such folder"):
        handler.write(1)
