"""What straight-line files are made of: tasks, flows and the statements that run them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from rehandle_codemods.index import prefect_names
from rehandle_codemods.prefect3.storages import Stored

TASK_DECORATOR, FLOW = prefect_names.TASK_DECORATOR, prefect_names.FLOW
PARAMETER, UNMAPPED = "prefect.Parameter", "prefect.unmapped"


@dataclass
class Task:
    """A function that `@task` makes a task of.

    Attributes:
        node: the function.
        decorator: what makes it one.
        in_storing_flow: whether a flow that uses it stores results.
        taken_apart: where an element is taken of what it returns.
        calls: how often flows call it; one that is mapped counts as two.
    """

    node: ast.FunctionDef
    decorator: ast.expr
    in_storing_flow: bool = False
    taken_apart: ast.AST | None = None
    calls: int = 0

    @property
    def keywords(self) -> list[ast.keyword]:
        """The options, as they are written."""
        return self.decorator.keywords if isinstance(self.decorator, ast.Call) else []

    @property
    def inputs(self) -> set[str]:
        """The parameters."""
        arguments = self.node.args
        return {argument.arg for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]}

    @property
    def cache_key(self) -> str:
        """Its `cache_key`, where that is written as a string; else empty."""
        values = [keyword.value for keyword in self.keywords if keyword.arg == "cache_key"]
        return next((str(value.value) for value in values if isinstance(value, ast.Constant)), "")

    @property
    def gives_several(self) -> bool:
        """Whether what it returns may be taken apart."""
        return any(keyword.arg == "nout" for keyword in self.keywords)


@dataclass
class Run:
    """A statement that runs a flow."""

    statement: ast.Assign | ast.Expr
    flow: Flow
    state: str
    given: dict[str, ast.expr]


@dataclass
class Flow:
    """A block `with Flow(...) as name:`.

    Attributes:
        node: the block.
        name: what it binds.
        call: `Flow(...)`.
        stored: what its Result or handler says.
        parameters: the defaults by the names; None where it has to be given.
        variables: what the block binds, with the number of the statement that does.
        made_by: the tasks that give variables their values.
        renamed: the names of parameters by those that the block has for them.
        gone: statements that say nothing in Prefect 3.
        mapped: calls of `.map`.
        upstream: the calls with `upstream_tasks=`.
        read: the names whose results are read after a run.
    """

    node: ast.With
    name: str
    call: ast.Call
    stored: Stored | None = None
    parameters: dict[str, ast.expr | None] = field(default_factory=dict)
    variables: dict[str, int] = field(default_factory=dict)
    made_by: dict[str, Task] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    gone: list[ast.stmt] = field(default_factory=list)
    mapped: list[ast.Call] = field(default_factory=list)
    upstream: list[ast.Call] = field(default_factory=list)
    read: dict[str, None] = field(default_factory=dict)
