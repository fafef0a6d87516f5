"""Who takes a result handler: Prefect's Task, Flow and task, and what the project derives from them."""

from __future__ import annotations

import ast
import enum
from typing import NamedTuple

from rehandle_codemods.findings import IT, Reason
from rehandle_codemods.flow.nodes import DictItem, Node
from rehandle_codemods.flow.other_libraries import is_other_method
from rehandle_codemods.flow.spread_keywords import calls_in, looks_into, spreads
from rehandle_codemods.flow.tasks import Tasks
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.class_hierarchy import Class, own_method
from rehandle_codemods.index.locations import short, where
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.syntax import (
    FunctionDef,
    alternatives,
    dict_items,
    is_none,
    keyword_of,
)
from rehandle_codemods.index.targets import External, Local, Target


class Receiver(enum.Enum):
    """Who takes `result_handler=`, or has the attribute; where a value goes, what else may take it."""

    PREFECT = "Prefect's Task, Flow or task, or what is derived from them"
    PROJECT = "a parameter of the project's own, which is passed on to Prefect"
    FOLLOWED = "a variable, parameter, key or returned value whose own uses are followed"
    HARMLESS = "code that does the same with a Result as with a handler, such as a comparison with None"
    OTHER = "something else"
    UNKNOWN = "what isn't known"


class Answer(NamedTuple):
    """Who takes a result handler, and why where that isn't plain.

    Attributes:
        kind: who it is.
        reason: why.
        converted: with PROJECT, whether the code there already converts what it gets.
        in_task_args: with PREFECT, whether it has to be said in `task_args=`.
        recorded: whether it is known from a record alone.
        through: the parameter, or the key of the `**` parameter, of the project's function that takes it.
    """

    kind: Receiver
    reason: Reason | None = None
    converted: bool = False
    in_task_args: bool = False
    through: Node | None = None
    recorded: bool = False

    @property
    def reaches_prefect(self) -> bool:
        """Whether it is Prefect, or hands it on to Prefect."""
        return self.kind in (Receiver.PREFECT, Receiver.PROJECT)

    @property
    def takes_result(self) -> bool:
        """Whether it takes a Result as well as a handler, as far as what is followed does."""
        return self.kind in (Receiver.PREFECT, Receiver.FOLLOWED, Receiver.HARMLESS)


def unknown(reason: Reason | None, *, through: Node | None = None) -> Answer:
    """That it isn't known, and why."""
    return Answer(Receiver.UNKNOWN, reason, through=through)


_RESULT_KEYS = {prefect_names.KEYWORD, prefect_names.RESULT_KEYWORD, ""}
_NOT_OF_STORAGE = Reason("takes a handler or Result", advice="Leave it out, and give the Flow result=")
UNKNOWN = Reason("is known only when the code runs", subject=IT)
SEVERAL = Reason("may be one of several things", subject=IT)
_YES = Answer(Receiver.PREFECT)
_NO = Answer(Receiver.OTHER)


