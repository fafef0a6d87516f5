"""Deciding: asking a rule changes nothing, whatever was asked before."""

from __future__ import annotations

import dataclasses
import sys
from functools import partial

import pytest
from repositories import read_case, write_files
from test_cases import ALL, case_id

from rehandle_codemods import rules
from rehandle_codemods.decide.decisions import decided
from rehandle_codemods.decide.places import Setting
from rehandle_codemods.engine import decide
from rehandle_codemods.engine.run import run


def plain(value):
    """A verdict as data that can be compared: changes of nodes are functions with what they are given."""
    if isinstance(value, partial):
        return type(value), value.func, plain(value.args), plain(sorted(value.keywords.items()))
    if dataclasses.is_dataclass(value):
        return type(value), [plain(getattr(value, field.name)) for field in dataclasses.fields(value)]
    if isinstance(value, (tuple, list)):
        return [plain(part) for part in value]
    return value


@pytest.fixture
def asked(monkeypatch):
    """Everything that is asked in a run: the place, the decisions, and what is answered."""
    found = []
    ask = decide.ask

    def recording(place, decisions):
        verdict = ask(place, decisions)
        found.append((place, decisions, plain(verdict)))
        return verdict

    monkeypatch.setattr(decide, "ask", recording)
    return found, ask


@pytest.mark.parametrize("path", ALL, ids=case_id)
def test_asking_twice(path, repository, asked):
    write_files(repository, read_case(path).before)
    run(["."])
    found, ask = asked
    # The last places first: nothing that a rule was asked before counts.
    for place, decisions, said in reversed(found):
        assert plain(ask(place, decisions)) == said
    anew = {}
    for place, decisions, said in reversed(found):
        if decisions not in anew:
            anew[decisions] = decided(decisions.flow, decisions.options, decisions.protection)
        assert plain(ask(place, anew[decisions])) == said


def kept():
    """What modules of rules have beside functions and classes."""
    modules = [module for name, module in sys.modules.items() if name.startswith("rehandle_codemods.rules.rh")]
    assert len(modules) == len(rules.codes())
    return {
        (module.__name__, name): repr(value)
        for module in modules
        for name, value in vars(module).items()
        if not name.startswith("__") and not callable(value)
    }


def test_rules_keep_nothing(repository):
    assert list(rules.asked(Setting, in_prefect_source=False))  # they are imported by then
    before = kept()
    for number, path in enumerate(ALL):
        write_files(repository / str(number), read_case(path).before)
    run(["."])
    assert kept() == before


def test_places_and_verdicts_are_values(repository, asked):
    write_files(repository, {"flow.py": "from prefect import Flow\n\nflow = Flow('f', result_handler=None)\n"})
    run(["."])
    ((place, decisions, _),) = asked[0]
    assert place == dataclasses.replace(place)
    assert {place, dataclasses.replace(place)} == {place}
    with pytest.raises(dataclasses.FrozenInstanceError):
        place.span = (0, 0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        place.module.path = "elsewhere.py"
    with pytest.raises(dataclasses.FrozenInstanceError):
        decisions.values = None
