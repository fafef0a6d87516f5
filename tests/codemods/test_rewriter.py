"""Nodes of libcst at the places that `ast` gives: found, changed, and everything else kept byte for byte."""

from __future__ import annotations

import ast
import os
import pickle
import sys
import warnings
from functools import partial

import libcst as cst
import pytest

from rehandle_codemods.index.analysis import Analysis
from rehandle_codemods.rewrite import arguments, code, positions
from rehandle_codemods.rewrite.code import RefusedError
from rehandle_codemods.rewrite.rewriter import rewrite, rewrite_module
from rehandle_codemods.rewrite.statements import DEEPEST, RefusalsError, WholeLine, changed_lines, locate

pytestmark = pytest.mark.prefect(None)
FSTRINGS = sys.version_info >= (3, 12)

KEPT = {
    "nothing": "",
    "a comment alone": "# only\n",
    "no newline at the end": "x = f(a)",
    "CRLF": "if a:\r\n    x = f(a,\r\n          b)  # c\r\n",
    "CR": "if a:\r    x = f(a,\r          b)  # c\ry = 2\r",
    "mixed newlines": "if a:\r\n    x = f(a)\n    y = 2\r\nz = 3\rw = 4\n",
    "tabs": "if a:\n\tx = f(a)\n\tif b:\n\t\ty = 2\n",
    "tabs and spaces": "if a:\n\tif b:\n\t        x = 1\n\t        y = 2\n\tz = 3\n",
    "form feeds": "import a\n\f\nclass A:\n    x = 1\n\f\n    \f\n    y = 2 # \f\n\f",
    "semicolons": "a = 1; b = 2 ;c = f(a);\nif a: b; c\n",
    "one-line suites": "if a: f(b)\nelse: g(b)\nclass A: x = 1; y = 2\nfor i in j: pass\n",
    "line continuation": "x = f(a) + \\\n    g(b)\nassert a, \\\n  b\nwith a as b, \\\n     c as d:\n    pass\n",
    "a continuation after the statement": "x = f(a) \\\n\ny = 2\n",
    "a form feed before a statement": "\fx = f(a)\n\f\n \fy = g(a)\n",
    "parentheses and comments": "x = (  # one\n    (f)  # two\n    (  # three\n        (a),  # four\n    )\n)\n",
    "parenthesized tuples": "x = ((1, (2, 3)))\ny = (\n    (1),\n)\nz = 1,\nfor a, (b, c) in ((1, (2, 3)),): pass\n",
    "generators": "x = f(a for a in b)\ny = f((a for a in b), c)\nz = ((a for a in b))\n",
    "star-args": "f(*a, **b)\nf(a, *b, c=1, **d, e=2)\nclass A(*b, metaclass=M, **k): pass\n",
    "parameters": "def f(a, /, b: int = 1, *args: str, c, d: 'int' = 2, **kwargs: A) -> B: pass\n"
    "g = lambda a, *b, c=1, **d: a\n",
    "decorators": "@a\n@b.c(d=1)  # c\n\n@e\nasync def f(): await g(x=await h())\n\n\n@a\nclass A: pass\n",
    "walrus": "if (n := f(a)) and [m := g(n), n]:\n    pass\nf(x := 1)\n",
    "lambdas": "x = f(lambda: (yield), key=lambda a: a.b)\ny = (lambda: 0)()\n",
    "with items": "with (a as b, c): pass\nwith (a), (b): pass\nasync def f():\n    async with a(b=1) as c: pass\n",
    "chains": "x = a.b(c).d[e](f=g).h\ny = (a).b\nz = (a.b).c  \nw = a . b .  c\n",
    "comparisons": "x = a < b <= (c) is not None not in d\ny = not a and b or c if d else e\n",
    "strings": "x = 'a' \"b\"\ny = ('a'  # one\n     'b')\nz = b'a' rb\"\"\"b\nc\"\"\"\nw = u'' '#' \"(\"\n",
    "f-strings": "x = f'{a.b(c)!r:>{d}}' f\"{{e}}\" 'g'\n",
    "exceptions": "try:\n    a\nexcept (B, C) as d:\n    raise D from d\nelse:\n    pass\nfinally:\n    e\n",
    "elif": "if a:\n    pass\nelif b(c):\n    pass\nelse:\n    pass\nwhile a: b\nelse: c\n",
    "match": "match a.b(c):\n    case A(b=1) | {'c': d, **e} if f(g):\n        h\n"
    "    case [x, *_]: pass\n    case _: pass\n",
    "imports": "import a.b as c, d\nfrom . import (e,  # c\n    f as g,\n)\nfrom ..h import *\n",
    "assignments": "a = b = c(d)\na.b: C = d\na += f(b)\n(a, *b), c.d = e\ndel a, (b), c[d]\nglobal e\n",
    "subscripts": "a[b]\na[b:c, d]\na[b, c]\na[(b, c)]\na[:, ::2]\n",
    "not ASCII": "ä = f('ß')  # ü\nx = g(ä, 'é', h=ä)\nif ä: \U00010338 = g('\U00010338\U00010338', \U00010338)\n",
    "comprehensions": "x = [a for b in c if d for e in f]\ny = {a: b for a, b in c}\nz = {*a, b}\nw = {**a, 'b': c}\n",
    "awaits and yields": "async def f():\n    x = yield\n    y = (yield a)\n    return await b\ndef g(): yield from a",
    "docstrings": '"""A."""\n\n\ndef f():\n    """B\n    c."""\n    return 1  # d\n\n\n# e\n',
    "comments at odd places": "if a:\n        # one\n    b\n  # two\n# three\nelse:\n# four\n    c\n    # five\n# six",
    "numbers and constants": "x = -1, 1_0, 0x1, 1j, 1e3, ..., None, True\n",
}
if sys.version_info >= (3, 11):
    KEPT["exception groups"] = "try:\n    a\nexcept* (B, C) as d:\n    e\n"
