"""Handler classes, node by node: what each part of a class becomes, in its own layout."""

from __future__ import annotations

import pickle
from functools import partial
from textwrap import dedent

import libcst as cst
import pytest

from rehandle_codemods.classes.lookup import Lookup
from rehandle_codemods.rewrite.code import renamed_inside
from rehandle_codemods.rewrite.handler_class import NewConstructor, NewMethod, becomes_result, own_call

READ = NewMethod("location", copy="new")
WRITE = NewMethod("value_", copy="new", keywords="kwargs")

# What it is about, the class, what is decided of it, and the new class.
CLASSES = [
    (
        "a new name, and nothing else",
        "class Shared(LocalResult): pass\n",
        {"name": "Other"},
        "class Other(LocalResult): pass\n",
    ),
    (
        "read and write",
        """
        class Mine(Result):
            def read(self, location):
                return STORE[location]

            def write(self, value_):
                STORE["a"] = value_
                return "a"
        """,
        {"read": READ, "write": WRITE},
        """
        class Mine(Result):
            def read(self, location):
                new = self.copy()
                new.location = location
                new.value = STORE[location]
                return new

            def write(self, value_, **kwargs):
                new = self.copy()
                new.value = value_
                STORE["a"] = value_
                new.location = "a"
                return new
        """,
    ),
    (
        "an annotation of what a method returns",
        """
        class Mine(Result):
            def read(self, location: str) -> object: return STORE[location]
            def write(self, value_)->str:
                return "a"
        """,
        {"base": "results.Result", "read": READ, "write": WRITE},
        """
        class Mine(Result):
            def read(self, location: str) -> "results.Result": new = self.copy(); new.location = location; new.value = STORE[location]; return new
            def write(self, value_, **kwargs)->"results.Result":
                new = self.copy()
                new.value = value_
                new.location = "a"
                return new
        """,  # noqa: E501
    ),
    (
        "a method that is only there to be overridden",
        """
        class Mine(Result, abc.ABC):
            @abc.abstractmethod
            def read(self, location):
                \"\"\"Reads.\"\"\"

            def write(self, value_) -> str:
                raise NotImplementedError
        """,
        {"read": NewMethod("location"), "write": NewMethod("value_", keywords="kwargs")},
        """
        class Mine(Result, abc.ABC):
            @abc.abstractmethod
            def read(self, location):
                \"\"\"Reads.\"\"\"

            def write(self, value_, **kwargs) -> "Result":
                raise NotImplementedError
        """,
    ),
    (
        "a body that can end without a return",
        """
        class Mine(Result):
            def read(self, location):
                if location:
                    return STORE[location]
                # nothing there

            def other(self): pass
        """,
        {"read": NewMethod("location", copy="new", ends=True)},
        """
        class Mine(Result):
            def read(self, location):
                new = self.copy()
                new.location = location
                new.value = None
                if location:
                    new.value = STORE[location]
                    return new
                return new
                # nothing there

            def other(self): pass
        """,
    ),
    (
        "a docstring alone",
        """
        class Mine(Result):
            def read(self, location):
                '''Nothing
                to read.'''

            def write(self, value_): "Nothing to write."; return "a"
        """,
        {"read": NewMethod("location", copy="new", ends=True), "write": WRITE},
        """
        class Mine(Result):
            def read(self, location):
                '''Nothing
                to read.'''
                new = self.copy()
                new.location = location
                new.value = None
                return new

            def write(self, value_, **kwargs): "Nothing to write."; new = self.copy(); new.value = value_; new.location = "a"; return new
        """,  # noqa: E501
    ),
    (
        "a docstring, an empty line, and a comment of the first statement",
        """
        class Mine(Result):
            def read(self, location):
                # Not a docstring.
                "It is one."

                # about the value
                value = STORE[location]
                return value  # noqa: RET504
        """,
        {"read": READ},
        """
        class Mine(Result):
            def read(self, location):
                # Not a docstring.
                "It is one."

                new = self.copy()
                new.location = location
                # about the value
                value = STORE[location]
                new.value = value  # noqa: RET504
                return new
        """,
    ),
    (
        "a docstring with a statement on its line",
        """
        class Mine(Result):
            def read(self, location):
                "Reads."; return STORE[location];
        """,
        {"read": READ},
        """
        class Mine(Result):
            def read(self, location):
                "Reads."; new = self.copy(); new.location = location; new.value = STORE[location]; return new;
        """,
    ),
    (
        "semicolons and one-line suites",
        """
        class Mine(Result):
            def read(self, location):
                print(1); print(2)
                try: return STORE[location]
                except KeyError: print(3); return
                finally:
                    print(4); return(5)
        """,
        {"read": READ},
        """
        class Mine(Result):
            def read(self, location):
                new = self.copy()
                new.location = location
                print(1); print(2)
                try: new.value = STORE[location]; return new
                except KeyError: print(3); new.value = None; return new
                finally:
                    print(4); new.value = (5); return new
        """,
    ),
    (
        "values over several lines",
        """
        class Mine(Result):
            def read(self, location):
                if location:
                    return (
                        STORE[location]  # there
                    )  # here
                return \\
                    1, \\
                    *location
        """,
        {"read": READ},
        """
        class Mine(Result):
            def read(self, location):
                new = self.copy()
                new.location = location
                if location:
                    new.value = (
                        STORE[location]  # there
                    )  # here
                    return new
                new.value = \\
                    1, \\
                    *location
                return new
        """,
    ),
    (
        "functions, classes and lambdas inside",
        """
        class Mine(Result):
            def write(self, value_):
                class Inner:
                    def one(self):
                        return value_

                def two():
                    return [lambda: (yield)]

                async def three():
                    return 3
                return "a"
        """,
        {"write": WRITE},
        """
        class Mine(Result):
            def write(self, value_, **kwargs):
                new = self.copy()
                new.value = value_
                class Inner:
                    def one(self):
                        return value_

                def two():
                    return [lambda: (yield)]

                async def three():
                    return 3
                new.location = "a"
                return new
        """,
    ),
    (
        "a parameter whose name is kept as a variable",
        """
        class Mine(Result):
            def read(self, location):
                return f"{name=}"
        """,
        {"read": NewMethod("location", "name", "new_")},
        """
        class Mine(Result):
            def read(self, location):
                new_ = self.copy()
                new_.location = location
                name = location
                new_.value = f"{name=}"
                return new_
        """,
    ),
    (
        "a constructor that calls that of its base",
        """
        class Mine(Result):
            def __init__(self, folder="a") -> None:
                super().__init__(**kwargs)
        """,
        {"constructor": NewConstructor("kwargs", calls_base=True)},
        """
        class Mine(Result):
            def __init__(self, folder="a", **kwargs) -> None:
                super().__init__(**kwargs)
        """,
    ),
    (
        "a constructor that doesn't",
        """
        class Mine(Result):
            def __init__(self):
                \"\"\"Nothing to do.\"\"\"
        """,
        {"constructor": NewConstructor("kwargs", calls_base=False)},
        """
        class Mine(Result):
            def __init__(self, **kwargs):
                \"\"\"Nothing to do.\"\"\"
                super().__init__(**kwargs)
        """,
    ),
    (
        "a constructor that takes every keyword for itself",
        """
        class Mine(Result):
            def __init__(self, **options): self.options = options
        """,
        {"constructor": NewConstructor("", calls_base=False)},
        """
        class Mine(Result):
            def __init__(self, **options): super().__init__(); self.options = options
        """,
    ),
    (
        "strings that hold quotes and brackets, on Python 3.12 and later",
        """
        class Mine(Result):
            def __init__(self, name, folder=f"{d["("]}", end=")#"):
                super().__init__(f"{d["a#b"]}/{name}")

            def write(self, value_, *, sep=f'{d['\\'']}'):
                return f"{d["a;"]}/{self.name:{d["#"]}}"  # "
        """,
        {"constructor": NewConstructor("kwargs", calls_base=True), "write": WRITE},
        """
        class Mine(Result):
            def __init__(self, name, folder=f"{d["("]}", end=")#", **kwargs):
                super().__init__(f"{d["a#b"]}/{name}")

            def write(self, value_, *, sep=f'{d['\\'']}', **kwargs):
                new = self.copy()
                new.value = value_
                new.location = f"{d["a;"]}/{self.name:{d["#"]}}"  # "
                return new
        """,
    ),
    (
        "an exists after the read, indented as it is",
        """
        class Mine(Result):
          def read(self, location):
             with open(location) as file:
                return file.read()
          def write(self, value_): return "a"
        """,
        {"read": READ, "lookup": Lookup("if {path}:\n    return True\nreturn False", (("path", "name"),), "name")},
        """
        class Mine(Result):
          def read(self, location):
             new = self.copy()
             new.location = location
             with open(location) as file:
                new.value = file.read()
                return new

          def exists(self, location, **kwargs):
             if location.format(**kwargs):
                return True
             return False
          def write(self, value_): return "a"
        """,
    ),
]


