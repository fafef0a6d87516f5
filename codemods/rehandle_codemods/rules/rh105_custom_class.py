"""Custom handler class that becomes a Result.

A regular class (`read(self, loc)` returns the value, `write(self, value)` returns a location on every path) derives
from `Result`, or from the Result of the handler that it builds on, and keeps its statements and their order. `write`
takes `value_`, because a task's input may be called `value`, and returns a copy that has the value and the location;
`read` returns such a copy too, so that calls of them inside the class take its `.location` and `.value`. `exists` is
added where `read` shows where it looks. Classes that derive from one another become Results together, or not at all.

## Example

```diff
 import os

-from prefect.engine.result_handlers import ResultHandler
+from prefect.engine.result import Result


-class TextFiles(ResultHandler):
-    def __init__(self, folder):
+class TextFiles(Result):
+    def __init__(self, folder, **kwargs):
+        super().__init__(**kwargs)
         self.folder = folder

-    def read(self, name):
-        with open(os.path.join(self.folder, name)) as file:
-            return file.read()
+    def read(self, location):
+        new = self.copy()
+        new.location = location
+        with open(os.path.join(self.folder, location)) as file:
+            new.value = file.read()
+            return new

-    def write(self, text):
-        name = "{}.txt".format(hash(text))
+    def exists(self, location, **kwargs):
+        return os.path.exists(os.path.join(self.folder, location.format(**kwargs)))
+
+    def write(self, value_, **kwargs):
+        new = self.copy()
+        new.value = value_
+        name = "{}.txt".format(hash(value_))
         with open(os.path.join(self.folder, name), "w") as file:
-            file.write(text)
-        return name
+            file.write(value_)
+        new.location = name
+        return new
```
"""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import partial
from typing import Iterator, Sequence

from rehandle_codemods.classes.handler_class import HandlerClass
from rehandle_codemods.classes.lookup import Lookup, lookup
from rehandle_codemods.classes.methods import (
    fresh,
    is_abstract,
    names_in,
    parameter_uses,
    parameters,
    terminates,
)
from rehandle_codemods.decide.decisions import Decisions
from rehandle_codemods.decide.imports import ModuleImports
from rehandle_codemods.decide.places import ClassDefinition
from rehandle_codemods.decide.verdicts import Remark, Rewrite, Rewritten, Verdict
from rehandle_codemods.flow.destinations import METHODS
from rehandle_codemods.index import prefect_names
from rehandle_codemods.index.imported_names import ImportedName
from rehandle_codemods.index.tree import walk
from rehandle_codemods.rewrite.code import name_changed, named, renamed_inside
from rehandle_codemods.rewrite.handler_class import NewConstructor, NewMethod, becomes_result, own_call, passes_on
from rehandle_codemods.rewrite.statements import Around
from rehandle_codemods.rules import rh208_missing_exists, rh302_doubtful_class, rule
from rehandle_codemods.rules.rh102_constructor import argument_rewrites


@rule
def decide(place: ClassDefinition, decisions: Decisions) -> Verdict | None:
    """Rewrite a class that is regular and whose every use is understood."""
    node, module = place.node, place.module
    if not decisions.values.converts_class(module, node):
        return None
    cls, imports = decisions.values.handler_classes[node], decisions.imports.of(module)
    variable = module.analysis.variable(node)
    new, kept = decisions.names.names.get(variable), decisions.names.kept.get(variable)
    keywords = "" if cls.migrated or cls.write is None else _keywords(cls.write)
    methods = [] if cls.migrated else [method for method in (cls.read, cls.write) if method is not None]
    changed = {method.name: _new_method(cls, method, keywords) for method in methods}
    looks, modules = _lookup(cls, decisions)
    change = partial(
        becomes_result,
        base=_base_text(cls, decisions),
        name=new or "",
        read=changed.get("read"),
        write=changed.get("write"),
        constructor=_new_constructor(cls),
        lookup=looks,
    )
    prefects = _prefects_names(cls, decisions)
    rewrites = [*_renamed(prefects, cls, imports), *_own_calls(cls, keywords), *_constructor_call(cls)]
    for method in methods:
        rewrites += _parameter(cls, method, changed[method.name])
    message = f"make {node.name} a Result"
    if new is not None:
        message = f"make {node.name} the Result {new}"
    elif kept is not None:
        message += f" that keeps its name, because {kept}"
    needs = [need for name in prefects for need in imports.needs(name, cls.bases.handler)]
    found = [*rh208_missing_exists.remarks(cls, looks=looks is not None), *rh302_doubtful_class.remarks(cls)]
    remarks = tuple(Remark(place.span, code, text) for code, text in found)
    return Rewritten(message, (*rewrites, Rewrite(node, change)), needs=(*modules, *needs), remarks=remarks)


# The base


def _prefects_names(cls: HandlerClass, decisions: Decisions) -> list[ast.expr]:
    """Where a class names the handler of Prefect that it comes from: as its base, and to call its constructor."""
    call = cls.super_call
    names = [] if cls.bases.above else [cls.bases.node]
    owner = call.func.value if call is not None and isinstance(call.func, ast.Attribute) else None
    if owner is not None and prefect_names.handler_class(decisions.project.external(cls.module, owner)):
        names.append(owner)
    return names


