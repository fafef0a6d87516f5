"""``LocalResult``: the same cases for rehandle's own class and for Prefect's."""

import os
import pickle
import re

import cloudpickle
import pytest
from interfaces import Cases, check

from rehandle import serializers

HOME = os.environ["PREFECT__HOME_DIR"]

case = Cases()


def local(r, tmp, **arguments):
    return r.LocalResult(dir=str(tmp), **arguments)


def shown(path, tmp):
    return str(path).replace(str(tmp), "TMP")


def files(tmp):
    return sorted(str(path.relative_to(tmp)) for path in tmp.rglob("*") if path.is_file())


@case(("TMP/a/b", True))
def the_folder_is_made(r, tmp):
    return shown(local(r, tmp / "a" / "b").dir, tmp), (tmp / "a" / "b").is_dir()


@case(os.path.join(HOME, "results"))
def without_a_folder_it_is_in_prefects_home(r, tmp):
    return r.LocalResult().dir


@case(os.path.join(HOME, "results"))
def a_folder_in_prefects_home_is_redirected(r, tmp):
    return r.LocalResult(dir=os.path.join(HOME, "other")).dir


@case(("TMP/below", True))
def a_folder_below_the_users(r, tmp):
    return shown(r.LocalResult(dir="~/below").dir, tmp), (tmp / "below").is_dir()


@case("TMP/below")
def a_relative_folder(r, tmp):
    return shown(r.LocalResult(dir="below").dir, tmp)


@case(("~/below", []))
def an_unvalidated_folder_is_left_alone(r, tmp):
    return r.LocalResult(dir="~/below", validate_dir=False).dir, os.listdir(str(tmp))


@case(("below", []))
def positional_arguments(r, tmp):
    return r.LocalResult("below", False).dir, os.listdir(str(tmp))


@case([True, False])
def equality(r, tmp):
    return [local(r, tmp) == other for other in (local(r, tmp), local(r, tmp / "other"))]


@case(True)
def pickling(r, tmp):
    result = local(r, tmp, location="{x}", value=1)
    return pickle.loads(pickle.dumps(result)) == result


def written(location, **names):
    """Write to a location: the one that is returned, and the files that are there then."""
    return lambda r, tmp: (shown(local(r, tmp, location=location).write(1, **names).location, tmp), files(tmp))


# Prefect 0.11 returns the location that it was told, which a Result with another folder finds nothing at.
for name, template, names, path in (
    ("a template", "{x}.txt", {"x": 1}, "1.txt"),
    ("a path with folders", "a/{x}/c", {"x": "b"}, "a/b/c"),
    ("Windows' separators are none", "a\\{x}", {"x": "b"}, "a\\b"),
    ("a drive of Windows is none", "C:\\{x}", {"x": "b"}, "C:\\b"),
    ("a tilde is a name", "~/{x}", {"x": "b"}, "~/b"),
    ("a mapped task", "{map_index}-{task_run_id}", {"map_index": 3, "task_run_id": "i"}, "3-i"),
    ("a looped task", "{task_loop_count}", {"task_loop_count": 2}, "2"),
    ("an input that is named like a parameter", "{self_}-{kwargs}", {"self_": 1, "kwargs": 2}, "1-2"),
):
    case.add(name, written(template, **names), (f"TMP/{path}", [path]), ("0.11", "0.12", (path, [path])))


@case(("TMP/there", ["there"]))
def an_absolute_path(r, tmp):
    result = r.LocalResult(dir=str(tmp / "empty"), location=str(tmp / "{name}"))
    return shown(result.write(1, name="there").location, tmp), files(tmp)


# The first parameter of write had that name until 0.13.6.
@case(("TMP/2", ["2"]), ("0.11", "0.13.7", TypeError))
def an_input_named_value(r, tmp):
    return written("{value}", value=2)(r, tmp)


@case(KeyError)
def an_unknown_name(r, tmp):
    written("{unknown}", x=1)(r, tmp)


@case((True, ["F"]))
def a_default_location(r, tmp):
    location = local(r, tmp).write(1).location
    return shown(location, tmp).startswith("TMP/"), ["F" for _ in files(tmp)]


@case(([1], None, "{x}"))
def writing_gives_a_copy(r, tmp):
    result = local(r, tmp, location="{x}")
    return result.write([1], x="x").value, result.value, result.location


