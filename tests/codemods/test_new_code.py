"""The line that a finding says its own becomes is the line that `migrate` writes there."""

import re

import pytest
from repositories import CASES, read_case, write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.files.lines import split
from rehandle_codemods.findings import REWRITTEN, RUNTIME

ALL = {path.relative_to(CASES).with_suffix("").as_posix(): read_case(path) for path in sorted(CASES.rglob("*.case"))}

# What a line says of which a message says something: a pattern of the message, and what it makes of that.
SAYS = {
    r"^import ([\w.]+) instead of": r"\b{0}\b",
    r"(\w+) is imported from rehandle\.handlers": r"\b{0}\b",
    r"^pass result= instead of": r"\bresult\s*=",
    r"^pass task_args=dict\(result=\.\.\.\) instead": r"\bresult\b",
    r"^set result in task_args": r"\bresult\b",
    r"^use the attribute result instead of": r"\bresult\b",
    r"^write the key result instead of": r"\bresult\b",
    r"^let \w+ take result instead of": r"\bresult\b",
    r"^call read of the Result, and take \.value": r"\.value\b",
    r"^call write of the Result, and take \.location": r"\.location\b",
    r"^use \.location instead of": r"\blocation\b",
    r"^make a Result with location=": r"\blocation=",
    r"^make a Result with value=": r"\bvalue=",
    r"^make \w+ the Result (\w+)$": r"\b{0}\b",
}
ELSEWHERE = {
    "RH109/task_args_over_lines": "the argument goes into the lines above, and the line that is left is shown",
}
AT_THE_PLACE = re.compile(r"^(pass result= instead of result_handler=|use the attribute result instead of)")


def found_in(case, repository):
    write_files(repository, case.before)
    outcome = run(["."])
    return [finding for finding in outcome.findings if finding.status in (REWRITTEN, RUNTIME)], outcome.sources


@pytest.mark.parametrize("name", ALL)
def test_it_is_what_migrate_writes(name, repository):
    case = ALL[name]
    found, sources = found_in(case, repository)
    main(["migrate", "--quiet"])
    written = {path: split((repository / path).read_bytes().decode("utf-8")) for path in case.before}
    for finding in found:
        here = f"{finding.filename}:{finding.location[0]}: {finding.message}"
        before = split(sources[finding.origin])[finding.location[0] - 1]
        if finding.new_code is None:
            assert before in written[finding.filename], f"{here}: it doesn't stay"
        elif finding.new_code.line:
            line, column = finding.new_code
            assert line in written[finding.filename], f"{here}: {line!r} isn't written"
            assert line != before or finding.code == "RH101", f"{here}: it is the same"
            changed = before not in written[finding.filename]  # else one below it is shown
            for message, says in SAYS.items():
                said = re.search(message, finding.message)
                if said and changed and name not in ELSEWHERE:
                    assert re.search(says.format(*said.groups()), line), f"{here}: {line!r}"
            if AT_THE_PLACE.search(finding.message):
                assert line[column - 1 :].lstrip("'\"").startswith("result"), f"{here}: {line[column - 1 :]!r}"
        else:
            assert before not in written[finding.filename], f"{here}: it is still there"


def test_most_messages_say_what_a_line_says(repository):
    found = [finding for case in list(ALL.values())[:150] for finding in found_in(case, repository)[0]]
    said = [finding for finding in found if any(re.search(pattern, finding.message) for pattern in SAYS)]
    assert len(said) > len(found) / 2