class Receivers:
    """Answers, for calls and objects, whether they are Prefect's."""

    def __init__(self, project: Project, tasks: Tasks) -> None:
        self.project = project
        self.tasks = tasks
        self._calls: dict[ast.Call, Answer] = {}
        self._classes: dict[ast.ClassDef, Answer] = {}

    def call(self, module: Module, call: ast.Call) -> Answer:
        """Whether a call's `result_handler=` is Prefect's."""
        if call not in self._calls:
            self._calls[call] = unknown(Reason("calls itself", subject=IT))
            answer = self._call(module, call)
            if answer.kind is Receiver.UNKNOWN and self.project.recorded.makes(module, call):
                answer = Answer(Receiver.PREFECT, recorded=True)
            self._calls[call] = answer
        return self._calls[call]

    def _call(self, module: Module, call: ast.Call) -> Answer:
        function = call.func
        if self.project.external(module, function) == "functools.partial" and call.args:
            return self.callee(module, call.args[0])
        if isinstance(function, ast.Attribute) and function.attr == "__init__":
            base = function.value
            within = module.analysis.enclosing_class(call)
            problem = self.tasks.own_result(Class(module, within)) if within is not None else None
            if problem:
                return unknown(problem)
            if self.project.classes.is_super(module, base):
                if within is None:
                    return unknown(Reason("super() is called outside of a class"))
                return self._bases(module, within)
            return self.callee(module, base)
        task = self.tasks.called(module, call)
        if task is not None:
            return self._task_call(module, call, task)
        task = self.tasks.copied(module, function)
        if task is not None:
            problem = self.tasks.problem(task)
            return unknown(problem) if problem else _YES
        found = self.callee(module, function)
        if found.kind is not Receiver.UNKNOWN or not isinstance(function, ast.Attribute):
            return found
        unrelated = self._is_unrelated(module, function) or is_other_method(self.project, module, function)
        return _NO if unrelated else found

    def _is_unrelated(self, module: Module, function: ast.Attribute) -> bool:
        """Whether a method is the project's own, and keeps its parameter result_handler to itself."""
        owner = self.project.classes.unrelated(module, function.value)
        found = self.project.classes.method(module, owner, function.attr) if owner is not None else None
        return found is not None and self._function(*found) == _NO

    def _task_call(self, module: Module, call: ast.Call, task: Target) -> Answer:
        problem = self.tasks.problem(task)
        if problem:
            return unknown(problem)
        run = self.tasks.run_of(task)
        never = "no release of Prefect took result_handler= where a task is called"
        advice = "Write task_args=dict(result=...)"
        by_hand = unknown(Reason(never, advice=advice))
        if run is None:
            hidden = f"{short(module, call.func)} has a run that isn't found, which may take result_handler="
            return unknown(Reason(hidden, advice=advice))
        if self.has_parameter(run) or run.args.kwarg is not None:
            advice = f"Leave it as its input, or {advice[0].lower()}{advice[1:]} where Prefect is to store by it"
            return unknown(Reason(f"{run.name} takes result_handler= itself, as an input of the task", advice=advice))
        present = keyword_of(call, "task_args")
        value = present.value if present is not None else None
        plain = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "dict"
        scope = module.analysis.scope_of[call].lookup("dict")
        others = {key for key, _, _ in dict_items(value)} if isinstance(value, ast.Dict) else set()
        if plain and isinstance(value, ast.Call):
            others = {keyword.arg or "" for keyword in value.keywords}
        own = keyword_of(call, prefect_names.KEYWORD)
        if own is not None and is_none(own.value):
            return unknown(Reason(never, advice="Delete it"))
        if any(keyword.arg is None for keyword in call.keywords) or scope is not None:
            return by_hand
        if present is not None and (not (plain or isinstance(value, ast.Dict)) or others & _RESULT_KEYS):
            return by_hand
        return Answer(Receiver.PREFECT, in_task_args=True)

    def callee(self, module: Module, node: ast.AST) -> Answer:
        """Whether what an expression refers to takes a result handler for Prefect."""
        return agreed([self._target(target) for target in self.project.resolve(module, node)])

    def _target(self, target: Target) -> Answer:
        if isinstance(target, External):
            return _external(target.name)
        if isinstance(target, Local):
            node = target.binding.node
            if isinstance(node, ast.ClassDef):
                return self._class(target.module, node)
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                return self._function(target.module, node)
            value = target.binding.value
            call = value if target.binding.kind == scopes.ASSIGN and isinstance(value, ast.Call) else None
            if call and call.args and self.project.external(target.module, call.func) == "functools.partial":
                return self.callee(target.module, call.args[0])
        return unknown(UNKNOWN)

    def _bases(self, module: Module, node: ast.ClassDef) -> Answer:
        answers = [self.callee(module, base) for base in node.bases]
        if not answers:
            return _NO
        # The first base that takes it is the one that super() reaches, mixins pass it on.
        if answers[0].reaches_prefect or all(answer == _NO for answer in answers):
            return answers[0]
        return _unclear(module, node, f"{node.name} has unknown bases, or its first one isn't a Task")

    def _class(self, module: Module, node: ast.ClassDef) -> Answer:
        if node not in self._classes:
            self._classes[node] = _unclear(module, node, f"{node.name} derives from something of its own name")
            self._classes[node] = self._own_class(module, node)
        return self._classes[node]

    def _own_class(self, module: Module, node: ast.ClassDef) -> Answer:
        base = self._bases(module, node)
        if base.kind is Receiver.OTHER:
            return base
        problem = self.tasks.own_result(Class(module, node))
        if problem:
            return unknown(problem)
        init = own_method(node)
        if init is None or base.kind is Receiver.UNKNOWN:
            return base
        if self.has_parameter(init):
            if self.passes_on(module, init):
                reason = Reason(f"{node.name}.__init__ has a parameter result_handler and passes it on")
                return Answer(Receiver.PROJECT, reason, self._converts(module, init), through=_inside(module, init))
            own = next(part for part in ast.walk(init.args) if getattr(part, "arg", "") == prefect_names.KEYWORD)
            return _unclear(module, own, f"{node.name}.__init__ has its own parameter result_handler")
        keywords = init.args.kwarg
        if keywords is not None and self._forwards(module, init, keywords.arg):
            if looks_into(init, keywords.arg):
                text = f"{node.name}.__init__ looks into its keyword arguments, or changes them"
                return _unclear(module, init, text)._replace(through=_inside(module, init, keywords.arg))
            return base
        return _unclear(module, init, f"{node.name}.__init__ doesn't pass its keyword arguments on to super().__init__")

    def _forwards(self, module: Module, init: ast.FunctionDef, keywords: str) -> bool:
        for call in calls_in(init):
            initialises = isinstance(call.func, ast.Attribute) and call.func.attr == "__init__"
            if initialises and spreads(call, keywords) and self.call(module, call).reaches_prefect:
                return True
        return False

    def _function(self, module: Module, node: FunctionDef) -> Answer:
        if self.tasks.is_function(module, node):
            return _unclear(module, node, f"{node.name} is a task, or was one before other decorators changed it")
        if self.has_parameter(node):
            if self.passes_on(module, node):
                fixed = "" if module.editable else f" in {where(module, node).line}, which isn't to be changed,"
                reason = Reason(f"{node.name}{fixed} has a parameter result_handler and passes it on to Prefect")
                return Answer(Receiver.PROJECT, reason, self._converts(module, node), through=_inside(module, node))
            return _NO
        if node.args.kwarg is not None:
            return self._passed_on(module, node, node.args.kwarg.arg)
        return _NO

    def _passed_on(self, module: Module, node: FunctionDef, keywords: str) -> Answer:
        """Where a function's `**` parameter goes: to the one thing that every call that takes it is."""
        answers = {self.call(module, call) for call in calls_in(node) if spreads(call, keywords)}
        if node.decorator_list or len(answers) != 1:
            return _unclear(module, node, f"{node.name} takes any keyword and doesn't show where it goes")
        if looks_into(node, keywords):
            text = f"{node.name} looks into its keyword arguments, or changes them"
            return _unclear(module, node, text)._replace(through=_inside(module, node, keywords))
        return answers.pop()

    @staticmethod
    def has_parameter(node: FunctionDef) -> bool:
        """Whether a function has a parameter called result_handler."""
        arguments = node.args
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        return any(parameter.arg == prefect_names.KEYWORD for parameter in every)

    def passes_on(self, module: Module, node: FunctionDef) -> bool:
        """Whether a function hands its parameter result_handler to Prefect."""
        for call in calls_in(node):
            for keyword in call.keywords:
                value = self._unwrapped(module, keyword.value)
                if keyword.arg not in (prefect_names.KEYWORD, prefect_names.RESULT_KEYWORD):
                    continue
                for leaf in alternatives(value) or [value]:
                    if not isinstance(leaf, ast.Name) or leaf.id != prefect_names.KEYWORD:
                        continue
                    scope = module.analysis.scope_of[leaf].lookup(leaf.id)
                    if scope is not None and scope.node is node and self.call(module, call).reaches_prefect:
                        return True
        return False

    def _unwrapped(self, module: Module, node: ast.expr) -> ast.expr:
        """The argument of a call of `rehandle.to_result`, or the expression itself."""
        if (
            isinstance(node, ast.Call)
            and node.args
            and self.project.external(module, node.func) == prefect_names.TO_RESULT
        ):
            return node.args[0]
        return node

    def _converts(self, module: Module, node: FunctionDef) -> bool:
        return any(self._unwrapped(module, call) is not call for call in calls_in(node))