@case(({"k": 1}, b"{'k': 1}"))
def what_is_written(r, tmp):
    local(r, tmp, location="x").write({"k": 1})
    value = pickle.loads((tmp / "x").read_bytes())
    return value, repr(value).encode()


@case(2)
def writing_again_replaces(r, tmp):
    result = local(r, tmp, location="x")
    result.write(1)
    return result.read(result.write(2).location).value


@case((None, True))
def none_is_a_value(r, tmp):
    written = local(r, tmp, location="x").write(None)
    return local(r, tmp).read(written.location).value, (tmp / "x").exists()


@case(((1, "x"), (1, "TMP/x"), (None, None)))
def reading(r, tmp):
    (tmp / "x").write_bytes(pickle.dumps(1))
    result = local(r, tmp)
    found = [result.read(location) for location in ("x", str(tmp / "x"))] + [result]
    return tuple((each.value, each.location and shown(each.location, tmp)) for each in found)


@case([True, True, False, True])
def existence(r, tmp):
    (tmp / "x").write_bytes(b"")
    result = local(r, tmp)
    return [result.exists(each, name="x") for each in ("x", "{name}", "{name}y", str(tmp / "{name}"))]


@case(KeyError)
def existence_for_an_unknown_name(r, tmp):
    local(r, tmp).exists("{unknown}", x=1)


@case(OSError)
def reading_what_is_not_there(r, tmp):
    local(r, tmp).read("x")


@case(FileNotFoundError)
def reading_what_is_not_there_is_a_missing_file(r, tmp):
    local(r, tmp).read("x")


@case(EOFError)
def reading_an_empty_file(r, tmp):
    (tmp / "x").write_bytes(b"")
    local(r, tmp).read("x")


@case(pickle.UnpicklingError, ("0.11", "2", Exception))
def reading_half_a_value(r, tmp):
    (tmp / "x").write_bytes(cloudpickle.dumps(list(range(1000)))[:-100])
    local(r, tmp).read("x")


@case(Exception)
def reading_something_else(r, tmp):
    (tmp / "x").write_bytes(b'{"answer": 42}')
    local(r, tmp).read("x")


@case((b'{"k": [1]}', {"k": [1]}), ("0.11", "0.12.1", TypeError))
def another_serializer(r, tmp):
    result = local(r, tmp, location="x", serializer=serializers.JSONSerializer())
    location = result.write({"k": [1]}).location
    return (tmp / "x").read_bytes(), result.read(location).value


@case.parametrize
def test_local_result(r, function, expected, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    check(r, function, expected, tmp_path)


class TestOwn:
    """What rehandle's own class does differently on purpose."""

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        self.folder = tmp_path

    def result(self, *args, **kwargs):
        from rehandle.results.local import LocalResult

        return LocalResult(*args, **kwargs)

    def test_default_locations_cannot_collide(self):
        location = self.result("dir").default_location
        day = r"\d{4}/[1-9]\d?/[1-9]\d?"
        assert re.fullmatch(f"{self.folder}/dir/{day}/[0-9a-f-]{{36}}\\.prefect_result", location)

    def test_the_location_is_absolute_also_with_a_relative_folder(self):
        """Prefect's own returns ``dir/x`` here, and looks for ``dir/dir/x`` when it reads that."""
        result = self.result("dir", validate_dir=False, location="x")
        location = result.write(1).location
        assert location == str(self.folder / "dir" / "x")
        assert result.read(location).value == 1

    def test_a_default_location_names_a_relative_folder_once(self):
        location = self.result("dir", validate_dir=False).write(1).location
        assert re.fullmatch(f"{self.folder}/dir/\\d{{4}}/\\d+/\\d+/[^/]+", location)

    def test_no_temporary_file_stays(self):
        self.result("dir", location="x").write(1)
        assert os.listdir("dir") == ["x"]

    def test_a_value_that_cannot_be_pickled_leaves_the_old_one(self):
        result = self.result("dir", location="x")
        result.write(1)
        with pytest.raises((TypeError, pickle.PicklingError)):
            result.write(x for x in "generator")
        assert result.read("x").value == 1
        assert os.listdir("dir") == ["x"]
