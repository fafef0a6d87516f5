"""Small repositories made at random from the patterns of real ones: what holds for each of them."""

from __future__ import annotations

import ast
import io
import os
import tokenize
from collections import Counter

import pytest
from edited import assert_only_reported_tokens_change
from repositories import write_files

pytest.importorskip("hypothesis", reason="needs hypothesis")

import generated
from hypothesis import HealthCheck, given, settings

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import ERROR, LEFT, NOTE, REWRITTEN

# For a long run by hand.
EXAMPLES = int(os.environ.get("REHANDLE_EXAMPLES", "60"))
DERANDOMIZE = "REHANDLE_EXAMPLES" not in os.environ


@settings(
    max_examples=EXAMPLES,
    derandomize=DERANDOMIZE,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(files=generated.repositories())
def test_what_holds_for_every_repository(files, tmp_path_factory):
    check_repository(files, tmp_path_factory.mktemp("repository"))


def check_repository(files, folder):
    before = os.getcwd()
    os.chdir(folder)
    try:
        write_files(folder, files)
        outcome = run(["."])
        assert not [finding for finding in outcome.findings if finding.status == ERROR]
        assert read_all(folder, files) == files
        main(["migrate"])
        after = read_all(folder, files)
        for name, text in after.items():
            ast.parse(text)
            assert comments(text) == comments(files[name]), "a comment is lost"
            found = [finding for finding in outcome.findings if finding.filename == os.path.join(*name.split("/"))]
            assert_only_reported_tokens_change(files[name], text, found)
            assert_others_untouched(files[name], text, found)
        again = run(["."])
        assert not again.changes, "a second run changes something"
        statuses = {finding.status for finding in again.findings}
        assert REWRITTEN not in statuses
        if LEFT not in {finding.status for finding in outcome.findings}:
            assert statuses <= {NOTE}
    finally:
        os.chdir(before)


def assert_others_untouched(before, after, findings):
    """Lines of other libraries are as they were, and nothing is said about them."""
    lines = [line for line in before.splitlines() if line.endswith(generated.MARK)]
    assert [line for line in after.splitlines() if line.endswith(generated.MARK)] == lines
    for finding in findings:
        row = before.splitlines()[finding.location[0] - 1]
        assert not row.endswith(generated.MARK), f"{finding} isn't about Prefect"


def comments(text):
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    found = [token.string for token in tokens if token.type == tokenize.COMMENT]
    # Those of one line may have been joined.
    return Counter(part.strip() for comment in found for part in comment.split("#") if part.strip())


def read_all(folder, files):
    return {name: (folder / name).read_text("utf-8") for name in files}