def _external(name: str) -> Answer:
    if name in prefect_names.ENTRY_POINTS or prefect_names.is_task_class(name):
        return _YES
    if name == prefect_names.RUNNER:
        return unknown(
            Reason(
                "runners take none from Prefect 0.11 on",
                advice="Write flow_result=, and give it a Result",
            )
        )
    if name == prefect_names.RESULT or prefect_names.is_removed(name) or name.startswith("prefect.engine.result."):
        return unknown(
            Reason(
                "Prefect's Result stores itself and has no handler from 0.11 on",
                advice="Write X(...).write(value) or X(location=...), with X the Result class of the handler",
            ),
        )
    if prefect_names.is_storage_class(name) and name != prefect_names.STORAGE:
        return unknown(_NOT_OF_STORAGE._replace(subject=f"no release's {name.rpartition('.')[2]}"))
    if name.startswith("prefect."):
        return unknown(Reason(f"{name} isn't known to take it"))
    if not prefect_names.is_third_party(name):
        return _NO
    kind = (
        "class, which may be a Task or Flow"
        if name.rpartition(".")[2][:1].isupper()
        else "function, which may make a Task or Flow"
    )
    advice = "Where it is one, write result= and give it to_result(handler)"
    return unknown(Reason(f"{name} is another distribution's {kind}", advice=advice))


def _unclear(module: Module, node: ast.AST, text: str) -> Answer:
    """That it isn't known, because of a class or function of the project."""
    return unknown(Reason(text, because=where(module, node)))


def agreed(answers: list[Answer]) -> Answer:
    """The answer where all agree; that it isn't known where they don't."""
    if not answers:
        return unknown(UNKNOWN)
    if len({(answer.kind, answer.in_task_args) for answer in answers}) == 1:
        return answers[0]
    return unknown(SEVERAL)


def _inside(module: Module, function: FunctionDef, keywords: str = "") -> Node:
    """A function's parameter `result_handler`, or that key of its `**` parameter."""
    scope = module.analysis.scope_of[function.body[0]]
    variable = scope.variable(keywords or prefect_names.KEYWORD)
    return DictItem(variable, prefect_names.KEYWORD) if keywords else variable
