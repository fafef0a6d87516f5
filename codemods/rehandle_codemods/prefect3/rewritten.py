"""A straight-line file as Prefect 3 has it: the changes of libcst's nodes."""

from __future__ import annotations

import ast
from functools import partial
from typing import Iterator, Mapping, Sequence, TypeVar

import libcst as cst

from rehandle_codemods.index.imported_names import ImportedName
from rehandle_codemods.prefect3.options import storing
from rehandle_codemods.prefect3.parts import FLOW, TASK_DECORATOR, UNMAPPED, Flow, Run, Task
from rehandle_codemods.prefect3.straight_line import File
from rehandle_codemods.rewrite import imports
from rehandle_codemods.rewrite.arguments import leave_out
from rehandle_codemods.rewrite.code import RefusedError, attribute_of, comments
from rehandle_codemods.rewrite.statements import NodeChange, WholeLine

_KEPT = {TASK_DECORATOR: "task", UNMAPPED: "unmapped"}
Statement = TypeVar("Statement", bound=cst.CSTNode)
_WIDTH = 88
_APART = 2
"""Empty lines round a function."""


class Rewriting:
    """The changes of one file.

    Attributes:
        changes: them.
        changed_tasks: the tasks that get other options.
    """

    def __init__(self, file: File) -> None:
        """Find them.

        Args:
            file: what is in the file.

        Raises:
            StoppedError: an option of a task or flow has no certain counterpart.
        """
        self.file = file
        self.module = file.module
        self.text = file.module.text
        self.changes: list[NodeChange] = []
        self.changed_tasks: list[Task] = []
        self._more: dict[str, None] = {}
        self._dropped: list[ast.AST] = []
        self._flow_name = self._free("flow")
        self._several_places = len(file.places) > 1
        for flow in file.flows.values():
            self._flow(flow)
        for task in file.tasks.values():
            self._task(task)
        for run in file.runs:
            self.changes.append((run.statement, partial(_run, code=self._run(run))))
        for node, name in file.reads:
            self.changes.append((node, partial(_replaced, code=name)))
        self.changes += [(statement, _gone) for statement in file.assigned]
        self._dropped += file.assigned
        self._imports()

    def _free(self, name: str) -> str:
        """What the file calls Prefect 3's flow: as it calls `Flow`, or by a name that nothing has."""
        for local, canonical in self.file.names.of_prefect.items():
            if canonical == FLOW and local != "Flow":
                return local
        return f"prefect_{name}" if name in self.module.root.bindings else name

    # Tasks

    def _task(self, task: Task) -> None:
        options = self.file.options_of(task)
        if self._several_places and "result_storage_key" in options.keywords:
            # A flow of Prefect 3 remembers results by their keys alone, whatever storage they are in.
            options.keywords["cache_result_in_memory"] = "False"
        called = task.decorator.func if isinstance(task.decorator, ast.Call) else task.decorator
        new = _called(self.text(called), options.keywords)
        if new != self.text(task.decorator):
            self.changed_tasks.append(task)
            self.changes.append((task.decorator, partial(_replaced, code=new)))
        self._more.update(dict.fromkeys(options.imports))
        kept = "".join(options.keywords.values())
        self._dropped += [keyword.value for keyword in task.keywords if self.text(keyword.value) not in kept]

    # Flows

    def _flow(self, flow: Flow) -> None:
        name = next(node for node in [*flow.call.args, *(k.value for k in flow.call.keywords if k.arg == "name")])
        options = {"name": self.text(name), **storing(flow.stored)}
        self._more.update(dict.fromkeys(flow.stored.imports if flow.stored is not None else ()))
        self._dropped += [keyword.value for keyword in flow.call.keywords]
        defaults = [
            (parameter, "" if default is None else self._default(default))
            for parameter, default in sorted(flow.parameters.items(), key=lambda item: item[1] is not None)
        ]
        parameters = ", ".join(f"{parameter}={default}" if default else parameter for parameter, default in defaults)
        head = f"@{_called(self._flow_name, options)}\ndef {flow.name}({parameters}):\n    pass\n"
        returned = ", ".join(flow.renamed.get(read, read) for read in flow.read)
        self.changes.append((flow.node, partial(_function, head=head, returned=returned)))
        self.changes += [(statement, _gone) for statement in flow.gone]
        self._dropped += flow.gone
        for call in flow.upstream:
            number = next(number for number, keyword in enumerate(call.keywords) if keyword.arg == "upstream_tasks")
            self.changes.append((call, partial(leave_out, number=len(call.args) + number)))
        self.changes += [(call, _awaited) for call in flow.mapped]
        for node in ast.walk(flow.node):
            renamed = flow.renamed.get(node.id, node.id) if isinstance(node, ast.Name) else ""
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and renamed != node.id:
                self.changes.append((node, partial(_replaced, code=renamed)))
        self._space_after(flow.node)

    def _default(self, node: ast.expr) -> str:
        return self.text(node) if hasattr(node, "lineno") else "None"

    def _space_after(self, node: ast.stmt) -> None:
        body: Sequence[ast.stmt] = self.module.tree.body
        rest = body[body.index(node) + 1 :] if node in body else []
        if rest and not isinstance(rest[0], ast.With):
            simple = not hasattr(rest[0], "body")
            self.changes.append((rest[0], WholeLine(_apart) if simple else _apart))

    def _run(self, run: Run) -> str:
        given = ", ".join(f"{name}={self.text(value)}" for name, value in run.given.items())
        call = f"{run.flow.name}({given})"
        return f"{', '.join(run.flow.read)} = {call}" if run.flow.read and run.state else call

    # Imports

    def _imports(self) -> None:
        nodes = [node for node in self.module.tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
        used = self._used()
        more = [ImportedName(name.rpartition(".")[0], name.rpartition(".")[2]) for name in self._more]
        for node in nodes:
            wanted = [list(self._kept(node, alias, used)) for alias in node.names]
            same = all(
                len(names) == 1 and names[0].local == (alias.asname or alias.name)
                for names, alias in zip(wanted, node.names)
            )
            first_of_prefect = isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "prefect"
            if isinstance(node, ast.Import):
                if not same:
                    self.changes.append((node, partial(imports.changed_modules, names=wanted)))
                continue
            if not same or any(names[0].name != alias.name for names, alias in zip(wanted, node.names)):
                self.changes.append((node, partial(imports.changed, names=wanted)))
            if more and first_of_prefect:
                self.changes.append((node, partial(imports.with_imports, names=more)))
                more = []

    def _kept(
        self, node: ast.Import | ast.ImportFrom, alias: ast.alias, used: Mapping[str, bool]
    ) -> Iterator[ImportedName]:
        local = alias.asname or alias.name
        module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        canonical = self.file.names.of_prefect.get(local, "")
        if isinstance(node, ast.ImportFrom) and node.level:
            yield ImportedName("." * node.level + module, alias.name, alias.asname or "")
        elif canonical == FLOW:
            yield ImportedName("prefect", "flow", self._flow_name if self._flow_name != "flow" else "")
        elif canonical in _KEPT:
            yield ImportedName("prefect", _KEPT[canonical], alias.asname or "")
        elif not canonical and used.get(local.split(".")[0], True):
            yield ImportedName(module, alias.name, alias.asname or "")

    def _used(self) -> dict[str, bool]:
        """Of the names that are used at all, whether they still are."""
        gone = {part for node in self._dropped for part in ast.walk(node)}
        found: dict[str, bool] = {}
        for node in self.module.analysis.nodes:
            if isinstance(node, ast.Name):
                found[node.id] = found.get(node.id, False) or node not in gone
        return found


def _called(name: str, keywords: Mapping[str, str]) -> str:
    """A decorator, in one line where there is room."""
    given = [f"{keyword}={value}" for keyword, value in keywords.items()]
    line = f"{name}({', '.join(given)})"
    if len(line) >= _WIDTH:
        return "\n".join([f"{name}(", *(f"    {each}," for each in given), ")"])
    return line if given else name


# What becomes of libcst's nodes


def _gone(node: cst.CSTNode) -> cst.RemovalSentinel:
    return cst.RemoveFromParent()


def _replaced(node: cst.BaseExpression, code: str) -> cst.BaseExpression:
    if comments(node):
        raise RefusedError("Put the comment inside of it elsewhere")
    return cst.parse_expression(code)


def _run(node: cst.BaseSmallStatement, code: str) -> cst.BaseSmallStatement:
    line = cst.parse_statement(code)
    assert isinstance(line, cst.SimpleStatementLine)
    return line.body[0]


def _awaited(node: cst.BaseExpression) -> cst.Call:
    """The values of mapped runs, which `map` of Prefect 3 doesn't wait for."""
    return cst.Call(attribute_of(node, "result"))


def _function(node: cst.With, head: str, returned: str) -> cst.FunctionDef:
    function = cst.parse_statement(head)
    assert isinstance(function, cst.FunctionDef)
    assert isinstance(node.body, cst.IndentedBlock)
    body = list(node.body.body)
    if returned:
        expression = cst.parse_expression(returned)
        body.append(cst.SimpleStatementLine([cst.Return(expression)]))
    if not body:
        body.append(cst.SimpleStatementLine([cst.Pass()]))
    return _apart(function.with_changes(body=node.body.with_changes(body=body), leading_lines=node.leading_lines))


def _apart(node: Statement) -> Statement:
    """A statement with two empty lines before it, and its comments."""
    lines = list(node.leading_lines)  # type: ignore[attr-defined]  # every statement has them
    empty = next((number for number, line in enumerate(lines) if line.comment is not None), len(lines))
    return node.with_changes(leading_lines=[cst.EmptyLine(indent=False)] * (_APART - empty) + lines)