@pytest.mark.parametrize(("about", "before", "wanted", "after"), CLASSES, ids=[case[0] for case in CLASSES])
def test_class(about, before, wanted, after):
    before, after = dedent(before).lstrip("\n"), dedent(after).lstrip("\n")
    change = pickle.loads(pickle.dumps(partial(becomes_result, **{"base": "Result", **wanted})))
    for newline in ("\n", "\r\n"):
        tree = cst.parse_module(before.replace("\n", newline))
        new = tree.with_changes(body=[change(tree.body[0])]).code
        assert new == after.replace("\n", newline)


PARAMETERS = [
    ("(self)", "(self, **kwargs)"),
    ("(self, value)", "(self, value, **kwargs)"),
    ("(self, value,)", "(self, value, **kwargs,)"),
    ("( self , value )", "( self , value, **kwargs )"),
    ("(self, value, /)", "(self, value, /, **kwargs)"),
    ("(self, value, /, )", "(self, value, /, **kwargs, )"),
    ("(self, *names)", "(self, *names, **kwargs)"),
    ("(self, *, name=(1, ')'))", "(self, *, name=(1, ')'), **kwargs)"),
    ("(self, name=lambda a, *b: (a, b))", "(self, name=lambda a, *b: (a, b), **kwargs)"),
    ("(self, name: 'a, b' = {'a': (x := 1)})", "(self, name: 'a, b' = {'a': (x := 1)}, **kwargs)"),
    ("(self, name=f'{a!r:>{b}},')", "(self, name=f'{a!r:>{b}},', **kwargs)"),
    ("(\n    self, value\n)", "(\n    self, value, **kwargs\n)"),
    ("(\n    self, value  # a, b\n)", "(\n    self, value, **kwargs  # a, b\n)"),
    ("(\n    self,\n    value\n)", "(\n    self,\n    value,\n    **kwargs\n)"),
    ("(\n    self,\n    value,\n)", "(\n    self,\n    value,\n    **kwargs,\n)"),
    ("(self,\n     value)", "(self,\n     value,\n     **kwargs)"),
    ("(\n    self,\n    value  # a, b\n)", "(\n    self,\n    value,  # a, b\n    **kwargs\n)"),
    (
        "(\n    self,\n    # before\n    value,  # a, b\n    # after\n)",
        "(\n    self,\n    # before\n    value,  # a, b\n    **kwargs,\n    # after\n)",
    ),
    ("(self, \\\n   value)", "(self, \\\n   value, **kwargs)"),
]


