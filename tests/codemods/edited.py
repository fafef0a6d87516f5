"""What a rewrite may change: the places that it reports, and nothing else, token by token."""

import ast
import contextlib
import io
import re
import tokenize
from unittest import mock

from rehandle_codemods.findings import LEFT, NOTE, REWRITTEN, RUNTIME
from rehandle_codemods.rewrite import edits

# The whole of what one finding may be about. Any other finding is about its own place alone.
_CONSTRUCTS = (ast.Call, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Compare, ast.Delete, ast.Dict)
# Of these, more: a class, or a statement with its indentation.
_KINDS = {"RH105": ast.ClassDef, "RH112": ast.stmt}
# What uses of a reported variable, parameter or key become.
_FOLLOWING = {"RH112": (".value", ""), "RH120": ("result_handler", "result")}
_IMPORT = re.compile(r"\s*(from \S+ )?import .*|\s*")


@contextlib.contextmanager
def recorded():
    """Keep what `edits.apply` is given, by the text that it changes."""
    given = {}
    apply = edits.apply

    def recording(data, changes):
        given[data.decode("utf-8")] = list(changes)
        return apply(data, given[data.decode("utf-8")])

    with mock.patch.object(edits, "apply", recording):
        yield given


def assert_only_reported_tokens_change(before, after, changes, findings):
    """The edits are inside what is reported as changed, and every token outside them is as it was.

    Args:
        before: the file as it was.
        after: the file as it is.
        changes: the edits.
        findings: the findings in the file.
    """
    assert_same_tokens(before, after, changes)
    data = before.encode("utf-8")
    starts = [0]
    for line in data.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def span(finding):
        ends = []
        for row, column in (finding.location, finding.end_location):
            line = data[starts[row - 1] : starts[row]].decode("utf-8")
            ends.append(starts[row - 1] + len(line[: column - 1].encode("utf-8")))
        return tuple(ends)

    tree = ast.parse(before)
    nodes = [
        (starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset, node)
        for node in ast.walk(tree)
        if hasattr(node, "lineno")
    ]
    # A whole import goes with its line.
    allowed = [
        (first - node.col_offset, last + 2)
        for first, last, node in nodes
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    allowed += [(first, last) for first, last, node in nodes if is_export(node)]
    for finding in findings:
        if finding.status in (REWRITTEN, RUNTIME):
            kinds = _KINDS.get(finding.code, _CONSTRUCTS)
            first, last = construct(span(finding), nodes, kinds, outer=finding.code == "RH123")
            first = starts[finding.location[0] - 1] if kinds is ast.stmt else first
            # A class ends where its last line does.
            allowed.append((first, data.find(b"\n", last) + 1 or last) if kinds is ast.ClassDef else (first, last))
    following = {_FOLLOWING[finding.code] for finding in findings if finding.code in _FOLLOWING}
    for edit in changes:
        inserted = edit.start == edit.end and all(_IMPORT.fullmatch(line) for line in edit.text.splitlines())
        inside = any(start <= edit.start and edit.end <= end for start, end in allowed)
        follows = (data[edit.start : edit.end].decode("utf-8"), edit.text) in following
        assert inserted or inside or follows, f"{edit} isn't reported"
    untouched = [span(finding) for finding in findings if finding.status in (LEFT, NOTE) and not finding.remark]
    imports = [node[:2] for node in nodes if isinstance(node[2], (ast.Import, ast.ImportFrom))]
    for start, end in untouched:
        if not any(first <= start and end <= last for first, last in imports):
            assert not [edit for edit in changes if edit.start < end and start < edit.end], "what is left is edited"


def construct(span, nodes, kinds, *, outer):
    """The smallest construct that has a place in it, or that has one round it: an argument may be a call too."""
    around = [
        (last - first, (first, last))
        for first, last, node in nodes
        if isinstance(node, kinds) and first <= span[0] - outer and span[1] <= last
    ]
    return min(around)[1] if around else span


def is_export(node):
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"


def assert_same_tokens(before, after, changes):
    changes = sorted(changes, key=lambda edit: (edit.start, edit.end))
    there = set(tokens(after))
    for start, text in tokens(before):
        end = start + len(text.encode("utf-8"))
        if any(edit.start < end and start < edit.end for edit in changes):
            continue
        moved = sum(len(edit.text.encode("utf-8")) - (edit.end - edit.start) for edit in changes if edit.end <= start)
        assert (start + moved, text) in there, f"the token {text!r} at byte {start} is another one"


def tokens(text):
    """The offsets in bytes and the texts of all tokens but white space."""
    lines = text.encode("utf-8").split(b"\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.string.strip():
            column = len(token.line[: token.start[1]].encode("utf-8"))
            if "\n" in token.line[: token.start[1]]:
                column = len(lines[token.start[0] - 1].decode("utf-8")[: token.start[1]].encode("utf-8"))
            yield starts[token.start[0] - 1] + column, token.string
