"""Each place with legacy API in it is in exactly one finding, and a run in which that isn't so says so."""

from __future__ import annotations

import pytest
from repositories import write_files

from rehandle_codemods import rules
from rehandle_codemods.cli.commands import main
from rehandle_codemods.decide import collect
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR

FLOW = """from prefect import Flow, task
from prefect.engine.result_handlers import LocalResultHandler, ResultHandler

STORE = {}  # once there was a JSONResultHandler


class Store(ResultHandler):
    def read(self, key):
        return STORE[key]

    def write(self, value):
        STORE["key"] = value
        return "key"


flow = Flow("f", result_handler=LocalResultHandler())
other = Flow("o", result_handler=Store())
"""
PLACES = 7


@pytest.fixture
def flow(repository):
    write_files(repository, {"flow.py": FLOW})
    return repository / "flow.py"


def test_the_sums_of_the_summary(flow, capsys):
    outcome = run(["."])
    assert outcome.places == PLACES
    assert sum(finding.accounts for finding in outcome.findings) == PLACES
    main(["check"])
    summary = capsys.readouterr().out.splitlines()[-2]
    assert summary.startswith(f"{PLACES} places in 1 file: ")
    parts = summary.partition(": ")[2].partition(".")[0]
    assert sum(int(part.split()[0]) for part in parts.split(", ")) == PLACES


def without_a_rule(monkeypatch):
    asked = rules.asked
    fewer = lambda kind, **where: (found for found in asked(kind, **where) if found[0] != "RH301")  # noqa: E731
    monkeypatch.setattr(rules, "asked", fewer)


def with_one_place_twice(monkeypatch):
    collected = collect.collect
    monkeypatch.setattr(collect, "collect", lambda *given: collected(*given)[:1] + collected(*given))


@pytest.mark.parametrize("broken", [without_a_rule, with_one_place_twice])
def test_sums_that_do_not_add_up(broken, flow, monkeypatch, capsys):
    broken(monkeypatch)
    (error,) = [finding for finding in run(["."]).findings if finding.status == ERROR]
    assert error.code == "RH901"
    assert "internal error" in error.message
    assert main(["check"]) == 2
    assert main(["migrate"]) == 2
    assert "internal error" in capsys.readouterr().out
    assert flow.read_text("utf-8") == FLOW
