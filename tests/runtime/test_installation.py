"""Switching the shim on and off."""

import importlib
import importlib.util
import os
import pickle
import subprocess
import sys
import textwrap
import threading

import pytest

import rehandle
from rehandle.errors import PrefectUnsupportedError
from rehandle.shim import generations
from rehandle.shim.patches import Patches

ANY_PREFECT = pytest.mark.prefect("0.4.1", "2")
PATCHED = pytest.mark.prefect("0.11", "2")


def python(code, *arguments):
    return subprocess.run(
        [sys.executable, *arguments, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
    )


def snapshot():
    """Every attribute of every class and module that the shim could touch, and every module name."""
    names = sorted(name for name in sys.modules if name.partition(".")[0] == "prefect")
    found = {"modules": names}
    for name in names:
        module = sys.modules[name]
        for key, value in vars(module).items():
            found[name, key] = id(value)
            if isinstance(value, type) and value.__module__.startswith("prefect"):
                found.update({(name, key, k): id(v) for k, v in vars(value).items()})
    return found


@ANY_PREFECT
class TestOnAndOff:
    def test_install_tells_whether_it_switched(self):
        assert not rehandle.is_installed()
        try:
            assert rehandle.install()
            assert rehandle.is_installed()
            assert not rehandle.install()
        finally:
            assert rehandle.uninstall()
        assert not rehandle.uninstall()
        assert not rehandle.is_installed()

    def test_prefect_is_exactly_as_it_was_afterwards(self):
        importlib.import_module("prefect")
        with rehandle.installed():
            pass  # what the shim imports is there from now on
        before = snapshot()
        with rehandle.installed():
            inside = snapshot()
        assert snapshot() == before
        if rehandle.prefect_release.release() >= (0, 6, 6):
            assert inside != before

    def test_a_block_leaves_it_as_it_was_found(self):
        with rehandle.installed():
            with rehandle.installed():
                pass
            assert rehandle.is_installed()
        assert not rehandle.is_installed()
        rehandle.install()
        try:
            with rehandle.installed():
                pass
            assert rehandle.is_installed()
        finally:
            rehandle.uninstall()

    def test_an_error_inside_a_block_switches_off(self):
        with pytest.raises(KeyError), rehandle.installed():
            raise KeyError
        assert not rehandle.is_installed()

    def test_twenty_threads(self):
        barrier = threading.Barrier(20)
        seen = []

        def work():
            barrier.wait()
            with rehandle.installed():
                seen.append(rehandle.is_installed())

        threads = [threading.Thread(target=work) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == [True] * 20
        assert not rehandle.is_installed()

    @pytest.mark.parametrize("order", ["import rehandle.auto, prefect", "import prefect, rehandle.auto"])
    def test_auto_before_or_after_prefect(self, order):
        run = python(
            f"""
            {order}
            from prefect.engine.result_handlers import JSONResultHandler
            print(prefect.Task(result_handler=JSONResultHandler()).name, rehandle.is_installed())
            """
        )
        assert (run.returncode, run.stdout) == (0, "Task True\n"), run.stderr


@PATCHED
def test_a_hook_that_fails_leaves_no_trace(monkeypatch):
    import prefect

    before = vars(prefect.Task)["__init__"]
    monkeypatch.delattr(prefect.Task, "map")
    with pytest.raises(AttributeError):
        rehandle.install()
    assert not rehandle.is_installed()
    assert vars(prefect.Task)["__init__"] is before
    assert "prefect.engine.results_handler" not in sys.modules


@PATCHED
def test_the_shim_imports_no_cloud_library():
    run = python(
        """
        import sys, prefect
        before = set(sys.modules)
        import rehandle.auto
        new = {name.partition(".")[0] for name in set(sys.modules) - before}
        print(sorted(new & {"boto3", "botocore", "google", "azure", "libcst", "click", "rich"}))
        """
    )
    assert run.stdout == "[]\n", run.stderr


@ANY_PREFECT
def test_an_error_is_raised_where_prefect_is_imported():
    run = python(
        """
        import os, rehandle.auto
        os.environ["REHANDLE_WARNINGS"] = "sometimes"
        for _ in range(2):
            try:
                import prefect
            except rehandle.RehandleError as error:
                print(error)
        os.environ["REHANDLE_WARNINGS"] = "off"
        import prefect
        print(rehandle.is_installed(), rehandle.uninstall(), rehandle.is_installed())
        """
    )
    said = "REHANDLE_WARNINGS=sometimes is none of once, always, error, off: set it to one of them, or unset it."
    assert run.stdout.splitlines() == [said, said, "True True False"], run.stderr


# Prefect is imported, taken out of sys.modules, and imported anew. What comes before that, and what after it.
IMPORTED_ANEW = {
    "install() before": ("rehandle.install(); import prefect", "rehandle.install()"),
    "install() before, and nothing since": ("import prefect; rehandle.install()", "rehandle.uninstall()"),
    "installed() after": ("import prefect; rehandle.install()", "rehandle.installed().__enter__()"),
    "conversion before": ("import prefect, rehandle.conversion; rehandle.to_result(None)", "rehandle.install()"),
    "install() between": ("import prefect; rehandle.install()", ""),
}


@pytest.mark.prefect("0.6.6", "2")
@pytest.mark.parametrize("case", IMPORTED_ANEW)
def test_prefect_that_is_imported_anew(case, tmp_path):
    before, after = IMPORTED_ANEW[case]
    run = python(
        f"""
        import sys, rehandle
        {before}
        from rehandle.handlers import JSONResultHandler

        class Own:
            read = write = None

        rehandle.register(Own, lambda handler: None)
        old = sys.modules["prefect"]
        for name in [name for name in sys.modules if name.partition(".")[0] == "prefect"]:
            del sys.modules[name]
        print(rehandle.is_installed())
        {"rehandle.install()" if case == "install() between" else ""}
        import prefect
        {after}
        on = rehandle.is_installed()
        rehandle.install()
        assert prefect is not old
        from prefect.engine.result_handlers import JSONResultHandler
        from prefect.engine.results import PrefectResult

        one = prefect.task(lambda: 42, name="one", result_handler=JSONResultHandler(), checkpoint=True)
        two = prefect.task(lambda: 43, name="two", result=PrefectResult(), checkpoint=True)
        with prefect.Flow("f") as flow:
            made = [one(), two()]
        prefect.config.flows.checkpointing = True
        with prefect.context(checkpointing=True):
            state = flow.run()
        stored = [state.result[each]._result for each in made]
        print(on, [each.location or each.safe_value.value for each in stored])
        print(type(one.result_handler).__name__, type(one.result).__name__)
        print(Own in sys.modules["rehandle.conversion"]._converters)
        print(rehandle.uninstall(), rehandle.is_installed(), hasattr(prefect.Task(), "result"))
        """,
        "-Wignore",
    )
    assert run.returncode == 0, run.stderr
    on = case != "install() before, and nothing since"
    has_results = rehandle.prefect_release.has_results()
    assert run.stdout.splitlines() == [
        "False",
        f"{on} ['42', '43']",
        "JSONResultHandler PrefectResult",
        "True",
        f"True False {has_results}",
    ]


@ANY_PREFECT
def test_what_is_made_for_one_prefect_is_known():
    """All modules that hold something of Prefect's are in the list of those that are imported anew for another."""
    run = python(
        """
        import importlib, pkgutil, sys, types
        import rehandle
        rehandle.install()
        import prefect
        for found in pkgutil.walk_packages(rehandle.__path__, "rehandle."):
            if found.name not in ("rehandle.auto", "rehandle.__main__", "rehandle.pytest"):
                try:
                    importlib.import_module(found.name)
                except ImportError as error:
                    assert "rehandle" not in str(error), error
        def is_prefects(value):
            home = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
            return str(home).partition(".")[0] == "prefect"
        made = rehandle.shim.installation._MADE_FOR_ONE_PREFECT
        for name, module in sorted(sys.modules.items()):
            if name.partition(".")[0] == "rehandle" and name != "rehandle.shim.installation":
                if not any(f"{name}.".startswith(f"{top}.") for top in made):
                    found = [key for key, value in vars(module).items() if is_prefects(value)]
                    bases = [key for key, value in vars(module).items() if isinstance(value, type)
                             and value.__module__ == name and any(map(is_prefects, value.__mro__))]
                    if found or bases:
                        print(name, found, bases)
        """,
        "-Wignore",
    )
    assert (run.returncode, run.stdout) == (0, ""), run.stderr


@pytest.mark.prefect("0.14", "2")
def test_folders_that_an_upgrade_left_behind(tmp_path):
    """pip leaves a folder of the old release where somebody else's files are in it."""
    installed = os.path.dirname(importlib.util.find_spec("prefect").origin)
    engine = tmp_path / "prefect" / "engine"
    (engine / "result_handlers" / "__pycache__").mkdir(parents=True)
    for folder, others in ((tmp_path / "prefect", installed), (engine, os.path.join(installed, "engine"))):
        for name in os.listdir(others):
            if name != "engine":
                os.symlink(os.path.join(others, name), str(folder / name))
    run = python(
        f"""
        import sys
        sys.path.insert(0, {str(tmp_path)!r})
        import rehandle.auto, prefect
        from prefect.engine.result_handlers import JSONResultHandler
        task = prefect.Task(result_handler=JSONResultHandler())
        print(prefect.__file__.startswith({str(tmp_path)!r}), type(task.result).__module__)
        """,
        "-Wignore",
    )
    assert run.stdout == "True prefect.engine.results.prefect_result\n", run.stderr


def test_releases_and_their_generations():
    assert generations.module_for((0, 6, 5)) == "rehandle.shim.generations.handlers_read_every_format"
    assert generations.module_for((0, 6, 6)) == "rehandle.shim.generations.prefect_0_6"
    assert generations.module_for((0, 10, 7)) == "rehandle.shim.generations.prefect_0_6"
    assert generations.module_for((0, 11)) == "rehandle.shim.generations.prefect_0_11"
    assert generations.module_for((0, 13, 19)) == "rehandle.shim.generations.prefect_0_11"
    assert generations.module_for((0, 14)) == "rehandle.shim.generations.prefect_0_14"
    assert generations.module_for((1, 4, 1)) == "rehandle.shim.generations.prefect_0_14"
    for release, version in [((0, 3, 3), "0.3.3"), ((2, 20, 0), "2.20.0"), ((3, 1), "3.1")]:
        with pytest.raises(PrefectUnsupportedError, match=f"0.4.1 to 1.4, and the installed one is {version}"):
            generations.module_for(release)


@pytest.mark.prefect(None)
class TestWithoutPrefect:
    def test_importing_rehandle_works(self):
        assert python("from rehandle import handlers; handlers.JSONResultHandler()").returncode == 0

    @pytest.mark.parametrize("code", ["import rehandle.auto", "import rehandle; rehandle.install()"])
    def test_installing_says_what_is_missing(self, code):
        run = python(code)
        assert run.returncode == 1
        assert "PrefectNotFoundError: rehandle found no Prefect in this Python: install the release" in run.stderr


@pytest.mark.prefect("2", "4")
class TestWithALaterPrefect:
    def test_installing_refuses(self):
        run = python("import rehandle.auto")
        assert run.returncode == 1
        assert "PrefectUnsupportedError: rehandle's shim is for Prefect 0.4.1 to 1.4, and the installed" in run.stderr


class TestPatches:
    class Base:
        inherited = "base"

    def test_own_inherited_and_new_attributes_come_back(self):
        class Child(self.Base):
            own = "child"

        patches = Patches()
        for name in ("own", "inherited", "new"):
            patches.set_attribute(Child, name, "patched")
        assert Child.own == Child.inherited == Child.new == "patched"
        patches.undo()
        assert (Child.own, Child.inherited) == ("child", "base")
        assert not hasattr(Child, "new")
        assert "inherited" not in vars(Child)

    def test_a_later_patch_of_somebody_else_stays(self):
        class Child(self.Base):
            own = "child"

        patches = Patches()
        patches.set_attribute(Child, "own", "ours")
        Child.own = "theirs"
        patches.undo()
        assert Child.own == "theirs"

    def test_the_same_place_twice(self):
        patches = Patches()
        items = {"kept": 1}
        patches.set_item(items, "kept", 2)
        patches.set_item(items, "kept", 3)
        patches.set_item(items, "new", 4)
        patches.undo()
        assert items == {"kept": 1}


def test_importing_rehandle_is_quiet_and_imports_no_prefect():
    run = python("import sys, rehandle; print('prefect' in sys.modules)", "-W", "error")
    assert (run.returncode, run.stdout, run.stderr) == (0, "False\n", "")


def test_show_imports_neither_prefect_nor_an_sdk(tmp_path):
    (tmp_path / "stored").write_bytes(pickle.dumps(1))
    code = (
        "import sys, rehandle.__main__ as command\n"
        "command.main(['show', '--value', 'stored'])\n"
        "assert not {'prefect', 'boto3', 'google.cloud.storage', 'azure.storage.blob'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=str(tmp_path))
    assert done.returncode == 0, done.stderr.decode()
