"""Files that hold straight-line flows and nothing else of Prefect's: what is in them, or what keeps them as they are.

Whatever names something of Prefect's, a task, a flow or what is bound in its block has to be understood. One name that
isn't stops the file: a file of both worlds runs in neither.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import Callable, Iterator, Sequence, TypeVar

from rehandle_codemods.index.module import Module
from rehandle_codemods.prefect3.flow_block import FlowBlock
from rehandle_codemods.prefect3.names import Names, identifier
from rehandle_codemods.prefect3.options import RUN_ID, Options, task_options
from rehandle_codemods.prefect3.parts import FLOW, PARAMETER, TASK_DECORATOR, Flow, Run, Task
from rehandle_codemods.prefect3.stopped import StoppedError
from rehandle_codemods.prefect3.storages import Storage, Stored, stored

_T = TypeVar("_T")
_VALUES = re.compile(r"prefect\.engine\.(results?|result_handlers|serializers)\b")


class File:
    """What is in a file.

    Attributes:
        module: the file.
        names: what its names mean.
        tasks: by their names.
        flows: by their names.
        results: the Results and handlers that variables have, by these.
        assigned: the statements that give variables these.
        runs: the statements that run flows.
        reads: what reads a result, with the name of the task in it.
        stops: what keeps the file as it is; nothing may be done if there is anything.
    """

    def __init__(self, module: Module) -> None:
        """Read a file."""
        self.module = module
        self.names = Names(module)
        self.tasks: dict[str, Task] = {}
        self.flows: dict[str, Flow] = {}
        self.results: dict[str, Stored] = {}
        self.assigned: list[ast.Assign] = []
        self.runs: list[Run] = []
        self.reads: list[tuple[ast.Attribute, str]] = []
        self.stops = self.names.stops
        for statement in module.tree.body:
            self._attempt(self._definition, statement)
        for statement in self._straight() if not self.stops else ():
            self._attempt(self._run, statement)
        if not self.stops:
            self._attempt(self._reads, self.runs)
        whole = not self.stops
        for task in self.tasks.values():
            self._attempt(self.options_of, task)
        if whole:
            self._leftovers()
        if not self.flows and not self.stops:
            what, advice = _FOR_OTHERS if self.tasks else _NO_PART_OF_A_FLOW
            self.stops.append(StoppedError(module.tree.body[0], what, advice))

    def _attempt(self, step: Callable[[_T], object], what: _T) -> None:
        try:
            step(what)
        except StoppedError as error:
            if error.node not in [stop.node for stop in self.stops]:
                self.stops.append(error)

    @cached_property
    def places(self) -> dict[Storage, ast.AST]:
        """Where results are stored for which there are blocks, each with what says so first."""
        said: list[tuple[ast.AST, Stored | None]] = [(flow.call, flow.stored) for flow in self.flows.values()]
        for task in self.tasks.values():
            results = [keyword.value for keyword in task.keywords if keyword.arg in ("result", "result_handler")]
            said += [(value, self.stored_in(value)) for value in results]
        found: dict[Storage, ast.AST] = {}
        for node, each in said:
            if each is not None and each.storage is not None and each.storage.place:
                found.setdefault(each.storage, node)
        return found

    def options_of(self, task: Task) -> Options:
        """The options of a task in Prefect 3.

        Raises:
            StoppedError: one has no certain counterpart.
        """
        alike = [other for other in self.tasks.values() if other is task or other.cache_key == task.cache_key != ""]
        calls = sum(other.calls for other in alike)
        options = task_options(task, calls, self.stored_in, self.names.named, self.module.text)
        key = options.keywords.get("result_storage_key", RUN_ID)
        same = "{task_run.task_name" not in key or "{parameters[" in key
        if task.taken_apart is not None and key != RUN_ID and same:
            what = "an element is taken of a stored result, and Prefect 1.x stored it by the same template"
            raise StoppedError(task.taken_apart, what, "It is over the whole, or failed: look at what is stored")
        return options

    # Definitions

    def _definition(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef) and len(node.decorator_list) == 1:
            decorator = node.decorator_list[0]
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if self.names.named(called) == TASK_DECORATOR:
                self._task(node, decorator)
        elif isinstance(node, ast.With) and len(node.items) == 1 and isinstance(node.items[0].context_expr, ast.Call):
            call, target = node.items[0].context_expr, node.items[0].optional_vars
            if self.names.named(call.func) == FLOW:
                if not isinstance(target, ast.Name):
                    raise StoppedError(node, "the flow has no name to run it by", "Write `with Flow(...) as name:`")
                self._flow(node, call, target)
        elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.value, ast.Call):
            target = node.targets[0]
            made = self.names.of_prefect.get(identifier(node.value.func), "")
            if isinstance(target, ast.Name) and _VALUES.match(made):
                self.names.bound_once(node, target.id)
                self.results[target.id] = self._stored_call(node.value)
                self.assigned.append(node)
                self.names.understood.add(target)

    def _task(self, node: ast.FunctionDef, decorator: ast.expr) -> None:
        self.names.bound_once(node, node.name)
        task = self.tasks[node.name] = Task(node, decorator)
        if isinstance(decorator, ast.Call) and decorator.args:
            raise StoppedError(decorator, "an option of a task has no name", "Write its name")
        if node.args.vararg or node.args.kwarg:
            raise StoppedError(node, "a task takes any number of arguments", "Write them one by one")
        for keyword in task.keywords:
            if keyword.arg in ("result", "result_handler"):
                self.stored_in(keyword.value)

    def stored_in(self, node: ast.expr) -> Stored | None:
        """What a Result or handler says that is written, or in a variable; None where there is none.

        Raises:
            StoppedError: it isn't plainly one, or has no certain counterpart.
        """
        if isinstance(node, ast.Constant) and node.value is None:
            return None
        if isinstance(node, ast.Name) and node.id in self.results and self.names.is_global(node):
            self.names.understood.add(node)
            return self.results[node.id]
        if isinstance(node, ast.Call) and _VALUES.match(self.names.of_prefect.get(identifier(node.func), "")):
            return self._stored_call(node)
        raise StoppedError(node, "a Result is made somewhere else", "Write it where it is used, or in a variable here")

    def _stored_call(self, call: ast.Call) -> Stored:
        name = self.names.named(call.func)
        for part in ast.walk(call):
            self.names.named(part)  # serializers
        return stored(call, name.rpartition(".")[2], self.names.of_prefect, self.names.constant)

    def _flow(self, node: ast.With, call: ast.Call, target: ast.Name) -> None:
        self.names.bound_once(node, target.id)
        self.names.understood.add(target)
        flow = self.flows[target.id] = Flow(node, target.id, call)
        names = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "name")]
        if len(call.args) > 1:
            raise StoppedError(call, "an option of a flow has no name", "Write its name")
        if len(names) != 1 or not isinstance(names[0], ast.Constant):
            raise StoppedError(call, "the name of a flow isn't a plain string", "Write it as a string")
        for keyword in call.keywords:
            if keyword.arg in ("result", "result_handler"):
                flow.stored = self.stored_in(keyword.value)
                if flow.stored is not None and flow.stored.location is not None:
                    what = "one location= is for all tasks of a flow"
                    raise StoppedError(keyword, what, "Give each task a target")
            elif keyword.arg != "name":
                what = f"{keyword.arg or '**'}= of a flow has no counterpart that is certainly the same"
                raise StoppedError(keyword, what, "Say it where the flow is served or deployed, by hand")
        if node.body[0].lineno == node.lineno:
            raise StoppedError(node, "the block of a flow is in one line with its head", "Give it a line of its own")
        block = FlowBlock(flow, self.names, self.tasks)
        for number, statement in enumerate(node.body):
            block.read(number, statement)

    # Runs, and what is read after them

    def _straight(self) -> Iterator[ast.stmt]:
        """The statements of the module, and of `if __name__ == "__main__":`, in their order."""
        for statement in self.module.tree.body:
            if isinstance(statement, ast.If) and "__name__" in ast.dump(statement.test) and not statement.orelse:
                yield from statement.body
            else:
                yield statement

    def _run(self, statement: ast.stmt) -> None:
        if not isinstance(statement, (ast.Assign, ast.Expr)):
            return
        call = statement.value
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr != "run":
            return
        if not isinstance(call.func.value, ast.Name) or call.func.value.id not in self.flows:
            return
        flow = self.flows[call.func.value.id]
        state = ""
        if isinstance(statement, ast.Assign):
            if len(statement.targets) != 1 or not isinstance(statement.targets[0], ast.Name):
                raise StoppedError(statement, "the state of a flow isn't put into one variable", "Give it one")
            state = statement.targets[0].id
            self.names.understood.add(statement.targets[0])
        self.names.understood.add(call.func.value)
        self.runs.append(Run(statement, flow, state, self._given(flow, call)))

    def _given(self, flow: Flow, call: ast.Call) -> dict[str, ast.expr]:
        given: dict[str, ast.expr] = {}
        for keyword in call.keywords:
            value = keyword.value
            if keyword.arg != "parameters" or not isinstance(value, ast.Dict):
                raise StoppedError(keyword, "flow.run has more than parameters", "Write by hand what it is for")
            for key, each in zip(value.keys, value.values):
                if not isinstance(key, ast.Constant) or key.value not in flow.parameters:
                    raise StoppedError(value, "flow.run gives what isn't a Parameter of the flow", "Leave it out")
                given[key.value] = each
        if call.args:
            raise StoppedError(call, "flow.run has arguments without a name", "Write parameters=")
        missing = [name for name, default in flow.parameters.items() if default is None and name not in given]
        if missing:
            raise StoppedError(call, "flow.run lacks a Parameter", f"Give it {', '.join(missing)}")
        return given

    def _reads(self, runs: Sequence[Run]) -> None:
        states = {run.state for run in runs if run.state}
        for each in runs:
            times = sum(each.state == other.state for other in runs)
            if each.state and len(self.module.root.bindings[each.state]) != times:
                what = "the state of a flow is in a variable of many meanings"
                raise StoppedError(each.statement, what, f"Look at {each.state}")
        for node in self.module.analysis.nodes:
            parts = _result_of(node)
            if parts is None or parts[0].id not in states or not self.names.is_global(parts[0]):
                continue
            state, task = parts
            assert isinstance(node, ast.Attribute)
            before = [run for run in runs if run.statement.lineno < state.lineno]
            run = next((run for run in reversed(before) if run.state == state.id), None)
            if run is None or self.module.analysis.scope_of[state] is not self.module.root:
                raise StoppedError(
                    node, "a result is read where it isn't certain which run it is of", "Read it after the run"
                )
            if task.id not in run.flow.variables:
                raise StoppedError(
                    node, "a result is read of what isn't in the flow", "Read that of a task in its block"
                )
            if any(later.flow is run.flow for later in before[before.index(run) + 1 :]):
                raise StoppedError(node, "a result is read after the flow ran once more", "Read it before the next run")
            self.names.understood.update(parts)
            run.flow.read[task.id] = None
            self.reads.append((node, task.id))

    # What wasn't understood

    def _leftovers(self) -> None:
        """Whatever has a name of the flow's, or of Prefect's, and isn't one of the things above."""
        said = {part for stop in self.stops for part in ast.walk(stop.node)}
        reasons = {
            **dict.fromkeys((run.state for run in self.runs if run.state), "a state is used for more than its results"),
            **dict.fromkeys(self.results, "a Result is used for more than an option of a task or flow"),
            **dict.fromkeys(self.tasks, "a task is used outside of a flow's block"),
            **dict.fromkeys((name for flow in self.flows.values() for name in flow.variables), _OUTSIDE),
            **dict.fromkeys(self.flows, "a flow is used for more than run()"),
        }
        for node in self.module.analysis.nodes:
            if not isinstance(node, ast.Name) or node in said or node in self.names.understood:
                continue
            if not self.names.is_global(node):
                continue
            if node.id in self.names.of_prefect:
                name = self.names.of_prefect[node.id]
                what = _ELSEWHERE.get(name, f"{name.rpartition('.')[2]} has no place in a straight-line flow")
                self.stops.append(StoppedError(node, what, "Write by hand what it is for"))
            elif node.id in reasons:
                self.stops.append(StoppedError(node, reasons[node.id], f"Look at {node.id}"))


_ELSEWHERE = {
    FLOW: "a flow isn't a block at the top of the file",
    TASK_DECORATOR: "a task isn't a function at the top of the file",
    PARAMETER: "a Parameter isn't put into a variable in a flow's block",
}
"""What is said of Prefect's names where they stand in another way than in a straight-line file."""
_FOR_OTHERS = "no flow is in this file, and its tasks are for other files", "Migrate it together with them, by hand"
_NO_PART_OF_A_FLOW = "this file uses Prefect, and has no flow or task", "See by hand whether Prefect 3 has what it uses"
_OUTSIDE = "what a flow's block binds is used outside of it"


def _result_of(node: ast.AST) -> tuple[ast.Name, ast.Name] | None:
    """The state and the task of `state.result[task].result`."""
    if not isinstance(node, ast.Attribute) or node.attr != "result" or not isinstance(node.value, ast.Subscript):
        return None
    owner, task = node.value.value, node.value.slice
    if not isinstance(owner, ast.Attribute) or owner.attr != "result":
        return None
    return (owner.value, task) if isinstance(owner.value, ast.Name) and isinstance(task, ast.Name) else None
