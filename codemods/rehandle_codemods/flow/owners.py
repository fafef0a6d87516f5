"""Which expressions are certainly a flow, task or storage of Prefect's, and so own a `result_handler` attribute."""

from __future__ import annotations

import ast

from rehandle_codemods.classes.methods import own_nodes
from rehandle_codemods.findings import IT, Reason
from rehandle_codemods.flow.instances import Instances
from rehandle_codemods.flow.nodes import AttributeOf
from rehandle_codemods.flow.receivers import Answer, Receiver, agreed, unknown
from rehandle_codemods.flow.tasks import Tasks
from rehandle_codemods.index import prefect_names, scopes
from rehandle_codemods.index.annotations import annotation_of, named_classes
from rehandle_codemods.index.class_hierarchy import Class
from rehandle_codemods.index.locations import where
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.syntax import is_none
from rehandle_codemods.index.targets import External, Local, Target, Unknown

_YES = Answer(Receiver.PREFECT)
_NO = Answer(Receiver.OTHER)
_UNKNOWN = unknown(Reason("may be neither a flow nor a task", subject=IT))
_RUNNER = unknown(
    Reason(
        "a runner has no result_handler from Prefect 0.11 on, and its result is never None",
        advice="Ask its task or flow instead",
    ),
)
_STANDARD = Answer(Receiver.OTHER, Reason("is an instance of a class of Python's own library", subject=IT))
_TASK_LISTS = {"tasks", "sorted_tasks", "get_tasks", "terminal_tasks", "root_tasks", "reference_tasks"}
_EDGE_LISTS = {"edges", "edges_to", "edges_from"}
_EDGE_ENDS = {"upstream_task", "downstream_task"}
_COPYING = {"copy", "bind"}


