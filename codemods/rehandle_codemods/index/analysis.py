"""The scopes of a module: its syntax tree gone through once, with everything in it that binds a name."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import Callable, Iterator

from rehandle_codemods.index.scopes import (
    ASSIGN,
    CLASS,
    FROM,
    FUNCTION,
    IMPORT,
    ITERATED,
    OTHER,
    PARAMETER,
    WITH,
    Binding,
    Definition,
    Function,
    Scope,
    Variable,
)
from rehandle_codemods.index.tree import children, walk


class Analysis:
    """The scopes of one module.

    Attributes:
        root: the module's scope.
        scope_of: the scope that each node is evaluated in.
        parents: each node's parent.
        nodes: every node, in the order of the source; not how a name is used, nor operators.
        scopes: every scope, the module's first.
        quoted: the strings that are annotations or parts of them, each with the expression that it says: that is
            analysed as if it weren't quoted.
    """

    def __init__(self, tree: ast.Module, text: Callable[[ast.AST], str]) -> None:
        """Analyse a module.

        Args:
            tree: the parsed module.
            text: the source of a node.
        """
        self.text = text
        self.quoted: dict[ast.AST, ast.expr] = {}
        self.root = Scope("module", tree, None)
        self.scope_of: dict[ast.AST, Scope] = {}
        self.parents: dict[ast.AST, ast.AST] = {}
        self.nodes: list[ast.AST] = []
        self.scopes = [self.root]
        _Builder(self).visit(tree)

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that is used or bound, in whatever scope."""
        used = {node.id for node in self.nodes if isinstance(node, ast.Name)}
        return frozenset(used.union(*(scope.bindings for scope in self.scopes)))

    @cached_property
    def outer_names(self) -> frozenset[str]:
        """Every name that is said to be global or nonlocal somewhere."""
        return frozenset().union(*(scope.globals | scope.nonlocals for scope in self.scopes))

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes round a node, innermost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def variable(self, node: Definition) -> Variable:
        """What a class or function is bound to."""
        return self.scope_of[node].binder(node.name).variable(node.name)

    def enclosing_class(self, node: ast.AST) -> ast.ClassDef | None:
        """The class whose method's body holds a node, past nested functions."""
        for ancestor in self.ancestors(node):
            if isinstance(ancestor, ast.ClassDef):
                return ancestor
        return None


