"""Every message of every rule: one sentence that names its subject, in words that everybody knows."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import NamedTuple

import pytest
from message_cases import FILES, UNSEEN
from message_grammar import faults, templates
from one_path import CORE, JOBS, PROJECTS
from one_path import KINDS as KINDS_OF_ONE_PATH
from repositories import CASES, read_case, write_files
from rule_examples import EXAMPLES
from test_prefect_3 import FLOW, START, STOPS

from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR
from rehandle_codemods.options import PREFECT_3, SHIM, Options
from rehandle_codemods.prefect3.run import run as run_for_prefect_3
from rehandle_codemods.progress import silent

pytestmark = pytest.mark.once

KINDS = "task flow state template Prefect file called"
CHOICES = [Options(other_api=True), Options(other_api=True, runtime=False), Options(other_api=True, target=SHIM)]


class Said(NamedTuple):
    """A message, and the files that it is about.

    Attributes:
        code: its rule.
        message: the message.
        source: the files and their names.
        named: the lines that it is about, and the file's name.
    """

    code: str
    message: str
    source: str
    named: str


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """Every message about every case, example and small file."""
    repositories = [read_case(path).before for path in sorted(CASES.rglob("*.case"))]
    repositories += [{"example.py": before} for before, _ in EXAMPLES.values()] + FILES
    for_prefect_3 = [read_case(path).before for path in sorted(CASES.with_name("cases_for_prefect_3").rglob("*.case"))]
    for_prefect_3 += [{"flow.py": START + code} for code, *_ in STOPS]
    for_prefect_3.append({"flow.py": START + FLOW, "other.py": "from flow import f\nf.run()\n"})
    found = []
    home = os.getcwd()
    for files, prefect_3 in [*((each, False) for each in repositories), *((each, True) for each in for_prefect_3)]:
        folder = tmp_path_factory.mktemp("repository")
        write_files(folder, files)
        os.chdir(folder)
        try:
            if prefect_3:
                found += _said(files, run_for_prefect_3(["."], silent, Options(target=PREFECT_3), {}))
            else:
                for options in CHOICES:
                    found += _said(files, run(["."], options=options))
        finally:
            os.chdir(home)
            shutil.rmtree(folder)
    for core, jobs, *_ in KINDS_OF_ONE_PATH.values():
        folder = tmp_path_factory.mktemp("repository")
        files = {**PROJECTS, CORE: core, JOBS: jobs}
        write_files(folder, files)
        subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
        os.chdir(folder)
        try:
            for path in ("libs", "jobs"):
                found += _said(files, run([path]))
        finally:
            os.chdir(home)
            shutil.rmtree(folder)
    return list(dict.fromkeys(found))


def _said(files, outcome):
    source = "\n".join([*files, *files.values()])
    for finding in outcome.findings:
        lines = outcome.sources.get(finding.origin, "").split("\n")
        place = lines[finding.location[0] - 1 : finding.end_location[0] + 1]
        if finding.status != ERROR:
            # What keeps a file from Prefect 3 is said in the same words for each place: they name the kind of thing.
            kinds = [KINDS] if finding.code == "RH503" else []
            yield Said(finding.code, finding.message, source, "\n".join([finding.filename, *place, *kinds]))


def test_every_message_is_one_sentence_that_a_person_understands(said):
    wrong = {f"{each.code} {each.message}: {fault}" for each in said for fault in faults(*each[1:])}
    assert not wrong, "\n".join(sorted(wrong))


def test_every_text_in_the_code_is_in_a_message(said):
    messages = {each.message for each in said}
    unseen = [each for each in templates() if not any(each.pattern.search(message) for message in messages)]
    assert {(place.partition(":")[0], text) for place, text, _ in unseen} == UNSEEN


NAMED = "flow.py\nflow = Flow('f', result_handler=made())"
# What is refused, and the fault that is found.
BAD = [
    ("what made returns can't be told", "it says"),
    ("made is called in flow.py:1. It is read, too. Write it by hand", "more than one sentence"),
    ("made is called in flow.py:1.", "closed"),
    ("made stays: it is called: look", "colon"),
    ("something is not as it should be", "names nothing"),
    ("made is an AttributeOf of the FlowGraph", "AttributeOf is a name"),
    ("made is in _leaf_problem", "_leaf_problem is a name"),
    ("made is rehandle_codemods.flow", "shows an object"),
    ("made is <ast.Call object at 0x7f>", "shows an object"),
    ("made is Reason(text='x')", "shows an object"),
    ("made is is called in flow.py:1", "doubled"),
    ("made is called in a way that " + "goes on and on " * 20, "longer"),
]


@pytest.mark.parametrize(("message", "fault"), BAD)
def test_a_bad_message_is_refused(message, fault):
    assert any(fault in found for found in faults(message, NAMED, NAMED))


def test_a_good_message_is_not():
    message = "made() is known only when the code runs, so it is converted at run time. Write to_result(made())"
    assert faults(message, NAMED, NAMED) == []
