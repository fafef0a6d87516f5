"""Every token of the old API's names is in a finding, or in a list of what has certainly nothing to do with it."""

from __future__ import annotations

import re

import generated
import pytest
from audit import NAMES, places, tokens, unaccounted
from hypothesis import HealthCheck, Phase, given, seed, settings
from repositories import CASES, read_case, write_files

from rehandle.mapping import HANDLERS

ALL = {path.relative_to(CASES).with_suffix("").as_posix(): path for path in sorted(CASES.rglob("*.case"))}
EXAMPLES = 60
# Lines of cases by the case, and why nothing has to be said of them. Cases below nothing/ are about such code alone.
UNRELATED = {
    "RH101/checked_by_version": [("JSONResultHandler = None", "another binding of the name that is imported")],
    "RH101/try_import": [("GCSResultHandler = None", "another binding of the name that is imported")],
    "RH101/imported_by_a_class": [("self.handlers.LocalResultHandler", "it stays, and so does what the class imports")],
    "RH102/fields_of_dataclasses": [("derived.result_handler", "a field of the file's own class")],
    "RH202/attributes_that_may_be_something_else": [("self.", "an attribute of the file's own class")],
    "RH202/class_patterns": [("case Bus(", "a class of the file's own")],
    "RH202/classes_of_other_distributions": [
        ("substrate = SubstrateInterface(", "another library's"),
        ("watcher = Watcher(", "a thread"),
    ],
    "RH202/fields_of_objects": [("self.result_handler = None", "a field of an own class, reported where it is spread")],
    "RH202/functions_of_other_distributions": [
        ("other.listen(", "another library's callback: a function, or no handler"),
        ("other.BUS.result_handler", "another library's attribute, which is set to a function and called"),
    ],
    "RH202/prefect_only_in_rehandles_place": [("from rehandle.handlers import", "it is migrated")],
    "RH202/prefect_through_another_module": [("each.result_handler = None", "a file that has nothing of Prefect's")],
    "RH205/star_import_exported_again": [("from flows.more import", "the import of the file's own module stays")],
    "RH205/star_import_in_a_package": [("from app import", "the import of the file's own module stays")],
    "RH220/environment": [("os.environ[", "the value of a setting that is reported")],
}
# The same in generated files.
UNRELATED_GENERATED = {
    r".*" + re.escape(generated.MARK) + "$": "said to be another library's",
    r"LocalResultHandler = None": "another binding of the name that is imported",
    r"state\d = Failed\(.*SafeResult\(": "no name of the file: nothing binds SafeResult",
    r"t\d = unknown_factory\(": "no name of the file: nothing binds unknown_factory",
    r".*\bbox\d\.result_handler": "an attribute of the file's own class",
    r"self\.result_handler = result_handler": "an attribute of the file's own class",
}


def test_the_names_are_those_of_the_table():
    assert set(HANDLERS) < NAMES
    assert {"result_handler", "result_handlers", "local_result_handler", "LocalStorageHandler"} < NAMES


@pytest.mark.parametrize("name", [name for name in ALL if not name.startswith("nothing/")])
def test_cases(name, repository):
    files = read_case(ALL[name]).before
    write_files(repository, files)
    known = dict(UNRELATED.get(name, ()))
    silent = [f"{path}:{token.row}: {token.line}" for path, token in unaccounted(files)]
    assert [line for line in silent if not any(part in line for part in known)] == []
    assert [part for part in known if not any(part in line for line in silent)] == [], "it is reported now"


def test_generated_repositories(tmp_path, monkeypatch):
    found = []

    @seed(1)
    @settings(max_examples=EXAMPLES, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(files=generated.repositories())
    def collect(files):
        found.append(files)

    collect()
    silent, seen = [], 0
    for number, files in enumerate(found):
        write_files(tmp_path / str(number), files)
        monkeypatch.chdir(tmp_path / str(number))
        seen += sum(1 for text in files.values() for _ in tokens(text))
        silent += [token.line.strip() for _, token in unaccounted(files)]
    assert [line for line in silent if not any(re.match(known, line) for known in UNRELATED_GENERATED)] == []
    assert seen > 10 * EXAMPLES


def test_what_nothing_is_said_of_is_seen():
    text = 'import prefect\n\nflow = prefect.Flow("f", result_handler=None)  # result_handler\n'
    accounted = places(text, [])
    assert [(token.name, token.kind) for token in tokens(text) if not accounted(token)] == [
        ("result_handler", "name"),
        ("result_handler", "comment"),
    ]