class _Builder(ast.NodeVisitor):
    def __init__(self, analysis: Analysis) -> None:
        self.out = analysis
        self.scope = analysis.root
        self.annotates = False

    def visit(self, node: ast.AST) -> None:
        self.out.scope_of[node] = self.scope
        self.out.nodes.append(node)
        super().visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        for child in children(node):
            self.child(node, child)

    def child(self, parent: ast.AST, node: ast.AST | None) -> None:
        if node is not None:
            self.out.parents[node] = parent
            self.visit(node)

    def annotation(self, parent: ast.AST, node: ast.AST | None) -> None:
        before, self.annotates = self.annotates, True
        self.child(parent, node)
        self.annotates = before

    def visit_arg(self, node: ast.arg) -> None:
        self.annotation(node, node.annotation)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        before = self.annotates
        name = getattr(node.value, "attr", getattr(node.value, "id", ""))
        self.child(node, node.value)
        self.annotates = before and name not in ("Literal", "Annotated")
        self.child(node, node.slice)
        self.annotates = before

    def visit_Constant(self, node: ast.Constant) -> None:
        expression = _quoted(self.out.text(node), node) if self.annotates and isinstance(node.value, str) else None
        if expression is not None:
            self.out.quoted[node] = expression
            self.child(node, expression)

    def bind(self, kind: str, name: str, node: ast.AST, value: ast.expr | None = None) -> Binding:
        scope = self.scope.binder(name)
        binding = Binding(kind, name, node, scope, value)
        scope.bindings.setdefault(name, []).append(binding)
        return binding

    def inner(self, kind: str, node: ast.AST) -> tuple[Scope, Scope]:
        before = self.scope
        self.scope = Scope(kind, node, before)
        self.out.scopes.append(self.scope)
        return before, self.scope

    def target(self, node: ast.AST, kind: str = OTHER, value: ast.expr | None = None) -> None:
        if isinstance(node, ast.Name):
            self.bind(kind, node.id, node, value)
        elif isinstance(node, (ast.Tuple, ast.List)):
            for element in node.elts:
                self.target(element)
        elif isinstance(node, ast.Starred):
            self.target(node.value)

    def each(self, target: ast.AST, iterable: ast.expr) -> None:
        """Bind what a loop goes through; of the items of a dict, each value."""
        if is_items(iterable) and isinstance(target, ast.Tuple) and len(target.elts) == 2:
            self.target(target.elts[0])
            self.target(target.elts[1], ITERATED, iterable)
        else:
            self.target(target, ITERATED, iterable)

    def visit_Assign(self, node: ast.Assign) -> None:
        single = len(node.targets) == 1
        for target in node.targets:
            self.target(target, ASSIGN if single else OTHER, node.value if single else None)
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.target(node.target, ASSIGN, node.value)
        elif self.scope.kind != "module":
            self.target(node.target)
        self.child(node, node.target)
        self.annotation(node, node.annotation)
        self.child(node, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.target(node.target)
        self.generic_visit(node)

    def visit_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self.target(target)
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        self.each(node.target, node.iter)
        self.generic_visit(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self.target(node.target)
        self.generic_visit(node)

    def visit_withitem(self, node: ast.withitem) -> None:
        if node.optional_vars is not None:
            self.target(node.optional_vars, WITH, node.context_expr)
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bind(OTHER, node.name, node)
        self.generic_visit(node)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        before = self.scope
        while self.scope.kind == "comprehension" and self.scope.parent is not None:
            self.scope = self.scope.parent
        self.target(node.target)
        self.scope = before
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.AST) -> None:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            self.bind(OTHER, name, node)
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs
    visit_MatchMapping = visit_MatchAs

    def visit_Global(self, node: ast.Global) -> None:
        if self.scope.parent is not None:
            self.scope.globals = self.scope.globals.union(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.scope.nonlocals = self.scope.nonlocals.union(node.names)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.child(node, alias)
            name = alias.asname or alias.name.split(".")[0]
            self.bind(IMPORT, name, alias).module = alias.name if alias.asname else name

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self.child(node, alias)
            if alias.name == "*":
                binding = Binding(FROM, "*", alias, self.scope)
                self.scope.stars.append(binding)
            else:
                binding = self.bind(FROM, alias.asname or alias.name, alias)
            binding.module, binding.level, binding.attribute = node.module or "", node.level, alias.name

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.bind(CLASS, node.name, node)
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.child(node, part)
        before, _ = self.inner("class", node)
        self.type_parameters(node)
        for statement in node.body:
            self.child(node, statement)
        self.scope = before

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.bind(FUNCTION, node.name, node)
        self.function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self.bind(FUNCTION, node.name, node)
        self.function(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.function(node)

    def function(self, node: Function) -> None:
        arguments = node.args
        self.out.parents[arguments] = node
        self.out.scope_of[arguments] = self.scope
        parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        parameters += [part for part in (arguments.vararg, arguments.kwarg) if part is not None]
        if not isinstance(node, ast.Lambda):
            for decorator in node.decorator_list:
                self.child(node, decorator)
        for default in (*arguments.defaults, *arguments.kw_defaults):
            self.child(arguments, default)
        for parameter in parameters:
            self.child(arguments, parameter)
        if not isinstance(node, ast.Lambda):
            self.annotation(node, node.returns)
        before, _ = self.inner("function", node)
        self.type_parameters(node)
        for parameter in parameters:
            self.bind(PARAMETER, parameter.arg, parameter)
        for statement in [node.body] if isinstance(node, ast.Lambda) else node.body:
            self.child(node, statement)
        self.scope = before

    def type_parameters(self, node: ast.AST) -> None:
        for parameter in getattr(node, "type_params", ()):
            self.bind(OTHER, parameter.name, parameter)
            self.child(node, parameter)

    def comprehension(self, node: ast.AST) -> None:
        # All four kinds of comprehension have generators, and no base class says so.
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        # The first iterable is evaluated outside.
        self.out.parents[generators[0]] = node
        self.child(generators[0], generators[0].iter)
        before, _ = self.inner("comprehension", node)
        for number, generator in enumerate(generators):
            self.out.parents[generator] = node
            self.out.scope_of[generator] = self.scope
            self.each(generator.target, generator.iter)
            self.child(generator, generator.target)
            if number:
                self.child(generator, generator.iter)
            for condition in generator.ifs:
                self.child(generator, condition)
        for field in ("key", "value", "elt"):
            self.child(node, getattr(node, field, None))
        self.scope = before

    visit_ListComp = comprehension
    visit_SetComp = comprehension
    visit_DictComp = comprehension
    visit_GeneratorExp = comprehension


def is_items(node: ast.AST) -> bool:
    """Whether an expression is the items of something, as of a dict."""
    called = node.func if isinstance(node, ast.Call) and not (node.args or node.keywords) else None
    return isinstance(called, ast.Attribute) and called.attr == "items"


def _quoted(text: str, node: ast.Constant) -> ast.expr | None:
    """What a string says as an expression, with the places that its parts have in the source.

    Args:
        text: the source of the string.
        node: the string.

    Returns:
        The expression; None where the string isn't one, or its source says it in another way than it is.
    """
    quotes = 3 if text[:3] in ('"""', "'''") else 1
    if text[quotes:-quotes] != node.value or text[:1] not in "\"'" or node.end_lineno != node.lineno:
        return None
    try:
        expression = ast.parse(node.value, mode="eval").body
    except (SyntaxError, ValueError):
        return None
    for part in walk(expression):
        if isinstance(part, ast.expr):
            part.lineno = part.end_lineno = node.lineno
            part.col_offset += node.col_offset + quotes
            part.end_col_offset = (part.end_col_offset or 0) + node.col_offset + quotes
    return expression
