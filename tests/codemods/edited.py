"""What a rewrite may change: the places that it reports, and nothing else, token by token."""

import ast
import re
from difflib import SequenceMatcher
from typing import NamedTuple

from rehandle_codemods.findings import LEFT, NOTE, REWRITTEN, RUNTIME

# The whole of what one finding may be about. Any other finding is about its own place alone.
_CONSTRUCTS = (ast.Call, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.Compare, ast.Delete, ast.Dict)
# Of these, more: a class, or a statement with its indentation.
_KINDS = {"RH105": ast.ClassDef, "RH112": ast.stmt}
# What uses of a reported variable, parameter or key become.
_FOLLOWING = {"RH112": (".value", ""), "RH120": ("result_handler", "result")}
_WORD = re.compile(r"\w+|\s|.")
_IMPORT = re.compile(r"\s*(from \S+ )?import .*|\s*")


class Difference(NamedTuple):
    """Offsets in bytes of the text before, and what is there in the text after."""

    start: int
    end: int
    text: str


def differences(before, after):
    """Where two texts differ: line by line, and word by word in lines that others took the place of."""
    found = []
    for old, new, place in compared(before.splitlines(keepends=True), after.splitlines(keepends=True), 0):
        pairs = zip(old, new) if len(old) == len(new) else [("".join(old), "".join(new))]
        for old_line, new_line in pairs:
            for words, others, start in compared(_WORD.findall(old_line), _WORD.findall(new_line), place):
                end = start + len("".join(words).encode("utf-8"))
                found.append(Difference(start, end, "".join(others)))
            place += len(old_line.encode("utf-8"))
    return found


def compared(before, after, start):
    """The parts that differ of two lists of texts, with the offset of the first in bytes."""
    done = 0
    for kind, first, last, begin, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        start += len("".join(before[done:first]).encode("utf-8"))
        done = first
        if kind != "equal":
            yield before[first:last], after[begin:end], start


def assert_only_reported_tokens_change(before, after, findings):
    """What differs is inside what is reported as changed.

    Args:
        before: the file as it was.
        after: the file as it is.
        findings: the findings in the file.
    """
    changes = differences(before, after)
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
    allowed = import_sections(nodes, data)
    allowed += [(first, last) for first, last, node in nodes if is_export(node)]
    for finding in findings:
        if finding.status in (REWRITTEN, RUNTIME):
            kinds = _KINDS.get(finding.code, _CONSTRUCTS)
            first, last = construct(span(finding), nodes, kinds, outer=finding.code == "RH123")
            first = starts[finding.location[0] - 1] if kinds is ast.stmt else first
            # A class ends where its last line does.
            allowed.append((first, data.find(b"\n", last) + 1 or last) if kinds is ast.ClassDef else (first, last))
    following = {_FOLLOWING[finding.code] for finding in findings if finding.code in _FOLLOWING}
    allowed = joined(allowed)
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


def joined(spans):
    """Spans, those that overlap or touch as one."""
    found = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def import_sections(nodes, data):
    """Imports that stand together: one may go with its line, or its names to another one."""
    sections = []
    for first, last, node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            start = first - node.col_offset
            if sections and not data[sections[-1][1] : start].strip():
                start = sections.pop()[0]
            # A comment at the end of its line goes with it, and so do empty lines.
            after = data[data.find(b"\n", last) + 1 or last :]
            sections.append((start, len(data) - len(after.lstrip(b"\r\n"))))
    return sections


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
