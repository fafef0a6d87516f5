"""Signatures are for one place: on rehandle's own Results, and on Prefect's with the shim."""

import os
import shutil

import pytest

import rehandle
from rehandle import results
from rehandle.errors import SignatureError
from rehandle.serializers import CompressedSerializer, HMACSerializer, PickleSerializer, signing

KEY = "0123456789abcdef"
VALUE = {"answer": 42}


def serializer(**kwargs):
    return HMACSerializer(PickleSerializer(), KEY, **kwargs)


def local(folder, **kwargs):
    return results.LocalResult(dir=str(folder), **{"serializer": serializer(), **kwargs})


class Signed:
    """What holds on every release that has a place to check it."""

    def test_it_is_signed_for_its_place(self, tmp_path):
        written = local(tmp_path, location="{what}/{today}").write(VALUE, what="prices", today="{braces}")
        path = tmp_path / "prices" / "{braces}"
        assert signing.split(path.read_bytes()).place == path.as_posix()
        assert local(tmp_path).read("prices/{braces}").value == VALUE
        if os.path.isabs(written.location):  # until 0.11 it is relative
            assert local(tmp_path).read(written.location).value == VALUE
        assert written.serializer == serializer()

    def test_a_location_by_default(self, tmp_path):
        location = local(tmp_path).write(VALUE).location
        (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
        assert signing.split(file.read_bytes()).place == file.as_posix()
        assert local(tmp_path).read(location).value == VALUE

    def test_a_swapped_object_is_refused(self, tmp_path):
        for name in ("prices", "salaries"):
            local(tmp_path, location=name).write([name])
        shutil.copy(str(tmp_path / "salaries"), str(tmp_path / "prices"))
        with pytest.raises(SignatureError, match=r"/prices' is signed for another place, '.*/salaries'"):
            local(tmp_path).read("prices")
        assert local(tmp_path).read("salaries").value == ["salaries"]

    @pytest.mark.parametrize("how", ["copied", "linked", "folder is a link"])
    def test_an_object_of_another_folder_is_refused(self, tmp_path, how):
        tests, production = tmp_path / "tests", tmp_path / "production"
        local(tests, location="today").write(VALUE)
        if how == "folder is a link":
            production.symlink_to(tests)
        else:
            production.mkdir()
            put = shutil.copy if how == "copied" else os.link
            put(str(tests / "today"), str(production / "today"))
        with pytest.raises(SignatureError, match=r"for another place, '.*/tests/today'"):
            local(production).read("today")
        assert local(tests).read("today").value == VALUE

    def test_the_folder_can_be_moved_on_purpose(self, tmp_path):
        before, after = tmp_path / "before", tmp_path / "after"
        local(before, location="a/b").write(VALUE)
        before.rename(after)
        with pytest.raises(SignatureError, match=r"moved=\{from: to\}"):
            local(after).read("a/b")
        moved = {str(before): str(after)}
        assert local(after, serializer=serializer(moved=moved)).read("a/b").value == VALUE

    def test_outside_the_folder_it_is_that_path(self, tmp_path):
        path = tmp_path / "elsewhere" / "prices"
        local(tmp_path / "folder", location=str(path)).write(VALUE)
        assert signing.split(path.read_bytes()).place == path.as_posix()
        assert local(tmp_path / "folder").read(str(path)).value == VALUE
        assert local(tmp_path / "folder").read("../elsewhere/prices").value == VALUE

    def test_what_is_not_signed_is_refused_unless_allowed(self, tmp_path):
        local(tmp_path, location="old", serializer=PickleSerializer()).write(VALUE)
        with pytest.raises(SignatureError, match="isn't signed"):
            local(tmp_path).read("old")
        assert local(tmp_path, serializer=serializer(allow_unsigned=True)).read("old").value == VALUE

    @pytest.mark.parametrize("order", ["inside", "around"])
    def test_with_compression(self, tmp_path, order):
        if order == "inside":
            both = CompressedSerializer(serializer(), "gzip")
        else:
            both = HMACSerializer(CompressedSerializer(PickleSerializer(), "gzip"), KEY)
        for name in ("prices", "salaries"):
            local(tmp_path, location=name, serializer=both).write([name])
        assert local(tmp_path, serializer=both).read("prices").value == ["prices"]
        shutil.copy(str(tmp_path / "salaries"), str(tmp_path / "prices"))
        with pytest.raises(SignatureError, match="signed for another place"):
            local(tmp_path, serializer=both).read("prices")


@pytest.mark.prefect(None)
class TestOnOwnResults(Signed):
    pass


@pytest.mark.prefect("0.5", "0.11")
class TestOnOwnResultsBesideHandlers(Signed):
    pass


@pytest.mark.prefect("0.11", "2")
@pytest.mark.usefixtures("shim")
class TestOnPrefectsResults(Signed):
    def test_in_a_flow(self, tmp_path):
        from prefect import Flow, task

        @task(result=local(tmp_path, location="{task_name}.value"))
        def load():
            return VALUE

        with Flow("signed") as flow:
            load()
        assert flow.run().is_successful()
        path = tmp_path / "load.value"
        assert signing.split(path.read_bytes()).place == path.as_posix()


@pytest.mark.prefect("0.12.1", "2")
class TestOnPrefectsResultsWithoutTheShim:
    def test_the_place_is_not_bound(self, tmp_path):
        local(tmp_path, location="prices").write(VALUE)
        assert signing.split((tmp_path / "prices").read_bytes()).place is None
        (tmp_path / "prices").rename(tmp_path / "salaries")
        assert local(tmp_path).read("salaries").value == VALUE

    def test_and_is_refused_with_it_unless_allowed(self, tmp_path):
        local(tmp_path, location="prices").write(VALUE)
        with rehandle.installed():
            with pytest.raises(SignatureError, match="for no place"):
                local(tmp_path).read("prices")
            assert local(tmp_path, serializer=serializer(allow_unbound=True)).read("prices").value == VALUE

    def test_what_was_bound_is_read(self, tmp_path):
        with rehandle.installed():
            local(tmp_path, location="prices").write(VALUE)
        assert local(tmp_path).read("prices").value == VALUE