@pytest.mark.parametrize(("before", "after"), PARAMETERS)
def test_further_keywords_are_taken_in_the_layout_of_the_last_parameter(before, after):
    tree = cst.parse_module(f"class A(B):\n    def __init__{before.replace(chr(10), chr(10) + '    ')}: pass\n")
    new = becomes_result(tree.body[0], base="B", constructor=NewConstructor("kwargs", calls_base=True))
    code = tree.with_changes(body=[new]).code
    assert code == f"class A(B):\n    def __init__{after.replace(chr(10), chr(10) + '    ')}: pass\n"


CALLS = [
    ("self.read( first )", "value", "", "self.read( first ).value"),
    ("super().write(value)", "location", "kwargs", "super().write(value, **kwargs).location"),
    ("super().write(value)", "", "kwargs", "super().write(value, **kwargs)"),
    ("(self.read(a))", "value", "", "(self.read(a).value)"),
    ("Base.write(self, f'{v[')']},')", "location", "kwargs_", "Base.write(self, f'{v[')']},', **kwargs_).location"),
    ("self.write(\n    {'a': 1},  # it\n)", "location", "", "self.write(\n    {'a': 1},  # it\n).location"),
]


@pytest.mark.parametrize(("before", "attribute", "keywords", "after"), CALLS)
def test_own_call(before, attribute, keywords, after):
    node = own_call(cst.parse_expression(before), attribute, keywords)
    assert cst.Module([]).code_for_node(node) == after