if FSTRINGS:
    KEPT["nested quotes"] = 'x = f"{d["a#b"]}/{name}" + f(f"{d["("]}", f\'{f"{a}"}\')\n'
    KEPT["type parameters"] = "type A[T] = list[T]\ndef f[T: int](a: T) -> T: pass\nclass B[*C, **D]: pass\n"
if sys.version_info >= (3, 13):
    KEPT["defaults of type parameters"] = "class B[C = int]: pass\n"

# What Python has a node for, and libcst none of the same place.
OTHERS = (ast.Starred, ast.Slice, ast.FormattedValue)


def rewrite_statements(text, tree, rewrites, newline="\n"):
    """A text as its changed lines make it."""
    pieces = []
    done = 0
    for lines in changed_lines(text, tree, rewrites, newline):
        pieces += [text[done : lines.start], lines.text]
        done = lines.end
    return "".join([*pieces, text[done:]])


def nodes_of(tree):
    """The nodes that libcst has too, each with what it should be."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        above = parents.get(node)
        around = above
        strings = []
        while around is not None:
            strings += [around] if isinstance(around, ast.JoinedStr) else []
            around = parents.get(around)
        if not isinstance(node, (ast.expr, ast.stmt, ast.keyword, ast.alias, ast.arg)):
            continue
        if isinstance(node, OTHERS) or isinstance(above, (ast.JoinedStr, ast.pattern, ast.MatchMapping)):
            continue
        if strings and (not FSTRINGS or isinstance(node, (ast.JoinedStr, ast.Constant))):
            continue
        if isinstance(node, ast.Tuple) and isinstance(above, ast.Subscript) and node is above.slice:
            continue  # of which libcst has only the elements
        if isinstance(node, ast.GeneratorExp) and isinstance(above, ast.Call) and len(above.args) == 1:
            continue  # whose parentheses may be those of the call
        if isinstance(node, ast.alias) and node.name == "*":
            continue
        yield node


def assert_every_node_is_found(text):
    tree = ast.parse(text)
    nodes = list(nodes_of(tree))
    given = {}

    def change(node, part):
        given[part] = node
        return node

    assert rewrite_statements(text, tree, [(node, partial(change, part=node)) for node in nodes]) == text
    for part in nodes:
        node = given[part]
        if isinstance(part, ast.expr):
            plain = node if isinstance(node, (cst.Tuple, cst.GeneratorExp)) else node.with_changes(lpar=[], rpar=[])
            written = cst.Module([]).code_for_node(plain)
            segment = ast.get_source_segment(text, part)
            if not isinstance(part, (ast.Tuple, ast.GeneratorExp)) and "\r" not in text:
                assert written == segment
        elif isinstance(part, ast.keyword) and part.arg:
            assert node.keyword.value == part.arg
        elif isinstance(part, ast.arg):
            assert node.value == part.arg
        elif isinstance(part, ast.alias):
            assert node.evaluated_name == part.name
        elif isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            assert node.name.value == part.name


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_every_node_is_found_and_every_byte_is_kept(text):
    assert_every_node_is_found(text)


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_both_ways_to_ask_for_positions_agree(text):
    tree = cst.parse_module(text)
    said = []
    for walk in (positions.walk, positions.by_provider):
        found = set()

        def visit(node, start, end, around, found=found):
            if isinstance(node, (cst.BaseExpression, cst.Arg, cst.ImportAlias, cst.BaseSmallStatement)):
                found.add((node, start, end, tuple(around)))

        assert walk(tree, range(len(text) + 1), visit) == tree.code
        said.append(found)
    assert said[0] == said[1]


def nodes(tree, kind, **fields):
    """The nodes of a kind that have some values, in the order of the source."""
    found = [node for node in ast.walk(tree) if isinstance(node, kind)]
    found = [node for node in found if all(getattr(node, name) == value for name, value in fields.items())]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def rewritten(text, kind, change, newline="\n", **fields):
    tree = ast.parse(text)
    return rewrite_statements(text, tree, [(node, change) for node in nodes(tree, kind, **fields)], newline)


OLD = partial(code.named, name="new.name")
TO_RESULT = partial(code.called_with, function="to_result")
VALUE = partial(code.attribute_of, name="value")
SAYING = partial(code.saying, text="result")
EXPRESSIONS = [
    # what is changed, the change, before, after
    (ast.Name, OLD, "x = old\n", "x = new.name\n"),
    (ast.Name, OLD, "x = (old)  # c\n", "x = (new.name)  # c\n"),
    (ast.Name, OLD, "old(old, a=old)[old]\n", "new.name(new.name, a=new.name)[new.name]\n"),
    (ast.Name, OLD, "@old\nclass A(old, b=old): pass\n", "@new.name\nclass A(new.name, b=new.name): pass\n"),
    (ast.Name, OLD, "def f(a: old = old) -> old: pass\n", "def f(a: new.name = new.name) -> new.name: pass\n"),
    (ast.Name, OLD, "if (a := old): f(lambda: old)\n", "if (a := new.name): f(lambda: new.name)\n"),
    (ast.Name, OLD, "f(*old, **old)\n", "f(*new.name, **new.name)\n"),
    (ast.Name, OLD, "with old as a, (old): pass\n", "with new.name as a, (new.name): pass\n"),
    (ast.Name, OLD, "a = 'ä'; b = old ;c = old\n", "a = 'ä'; b = new.name ;c = new.name\n"),
    (ast.Name, OLD, "if a: old; b\nelse: old\n", "if a: new.name; b\nelse: new.name\n"),
    (ast.Name, OLD, "if a:\r\n\tx = old\r\n", "if a:\r\n\tx = new.name\r\n"),
    (ast.Name, OLD, "a = 1\rx = old\rb = 2\r", "a = 1\rx = new.name\rb = 2\r"),
    (ast.Name, OLD, "x = old \\\n\ny = 1\n", "x = new.name \\\n\ny = 1\n"),
    (ast.Name, OLD, "\fx = old", "\fx = new.name"),
    (ast.Call, TO_RESULT, "x = f(a)\n", "x = to_result(f(a))\n"),
    (ast.Call, TO_RESULT, "x = (f(a))\n", "x = (to_result(f(a)))\n"),
    (ast.Call, TO_RESULT, "x = (  # c\n    f(a)\n)\n", "x = (  # c\n    to_result(f(a))\n)\n"),
    (ast.Call, TO_RESULT, "x = f(g(a))\n", "x = to_result(f(to_result(g(a))))\n"),
    (ast.Yield, TO_RESULT, "def f(): x = yield a\n", "def f(): x = to_result((yield a))\n"),
    (ast.Yield, TO_RESULT, "def f(): x = (yield)\n", "def f(): x = (to_result((yield)))\n"),
    (ast.Tuple, TO_RESULT, "x = (a, b)\n", "x = to_result((a, b))\n"),
    (ast.Tuple, TO_RESULT, "x = ((a, b))\n", "x = (to_result((a, b)))\n"),
    (ast.Lambda, TO_RESULT, "x = lambda: a, b\n", "x = to_result(lambda: a), b\n"),
    (ast.NamedExpr, TO_RESULT, "f((a := b))\n", "f((to_result(a := b)))\n"),
    (ast.Call, VALUE, "x = f(a)\n", "x = f(a).value\n"),
    (ast.Call, VALUE, "x = (f(a))  # c\n", "x = (f(a).value)  # c\n"),
    (ast.Call, VALUE, "x = f(g(a).b)\n", "x = f(g(a).value.b).value\n"),
    (ast.Call, VALUE, "async def f(): x = await g()\n", "async def f(): x = await g().value\n"),
    (ast.Attribute, partial(code.attribute_named, name="result"), "a.b . c.d\n", "a.result . result.result\n"),
    (ast.keyword, partial(code.keyword_named, name="result"), "f(a = 1, b=2)\n", "f(result = 1, result=2)\n"),
    (ast.keyword, partial(code.keyword_named, name="c"), "class A(b\n  =1): pass\n", "class A(c\n  =1): pass\n"),
    (ast.arg, partial(code.name_changed, name="b"), "def f(a: x = y): pass\n", "def f(b: x = y): pass\n"),
    (ast.arg, partial(code.name_changed, name="b"), "f = lambda *a: a\n", "f = lambda *b: a\n"),
    (ast.Constant, SAYING, "x = 'a'\n", "x = 'result'\n"),
    (ast.Constant, SAYING, 'x = (r"""a""")\n', 'x = (r"""result""")\n'),
    (ast.Constant, SAYING, "x = {U'a': 'b'}\n", "x = {U'result': 'result'}\n"),
    (ast.Constant, SAYING, "x = 'result_' \"handler\"\n", "x = 'result'\n"),
    (ast.Constant, SAYING, "x = ('result_'\n     'handler')\n", "x = ('result')\n"),
    (ast.Constant, SAYING, "x = 'result\\x5fhandler'\n", "x = 'result'\n"),
]
if FSTRINGS:
    EXPRESSIONS += [
        (
            ast.Name,
            OLD,
            'x = f"{d["#"]}{old}" + f"{f"{old!r}"}"\n',
            'x = f"{d["#"]}{new.name}" + f"{f"{new.name!r}"}"\n',
        ),
        (ast.Call, VALUE, 'x = f"{d["("]}{f("}")}"\n', 'x = f"{d["("]}{f("}").value}"\n'),
    ]


@pytest.mark.parametrize(("kind", "change", "before", "after"), EXPRESSIONS)
def test_expressions(kind, change, before, after):
    fields = {"id": "old"} if kind is ast.Name else {}
    assert rewritten(before, kind, change, **fields) == after
    ast.parse(after)


def pair(node):
    return cst.FlattenSentinel([cst.parse_statement("a = 1").body[0], node, cst.parse_statement("b = 2").body[0]])


def remove(node):
    return cst.RemovalSentinel.REMOVE


def comment_above(node):
    return node.with_changes(leading_lines=[*node.leading_lines, cst.EmptyLine(comment=cst.Comment("# c"))])


STATEMENTS = [
    (pair, "x\n", "a = 1\nx\nb = 2\n"),
    (pair, "x  # c\ny = 1\n", "a = 1\nx\nb = 2  # c\ny = 1\n"),
    (pair, "y = 1; x;z = 2\n", "y = 1; a = 1; x; b = 2;z = 2\n"),
    (pair, "if y: x\n", "if y: a = 1; x; b = 2\n"),
    (pair, "x;\n", "a = 1\nx\nb = 2;\n"),
    (pair, "if y:\n\n    # c\n    x\n", "if y:\n\n    # c\n    a = 1\n    x\n    b = 2\n"),
    (pair, "if y:\r\n\tx", "if y:\r\n\ta = 1\r\n\tx\r\n\tb = 2"),
    (remove, "x\n", ""),
    (remove, "x\r", ""),
    (remove, "y = 1\n\n# c\nx\n\nz = 2\n", "y = 1\n\n# c\n\nz = 2\n"),
    (remove, "y = 1; x\n", "y = 1\n"),
    (remove, "x; y = 1\n", "y = 1\n"),
    (remove, "y = 1; x; z = 2\n", "y = 1; z = 2\n"),
    (remove, "if y: x\n", "if y: pass\n"),
    (remove, "if y:\n    x\n", "if y:\n    pass\n"),
    (remove, "if y:\n    # c\n    x  # d\n    z = 1\n", "if y:\n    # c\n    # d\n    z = 1\n"),
    (remove, "if y:\n    z = 1\n    # c\n    x\n", "if y:\n    z = 1\n    # c\n"),
    (WholeLine(comment_above), "if y:\n    x\n", "if y:\n    # c\n    x\n"),
    (WholeLine(comment_above), "# a\n\nx", "# a\n\n# c\nx"),
]


@pytest.mark.parametrize(("change", "before", "after"), STATEMENTS)
def test_statements(change, before, after):
    tree = ast.parse(before)
    wanted = [node for node in nodes(tree, ast.Expr) if ast.unparse(node) == "x"]
    assert rewrite_statements(before, tree, [(node, change) for node in wanted]) == after
    ast.parse(after)


def test_new_lines_end_as_those_of_the_file():
    assert rewritten("x = 1\r\ny", ast.Expr, pair, "\r\n") == "x = 1\r\na = 1\r\ny\r\nb = 2"


GIVEN = [
    # the names, before, after
    (["a", "b"], "f(1, (2))", "f(a=1, b=(2))"),
    (["", "b"], "f(1 , 2 )", "f(1 , b=2 )"),
    (["b"], "f(a = 1)", "f(b = 1)"),
    (["a"], "f(lambda: (yield))", "f(a=lambda: (yield))"),
    ([None], "f(1)", "f()"),
    ([None], "f( 1, )", "f()"),
    ([None], "f(\n    1,\n)", "f()"),
    ([None], "f(\n    1,  # c\n)", "f(\n    # c\n)"),
    ([None, ""], "f(1, 2)", "f(2)"),
    ([None, ""], "f(1,2)", "f(2)"),
    ([None, ""], "f(\n    1,\n    2,\n)", "f(\n    2,\n)"),
    ([None, ""], "f(\n    1,  # c\n    2,  # d\n)", "f(\n    # c\n    2,  # d\n)"),
    ([None, ""], "f(1,  # c\n  2)", "f(  # c\n  2)"),
    (["", None], "f(1, 2)", "f(1)"),
    (["", None], "f(1, 2, )", "f(1, )"),
    (["", None, ""], "f(1, 2, *a)", "f(1, *a)"),
    (["", None, ""], "f(1, 2, 3)", "f(1, 3)"),
    (["", None, ""], "f(\n    1,\n    2,\n    3\n)", "f(\n    1,\n    3\n)"),
    (["", None], "f(\n    1,  # c\n    2,  # d\n)", "f(\n    1,  # c\n    # d\n)"),
    (["", None, ""], "f(\n    1,  # c\n    2,\n    3)", "f(\n    1,  # c\n    3)"),
    (["", None, ""], "f(1, (  # c\n    2), 3)", "f(1,  # c\n    3)"),
    ([None, None, "c"], "f(1, 2, 3)", "f(c=3)"),
    (["", None, None], "f(1, a=2, b=3)", "f(1)"),
    (["", None], "f(1, a='#,)(')", "f(1)"),
    ([None, ""], "f('#,)(', b)", "f(b)"),
]


@pytest.mark.parametrize(("given", "before", "after"), GIVEN)
def test_arguments_given_otherwise(given, before, after):
    assert rewritten(before, ast.Call, partial(arguments.give, names=given)) == after
    ast.parse(after)


ADDED = [
    ("f()", "f(new=1)"),
    ("f( )", "f( new=1)"),
    ("f(a)", "f(a, new=1)"),
    ("f(a )", "f(a, new=1 )"),
    ("f(a, )", "f(a, new=1)"),
    ("f(a, *b, **c)", "f(a, *b, **c, new=1)"),
    ("f(\n    a,\n)", "f(\n    a, new=1\n)"),
    ("f(\n    a  # c\n)", "f(\n    a, new=1  # c\n)"),
    ("f(a, '#,)(')", "f(a, '#,)(', new=1)"),
    ("f(lambda: (a, b))", "f(lambda: (a, b), new=1)"),
    ("f(a := 1)", "f(a := 1, new=1)"),
]


@pytest.mark.parametrize(("before", "after"), ADDED)
def test_an_argument_added(before, after):
    new = cst.Arg(cst.Integer("1"), keyword=cst.Name("new"))
    assert rewritten(before, ast.Call, partial(arguments.add, arg=new)) == after
    ast.parse(after)


QUOTED = [
    ("x: 'old'\n", "x: 'new.name'\n"),
    ('def f(a: "Optional[ old ]" = None): pass\n', 'def f(a: "Optional[ new.name ]" = None): pass\n'),
    ("def f() -> 'old ': pass\n", "def f() -> 'new.name ': pass\n"),
    ('x: """Union[old, old]"""\n', 'x: """Union[new.name, new.name]"""\n'),
    ("ä = 'é'; x: 'Dict[ä, old]'\n", "ä = 'é'; x: 'Dict[ä, new.name]'\n"),
]


@pytest.mark.parametrize(("before", "after"), QUOTED)
def test_annotations_in_quotes(before, after):
    analysis = Analysis(ast.parse(before), lambda node: ast.get_source_segment(before, node))
    wanted = [node for node in analysis.nodes if isinstance(node, ast.Name) and node.id == "old"]
    assert wanted
    assert rewrite_statements(before, ast.parse(before), [(node, OLD) for node in wanted]) == after


def test_inner_nodes_are_changed_first_and_those_of_one_node_in_their_order():
    text = "x = f(old, b=1)\n"
    tree = ast.parse(text)
    call = tree.body[0].value
    rewrites = [(call, VALUE), (call, partial(code.attribute_of, name="last"))]
    rewrites += [(call.func, OLD), (call.args[0], TO_RESULT), (call, VALUE)]
    assert rewrite_statements(text, tree, rewrites) == "x = new.name(to_result(old), b=1).value.last.value\n"


DEEP = {
    "terms": "x = old + " + " + ".join(["1"] * (DEEPEST + 50)),
    "attributes": "x = old" + ".b" * (DEEPEST + 50),
    "negations": "x = " + "not " * (DEEPEST + 50) + "old",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_is_nested_too_deeply_is_refused(text):
    with pytest.raises(RefusalsError, match=f"deeper than {DEEPEST} levels") as caught:
        rewritten(f"y = old\n{text}\nz = old\n", ast.Name, OLD, id="old")
    assert [refusal.statement.lineno for refusal in caught.value.refusals] == [2]


def test_alternatives_are_no_levels():
    text = "if a:\n    pass\n" + "elif b:\n    pass\n" * 100 + "else:\n    x = old\n"
    assert rewritten(text, ast.Name, OLD, id="old") == text.replace("old", "new.name")


LOST = ["if a:\n    b\n\f    x = old\n", "if a:\n    b\n\\\n    x = old\n"]
UNREAD = ["if a:\n\\\n    x = old\n"]


@pytest.mark.parametrize("text", LOST)
def test_what_libcst_cannot_keep_is_refused(text):
    with pytest.raises(RefusalsError, match="byte for byte"):
        rewritten(text, ast.Name, OLD, id="old")


@pytest.mark.parametrize("text", UNREAD)
def test_what_libcst_cannot_parse_is_refused(text):
    with pytest.raises(RefusalsError, match="libcst can't parse 'x = old'"):
        rewritten(text, ast.Name, OLD, id="old")


def test_what_libcst_does_not_have_is_refused():
    with pytest.raises(RefusalsError, match="no BaseExpression"):
        rewritten("a[b:c]\n", ast.Slice, OLD)


def test_what_does_not_change_is_not_even_parsed():
    text = LOST[0].replace("old", "1") + "\ny = old\n" + DEEP["terms"].replace("old", "1")
    assert rewritten(text, ast.Name, OLD, id="old") == text.replace("old", "new.name")


def test_on_a_tree_of_libcst_as_in_its_own_codemods():
    text = "x = f(old)\ny = old\n"
    located = locate(text, [(node, OLD) for node in nodes(ast.parse(text), ast.Name, id="old")])
    located = pickle.loads(pickle.dumps(located))
    module = cst.parse_module(text)
    assert rewrite_module(module, located).code == rewrite(text, located) == "x = f(new.name)\ny = new.name\n"
    with pytest.raises(RefusedError):
        rewrite_module(cst.parse_module("z = 1\n"), located)


def test_any_python():
    """Programs made from Python's grammar: their statements are kept byte for byte, or refused."""
    hypothesis = pytest.importorskip("hypothesis", reason="needs hypothesis")
    hypothesmith = pytest.importorskip("hypothesmith", reason="needs hypothesmith")
    examples = int(os.environ.get("REHANDLE_EXAMPLES", "100"))

    @hypothesis.settings(
        max_examples=examples,
        derandomize="REHANDLE_EXAMPLES" not in os.environ,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(hypothesmith.from_grammar())
    def run(text):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes, which Python warns of while it parses
            try:
                assert_every_node_is_found(text)
            except RefusalsError as error:
                refused = [refusal.why for refusal in error.refusals]
                assert all("byte for byte" in why or "can't parse" in why for why in refused)

    run()