def _renamed(names: Sequence[ast.expr], cls: HandlerClass, imports: ModuleImports) -> Iterator[Rewrite]:
    for name in names:
        text = imports.result_text(name, cls.bases.handler)
        if text is not None:
            yield Rewrite(name, partial(named, name=text))


def _base_text(cls: HandlerClass, decisions: Decisions) -> str:
    """The name of the base that leads to the handler, as it is after the rewrite."""
    text = cls.module.text(cls.bases.node)
    if not cls.bases.above:
        return decisions.imports.of(cls.module).result_text(cls.bases.node, cls.bases.handler) or text
    owner = cls.bases.above[0]
    new = decisions.names.names.get(owner.module.analysis.variable(owner.node))
    return text[: -len(owner.node.name)] + new if new and text.endswith(owner.node.name) else text


# The methods


def _keywords(method: ast.FunctionDef) -> str:
    """What a method calls the keywords that it takes besides, or will call them."""
    own = method.args.kwarg
    return own.arg if own is not None else fresh("kwargs", names_in(method))


def _new_method(cls: HandlerClass, method: ast.FunctionDef, keywords: str) -> NewMethod:
    old = parameters(method)[1].arg
    taken = names_in(method)
    if method.name == "write":
        new = fresh("value_", taken - {old})
    else:
        new = "location" if "location" not in taken - {old} else old
    keeps = new != old and parameter_uses(cls.module, method, old) is None
    return NewMethod(
        parameter=new,
        variable=old if keeps else "",
        copy="" if is_abstract(method) else fresh("new", taken | {new}),
        ends=not terminates(method.body, certainly=True),
        keywords=keywords if method.name == "write" and method.args.kwarg is None else "",
    )


def _parameter(cls: HandlerClass, method: ast.FunctionDef, new: NewMethod) -> Iterator[Rewrite]:
    """The new name of what a method takes, in its head and wherever it is used."""
    old = parameters(method)[1]
    yield Rewrite(old, partial(name_changed, name=new.parameter))
    uses = parameter_uses(cls.module, method, old.arg)
    if uses is not None and new.parameter != old.arg:
        for name in uses.names:
            yield Rewrite(name, partial(name_changed, name=new.parameter))
        for string in uses.strings:
            yield Rewrite(string, partial(renamed_inside, old=old.arg, new=new.parameter))


def _own_calls(cls: HandlerClass, keywords: str) -> Iterator[Rewrite]:
    """The value or location of what calls of `read` and `write` give now."""
    analysis = cls.module.analysis
    for call in cls.calls:
        inside = cls.write is not None and cls.write in analysis.ancestors(call.node)
        passing = inside and call.above and call.method == "write"
        attribute = "" if isinstance(analysis.parents[call.node], ast.Expr) else METHODS[call.method]
        yield Rewrite(call.node, Around(own_call, attribute=attribute, keywords=keywords if passing else ""))


# The constructor


def _new_constructor(cls: HandlerClass) -> NewConstructor | None:
    if cls.init is None:
        return None
    keywords = "" if cls.init.args.kwarg is not None else _keywords(cls.init)
    return NewConstructor(keywords, calls_base=cls.super_call is not None)


def _constructor_call(cls: HandlerClass) -> Iterator[Rewrite]:
    """The arguments of the call of the base's constructor."""
    call, new = cls.super_call, _new_constructor(cls)
    if call is None or new is None:
        return
    by_name = isinstance(call.func, ast.Attribute) and not isinstance(call.func.value, ast.Call)
    if cls.bases.handler != "ResultHandler" and cls.bases.constructor is None and not by_name:
        yield from argument_rewrites(call, cls.bases.handler)
    if new.keywords:
        yield Rewrite(call, partial(passes_on, keywords=new.keywords))


# exists


def _lookup(cls: HandlerClass, decisions: Decisions) -> tuple[Lookup | None, tuple[ImportedName, ...]]:
    """Where the `exists` of a class looks, if it gets one, and the imports that it needs."""
    if cls.bases.handler != "ResultHandler" or cls.migrated:
        return None, ()
    found = lookup(decisions.project, cls)
    found = _with_new_names(found, cls, decisions) if found is not None else None
    if found is None or not found.needs_os:
        return found, ()
    name, needs = decisions.imports.of(cls.module).standard_module("os")
    return replace(found, parts=(*found.parts, ("os", name))), needs


def _with_new_names(found: Lookup, cls: HandlerClass, decisions: Decisions) -> Lookup | None:
    """A lookup with the names that classes get; None where one is reached in another way than by its name."""
    values = dict(found.values)
    inside = set(walk(cls.read)) if cls.read is not None else set()
    for place in decisions.names.places(cls.module):
        if place.node in inside:
            if not isinstance(place.node, ast.Name):
                return None
            values[place.node.id] = place.new
    return replace(found, values=tuple(values.items()))