FILE = "return {os}.path.exists({path})"
PATH = "return {path}.exists()"
LOOKUPS = [
    ("a name", FILE, {"os": "os", "path": "name"}, {}, "return os.path.exists(location.format(**kwargs))"),
    (
        "attributes and keywords of that name",
        FILE,
        {"os": "_os", "path": "self.name.at(name=name)"},
        {},
        "return _os.path.exists(self.name.at(name=location.format(**kwargs)))",
    ),
    (
        "a variable, in parentheses where it is an operand",
        "return {key} in {holder}",
        {"key": "path[path] % path", "holder": "self.store"},
        {"path": "folder + name", "folder": "self.folder"},
        "return (self.folder + location.format(**kwargs))[self.folder + location.format(**kwargs)] "
        "% (self.folder + location.format(**kwargs)) in self.store",
    ),
    (
        "a variable alone",
        FILE,
        {"os": "os", "path": "path"},
        {"path": "'a' + name"},
        "return os.path.exists('a' + location.format(**kwargs))",
    ),
    ("what has a method", PATH, {"path": "folder / name"}, {}, "return (folder / location.format(**kwargs)).exists()"),
    (
        "what has one as a variable",
        PATH,
        {"path": "path"},
        {"path": "Path(name)"},
        "return Path(location.format(**kwargs)).exists()",
    ),
    (
        "what is an attribute",
        PATH,
        {"path": "Path(name).parent"},
        {},
        "return Path(location.format(**kwargs)).parent.exists()",
    ),
    (
        "strings in an f-string",
        FILE,
        {"os": "os", "path": "f\"{base}-{name:>{width}}{'#'}.gz\""},
        {"base": 'join("a", b"b")', "width": '{"w": 1}["w"]'},
        "return os.path.exists(f\"{join('a', b'b')}-{location.format(**kwargs):>{ {'w': 1}['w']}}{'#'}.gz\")",
    ),
    (
        "strings in an f-string with the other quotes",
        FILE,
        {"os": "os", "path": "f'{base}{name}'"},
        {"base": "join('a')"},
        "return os.path.exists(f'{join(\"a\")}{location.format(**kwargs)}')",
    ),
    (
        "quotes inside quotes, on Python 3.12 and later",
        FILE,
        {"os": "os", "path": 'f"{d["a#b"]}/{name}"'},
        {},
        'return os.path.exists(f"{d["a#b"]}/{location.format(**kwargs)}")',
    ),
    (
        "a location that is called location already",
        FILE,
        {"os": "os", "path": "location"},
        {},
        "return os.path.exists(location.format(**kwargs))",
    ),
]


@pytest.mark.parametrize(("about", "body", "parts", "values", "line"), LOOKUPS, ids=[case[0] for case in LOOKUPS])
def test_exists(about, body, parts, values, line):
    parameter = "location" if "called location" in about else "name"
    lookup = Lookup(body, tuple(parts.items()), parameter, tuple(values.items()))
    tree = cst.parse_module("class A(B):\n    def read(self, location): pass\n")
    new = becomes_result(tree.body[0], base="B", lookup=lookup)
    code = tree.with_changes(body=[new]).code
    assert code == (
        "class A(B):\n    def read(self, location): pass\n\n"
        f"    def exists(self, location, **kwargs):\n        {line}\n"
    )


STRINGS = [
    ('f"{name}"', 'f"{location}"'),
    ("f'{name!r:>{len(name)}} name'", "f'{location!r:>{len(location)}} name'"),
    ("f\"{self.name} {at(name=name)['name']}\"", "f\"{self.name} {at(name=location)['name']}\""),
    ("'name' f\"{ name }{d[\"name\"]}\" 'name'", "'name' f\"{ location }{d[\"name\"]}\" 'name'"),
    ('f"""{\n  name\n}"""', 'f"""{\n  location\n}"""'),
]


@pytest.mark.parametrize(("before", "after"), STRINGS)
def test_a_parameter_in_an_f_string(before, after):
    node = renamed_inside(cst.parse_expression(before), "name", "location")
    assert cst.Module([]).code_for_node(node) == after
