"""A mistake of ours costs the file that it happens with, and what builds on that; never a file's content."""

import pytest
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.decide import collect, demands
from rehandle_codemods.engine import changes, decide, new_imports
from rehandle_codemods.flow import receivers, uses
from rehandle_codemods.index import project, related_files, related_names

pytestmark = pytest.mark.prefect(None)
OLD = "from prefect import Flow\n\nflow = Flow('f', result_handler=None)\n"
NEW = OLD.replace("result_handler", "result")
IMPORTING = "from prefect.engine.result_handlers import LocalResultHandler\n\n"
# What each step calls with a module, in the order of the steps.
STEPS = [
    (project, "parse"),
    (related_names, "statements"),
    (uses.Uses, "_collect"),
    (receivers.Receivers, "call"),
    (demands, "bindings_of"),
    (collect, "collect"),
    (new_imports, "additions"),
    (changes, "changed"),
]


def failing_for(name, function, error):
    """A function that fails as soon as a module, or a path, is given to it."""

    def failing(*arguments, **keywords):
        if any(str(getattr(one, "path", one)).endswith(name) for one in arguments):
            raise error
        return function(*arguments, **keywords)

    return failing


def found(capsys):
    """The errors that are printed, without the rule's link."""
    return [line for line in capsys.readouterr().out.splitlines() if " RH901 " in line]


@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[f"{owner.__name__}.{name}" for owner, name in STEPS])
def test_each_step(owner, name, repository, capsys, monkeypatch):
    files = dict.fromkeys(("a.py", "b.py", "c.py"), IMPORTING + OLD)
    write_files(repository, files)
    monkeypatch.setattr(owner, name, failing_for("a.py", getattr(owner, name), ZeroDivisionError("odd")))
    assert main(["migrate"]) == 2
    (error,) = found(capsys)
    message = "can't be analysed, it is left as it is (ZeroDivisionError: odd). Please report this as a bug"
    assert error == f"a.py:1:1: RH901 {message}"
    after = {name: (repository / name).read_text("utf-8") for name in files}
    assert after["a.py"] == files["a.py"]
    assert after["b.py"] == after["c.py"] != files["b.py"]


@pytest.mark.parametrize("error", [RecursionError(), MemoryError(), AssertionError("odd"), SyntaxError("odd")])
def test_each_error(error, repository, capsys, monkeypatch):
    write_files(repository, {"a.py": OLD, "b.py": OLD})
    monkeypatch.setattr(collect, "collect", failing_for("a.py", collect.collect, error))
    assert main(["migrate"]) == 2
    (said,) = found(capsys)
    assert said.startswith(f"a.py:1:1: RH901 can't be analysed, it is left as it is ({type(error).__name__}")
    assert ((repository / "a.py").read_text("utf-8"), (repository / "b.py").read_text("utf-8")) == (OLD, NEW)


def test_a_rule_costs_its_place_alone(repository, capsys, monkeypatch):
    text = (
        "from prefect import Flow\nfrom prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler\n\n"
        "one = LocalResultHandler('one')\nflow = Flow('a', result_handler=one)\n"
        "other = Flow('b', result_handler=JSONResultHandler())\nlast = Flow('c', result_handler=None)\n"
    )
    write_files(repository, {"a.py": text, "b.py": OLD})

    def failing(place, decisions):
        if place.module.source.position(place.span[0])[0] == 5:
            raise KeyError("odd")
        return ask(place, decisions)

    ask = decide.ask
    monkeypatch.setattr(decide, "ask", failing)
    assert main(["migrate"]) == 2
    out = capsys.readouterr().out
    said = "a.py:5:18: RH901 can't be analysed, it is left as it is (KeyError: 'odd'). Please report this as a bug"
    assert said in out
    assert "a.py:4:7: RH201 [by hand]" in out
    after = (repository / "a.py").read_text("utf-8")
    assert "other = Flow('b', result=PrefectResult())\nlast = Flow('c', result=None)\n" in after
    assert "one = LocalResultHandler('one')\nflow = Flow('a', result_handler=one)\n" in after
    assert (repository / "b.py").read_text("utf-8") == NEW


def test_what_builds_on_such_a_file_stays_too(repository, capsys, monkeypatch):
    files = {
        "handlers.py": IMPORTING + "kept = LocalResultHandler('/data')\n",
        "flow.py": "from handlers import kept\nfrom prefect import Flow\n\nflow = Flow('f', result_handler=kept)\n",
        "other.py": OLD,
    }
    write_files(repository, files)
    failing = failing_for("handlers.py", changes.changed, ZeroDivisionError())
    monkeypatch.setattr(changes, "changed", failing)
    assert main(["migrate", "--no-runtime"]) == 2
    out = capsys.readouterr().out
    assert "handlers.py:1:1: RH901" in out
    assert "flow.py:4:18: RH108 [by hand]" in out
    assert {name: (repository / name).read_text("utf-8") for name in files} == {**files, "other.py": NEW}


def test_a_text_that_would_be_wrong(repository, capsys, monkeypatch):
    marked = OLD + "odd = 1\n"
    write_files(repository, {"a.py": marked, "b.py": OLD})
    with_edits = changes.with_edits
    monkeypatch.setattr(changes, "with_edits", lambda data, parts: with_edits(data, parts) + b")" * (b"odd" in data))
    assert main(["migrate"]) == 2
    (said,) = found(capsys)
    assert said.startswith("a.py:1:1: RH901 the rewritten file would be wrong (unmatched ')'")
    assert ((repository / "a.py").read_text("utf-8"), (repository / "b.py").read_text("utf-8")) == (marked, NEW)


def test_many_files(repository, capsys, monkeypatch):
    names = [f"m{number}.py" for number in range(40)]
    write_files(repository, dict.fromkeys(names, OLD))
    monkeypatch.setattr(collect, "collect", failing_for("7.py", collect.collect, ZeroDivisionError()))
    assert main(["migrate"]) == 2
    assert [line.partition(":")[0] for line in found(capsys)] == ["m17.py", "m27.py", "m37.py", "m7.py"]
    after = [(repository / name).read_text("utf-8") for name in names]
    assert after == [OLD if name.endswith("7.py") else NEW for name in names]


@pytest.mark.parametrize("how", ["no file is known", "too many files, one after the other"])
def test_giving_up(how, repository, capsys, monkeypatch):
    files = {f"m{number}.py": OLD for number in range(12)}
    write_files(repository, files)

    def failing(*arguments, **keywords):
        raise ZeroDivisionError("odd")

    if how == "no file is known":
        monkeypatch.setattr(related_files, "load_users", failing)
    else:
        monkeypatch.setattr(uses.Uses, "_collect", failing_for(".py", failing, ZeroDivisionError("odd")))
    assert main(["migrate"]) == 2
    message = "can't be analysed, and no file is changed (ZeroDivisionError: odd). Please report this as a bug"
    assert found(capsys) == [f"{name}:1:1: RH901 {message}" for name in sorted(files)]
    assert {name: (repository / name).read_text("utf-8") for name in files} == files