class Owners:
    """Answers, for expressions, whether they are a flow, a task or a storage."""

    def __init__(self, project: Project, tasks: Tasks, instances: Instances) -> None:
        self.project = project
        self.tasks = tasks
        self.instances = instances
        self._asked: set[object] = set()

    def of(self, module: Module, node: ast.AST) -> Answer:
        """Whether an expression is certainly a flow or a task of Prefect's."""
        answer = self._of(module, node)
        attribute = module.analysis.parents.get(node)
        if answer.kind is Receiver.UNKNOWN and attribute is not None and self.project.recorded.sets(module, attribute):
            return Answer(Receiver.PREFECT, recorded=True)
        return answer

    def _of(self, module: Module, node: ast.AST) -> Answer:
        if self.instances.are_plain(self.instances.family(self.instances.owner(module, node))):
            return _NO
        if isinstance(node, ast.Call):
            return self._of_call(module, node)
        if isinstance(node, ast.Subscript):
            return self._element(module, node.value, _TASK_LISTS)
        if isinstance(node, ast.Attribute) and node.attr in _EDGE_ENDS:
            return self._edge(module, node.value)
        if isinstance(node, ast.Attribute) and node.attr == "storage":
            owner = self.of(module, node.value)
            if owner.kind is Receiver.PREFECT:
                return owner
        attribute = self.instances.attribute(module, node)
        if attribute is not None and attribute not in self._asked:
            return self._kept(attribute)
        return agreed([self._target(module, node, target) for target in self.project.resolve(module, node)])

    def _kept(self, attribute: AttributeOf) -> Answer:
        """An attribute of the project's own objects: what each that is set to it is."""
        stores = self.instances.stores(attribute)
        set_first = where(*stores.values[0]) if stores.values else None
        unclear = unknown(Reason("may be neither a flow nor a task", because=set_first, subject=attribute.name))
        if stores.problem:
            return unclear
        self._asked.add(attribute)
        answers = [self._declared(*annotation) for annotation in stores.annotations]
        if not answers or None in answers:
            answers = [self.of(module, value) for module, value in stores.values if not is_none(value)]
        self._asked.discard(attribute)
        found = agreed([answer for answer in answers if answer is not None])
        return found if found.kind is Receiver.PREFECT else unclear

    def _target(self, module: Module, node: ast.AST, target: object) -> Answer:
        if isinstance(target, Local):
            return self._held(target)
        if isinstance(target, Unknown):
            return _UNKNOWN
        if isinstance(target, External) and prefect_names.is_third_party(target.name):
            return unknown(Reason(f"{target.name} is another distribution's, and may be a flow or a task"))
        return _NO

    def _held(self, target: Local) -> Answer:
        binding = target.binding
        if self.tasks.is_function(target.module, binding.node):
            return _YES
        bound = where(target.module, binding.node)
        unclear = unknown(Reason("may be neither a flow nor a task", because=bound, subject=binding.name))
        if binding.kind == scopes.FUNCTION:
            return _NO
        if binding.kind == scopes.PARAMETER:
            return self._parameter(target) or unclear
        annotation = annotation_of(target.module, binding)
        declared = self._declared(target.module, annotation) if annotation is not None else None
        if declared is not None:
            return declared
        if binding.value is None or not isinstance(binding.node, ast.Name):
            return unclear
        if binding in self._asked:  # `x = x.copy()`: what else x is decides
            return _YES
        self._asked.add(binding)
        if binding.kind == scopes.ITERATED:
            found = self._element(target.module, binding.value, _TASK_LISTS)
        elif binding.kind in (scopes.ASSIGN, scopes.WITH):
            found = self.of(target.module, binding.value)
        else:
            found = unclear
        self._asked.discard(binding)
        if found is _STANDARD:
            return _NO
        return unclear if found.kind is Receiver.OTHER or found.reason == _UNKNOWN.reason else found

    def _parameter(self, target: Local) -> Answer | None:
        """A parameter that is annotated, or `self` in a class that derives from Prefect's."""
        argument, module = target.binding.node, target.module
        assert isinstance(argument, ast.arg)
        if argument.annotation is not None:
            return self._declared(module, argument.annotation)
        fixture = self.instances.fixtures.of(target.binding.variable)
        if fixture is not None and fixture.value not in self._asked:
            self._asked.add(fixture.value)
            values = self.instances.fixtures.returned(fixture)
            found = agreed([self.of(fixture.module, value) for value in values])
            self._asked.discard(fixture.value)
            return found if found.kind is Receiver.PREFECT else None
        owner = self.project.classes.of_self(module, argument)
        if owner is None:
            return None
        for part in owner.node.body:
            if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) and part.name == prefect_names.KEYWORD:
                return None
        return self._of_class(owner)

    def _declared(self, module: Module, annotation: ast.AST) -> Answer | None:
        """What an annotation says: a flow or task, perhaps None instead."""
        named = named_classes(self.project, module, annotation) or []
        found = [answer for answer in (self._class(*each) for each in named) if answer is not None]
        return agreed(found) if found and len(found) == len(named) else None

    def runner_problem(self, module: Module, parameter: ast.arg) -> Reason | None:
        """Why a parameter result_handler can't stay as it is: none unless it is that of a runner's constructor."""
        function = module.analysis.parents.get(module.analysis.parents[parameter])
        owner = module.analysis.parents.get(function) if function is not None else None
        if parameter.arg != prefect_names.KEYWORD or not isinstance(owner, ast.ClassDef):
            return None
        return _RUNNER.reason if self._of_class(Class(module, owner)) == _RUNNER else None

    def _class(self, module: Module, node: ast.AST) -> Answer | None:
        found = self.project.classes.of(module, node)
        if found is not None:
            return self._of_class(found)
        targets = self.project.resolve(module, node)
        if targets and all(self.tasks.is_class(target) or _is_storage(target) for target in targets):
            return _YES
        if any(isinstance(target, External) and target.name == prefect_names.RUNNER for target in targets):
            return _RUNNER
        return None

    def _of_class(self, owner: Class) -> Answer | None:
        above = self.project.classes.outside(owner)
        if prefect_names.RUNNER in above:
            return _RUNNER
        ours = any(self.tasks.is_class(External(name)) or prefect_names.is_storage_class(name) for name in above)
        problem = self.tasks.own_result(owner) if ours else None
        return unknown(problem) if problem else _YES if ours else None

    def _of_call(self, module: Module, call: ast.Call) -> Answer:
        """A flow or task made, copied, or called: calling a task gives a task."""
        function = call.func
        name = self.project.external(module, function)
        if not name.startswith("builtins.") and prefect_names.is_standard_class(name):
            return _STANDARD
        found = self._class(module, function)
        if found is None and isinstance(function, ast.Attribute) and function.attr == "load":
            found = self._class(module, function.value)
        if found is not None:
            return found
        task = self.tasks.called(module, call)
        if task is not None:
            problem = self.tasks.problem(task)
            return unknown(problem) if problem else _YES
        if isinstance(function, ast.Attribute) and function.attr in _COPYING:
            owner = self.of(module, function.value)
            if owner.kind is Receiver.PREFECT:
                return owner
        if self.project.recorded.owns(module, call):
            return Answer(Receiver.PREFECT, recorded=True)
        return self._returned(module, function) or _UNKNOWN

    def _returned(self, module: Module, function: ast.AST) -> Answer | None:
        """What a function of the project returns, where that is certainly a flow or a task each time."""
        targets = self.project.resolve(module, function)
        target = targets[0] if len(targets) == 1 else None
        node = target.binding.node if isinstance(target, Local) else None
        if not isinstance(target, Local) or not isinstance(node, ast.FunctionDef) or node.decorator_list:
            return None
        own = list(own_nodes(node))
        returned = [part.value for part in own if isinstance(part, ast.Return) and part.value is not None]
        generates = any(isinstance(part, (ast.Yield, ast.YieldFrom)) for part in own)
        if not returned or generates or target.binding in self._asked:
            return None
        self._asked.add(target.binding)
        ours = all(self.of(target.module, value).kind is Receiver.PREFECT for value in returned)
        self._asked.discard(target.binding)
        return _YES if ours else None

    def _element(self, module: Module, node: ast.AST, lists: set[str]) -> Answer:
        """An element of what an attribute or method of a flow lists."""
        listed = node.func if isinstance(node, ast.Call) else node
        if isinstance(listed, ast.Attribute) and listed.attr in lists:
            owner = self.of(module, listed.value)
            if owner.kind is Receiver.PREFECT:
                return owner
        return _UNKNOWN

    def _edge(self, module: Module, node: ast.AST) -> Answer:
        answers = []
        for target in self.project.resolve(module, node):
            binding = target.binding if isinstance(target, Local) else None
            if binding is not None and binding.kind == scopes.ITERATED and isinstance(target, Local):
                assert binding.value is not None
                if isinstance(binding.node, ast.Name):
                    answers.append(self._element(target.module, binding.value, _EDGE_LISTS))
                    continue
            answers.append(_UNKNOWN)
        return agreed(answers)


def _is_storage(target: Target) -> bool:
    return isinstance(target, External) and prefect_names.is_storage_class(target.name)
