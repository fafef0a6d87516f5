"""Small files for the messages that no case shows: a file each, or the files of a repository by their names."""

# ruff: noqa: E501

from __future__ import annotations

_HEAD = """\
import functools
import other
from prefect import Flow, Task, task
from prefect.engine.result_handlers import ConstantResultHandler, GCSResultHandler, LocalResultHandler, ResultHandler
"""

# Bodies and heads of handler classes that can't become Results; those that aren't bases are regular otherwise.
_READ = "    def read(self, loc):\n        return open(loc).read()\n"
_WRITE = "    def write(self, value):\n        return 'x'\n"
_BASES = """\
class Mixin:
    name = "x"


class Meta(type):
    pass


@other.changed
class DecoratedMixin:
    pass


class HiddenMixin(other.Mixin):
    pass


class NamedMixin:
    location = 1


class UsingMixin:
    def here(self):
        return self.location


class EvalMixin:
    def here(self):
        return eval("1")


class Twice(ResultHandler):
    pass


class Twice(ResultHandler):
    pass


class Base(ResultHandler):
    def read(self, loc):
        return eval(loc)

    def write(self, value):
        return "x"


"""
_CLASSES = [
    f"class Own(Own):\n{_READ}{_WRITE}",
    f"@other.changed\nclass C(ResultHandler):\n{_READ}{_WRITE}",
    f"class Own(ResultHandler, LocalResultHandler):\n{_READ}{_WRITE}",
    f"class Own(ResultHandler, made()):\n{_READ}{_WRITE}",
    f"class Own(ResultHandler, DecoratedMixin):\n{_READ}{_WRITE}",
    f"class Own(ResultHandler, metaclass=Meta):\n{_READ}{_WRITE}",
    f"class Own(ResultHandler, HiddenMixin):\n{_READ}{_WRITE}",
    f"class Own(ResultHandler, other.Mixin):\n{_READ}{_WRITE}",
    f"class Own(Twice):\n{_READ}{_WRITE}",
    f"class Own(ResultHandler):\n    @other.d\n    def __init__(self):\n        pass\n{_READ}{_WRITE}",
    f"class Own(ResultHandler):\n    def __init__(self):\n        super().__init__()\n        return\n{_READ}{_WRITE}",
    "class Own(LocalResultHandler):\n    def __init__(self):\n        self.x = 1\n",
    f"class Own(ResultHandler):\n    def __init__(self):\n        other.C.__init__(self)\n{_READ}{_WRITE}",
    "class Own(LocalResultHandler):\n    def __init__(self):\n        LocalResultHandler.__init__(self, 'x')\n",
    f"class Own(ResultHandler):\n    def __init__(self):\n        other().__init__(self)\n{_READ}{_WRITE}",
    f"class Own(ResultHandler):\n    def __init__(self):\n        super().__init__(1)\n{_READ}{_WRITE}",
    f"class Own(ResultHandler):\n    def __init__(self):\n        super().__init__(x=1)\n{_READ}{_WRITE}",
    "class Outer:\n" + f"class Own(ResultHandler):\n{_READ}{_WRITE}".replace("\n", "\n    ").join(["    ", "\n"]),
    f"class Own(ResultHandler):\n    @other.d\n{_READ}{_WRITE}",
    f"class Own(ResultHandler):\n    def read(self, loc, more):\n        return loc\n{_WRITE}",
    f"class Own(ResultHandler):\n    def read(self, loc):\n        def f():\n            global loc\n        return 1\n{_WRITE}",
    f"class Own(ResultHandler):\n{_READ}    def write(self, value):\n        return ResultHandler.write(self, value)\n",
    f"class Own(ResultHandler):\n{_READ}{_WRITE}    def f(self):\n        return self.read\n",
    f"class Own(ResultHandler):\n{_READ}{_WRITE}    def f(self):\n        return self.read(loc=1)\n",
    f"class Own(ResultHandler):\n{_READ}{_WRITE}    def f(self):\n        return f'{{self.read(1)}}'\n",
    f"class Own(ResultHandler):\n    location = 1\n{_READ}{_WRITE}",
    f"class Own(ResultHandler, UsingMixin):\n{_READ}{_WRITE}",
    f"class Own(ResultHandler, EvalMixin):\n{_READ}{_WRITE}",
    f"class Own(ResultHandler, NamedMixin):\n{_READ}{_WRITE}",
    f"class Own(ResultHandler):\n{_READ}    def write(self, value, **kw):\n        print(kw)\n        return 'x'\n",
    f"class Own(ResultHandler):\n{_READ}{_READ}{_WRITE}",
    f"class Own(ResultHandler):\n    if other.x:\n        y = 1\n{_READ}{_WRITE}",
    f"class Own(ResultHandler):\n    read = other.read\n{_WRITE}",
    f"class Own(ResultHandler):\n{_READ}    def write(self, value):\n        super().write(value)\n        return 'x'\n",
    "class Own(ConstantResultHandler):\n    pass\n",
    "class Own(GCSResultHandler):\n    def read(self, loc):\n        x = super().read(loc)\n        return x\n",
    "class Own(GCSResultHandler):\n    def read(self, loc):\n        return loc\n",
    "class Own(GCSResultHandler):\n    def f(self):\n        return self.odd\n",
    "class Own(GCSResultHandler):\n    def f(self):\n        return self.gcs_bucket\n\n    def g(self):\n"
    "        self.serializer = 1\n        return self.serializer\n",
    "class Own(LocalResultHandler):\n    def read(self, loc):\n        return super().read('a/' + loc)\n",
    f"class Own(ResultHandler):\n{_READ}{_WRITE}\n\nclass C(ResultHandler):\n{_READ}{_WRITE}",
    "class Own(LocalResultHandler):\n    def __init__(self):\n        super().__init__(dir=None)\n",
    "class Own(LocalResultHandler):\n    def __init__(self, *a):\n        super().__init__(*a)\n",
    f"class Own(Base):\n{_READ}{_WRITE}",
    f"class Own(ResultHandler):\n{_READ}",
    f"H = ResultHandler\n\n\nclass C(H):\n{_READ}{_WRITE}",
    f"class Own(ResultHandler):\n{_READ}{_WRITE}\n\nclass Below(Own):\n    def read(self, loc):\n        return eval(loc)\n",
    "class Own(made(), ResultHandler):\n    pass\n",
    "class Has:\n    class CHandler(ResultHandler):\n        def read(self, loc):\n            return 1\n\n"
    "        def write(self, value):\n            return 'x'\n",
    f"class CHandler(ResultHandler):\n{_READ}{_WRITE}\n\ndef f():\n    global CHandler\n",
    f"class CHandler(ResultHandler):\n{_READ}{_WRITE}\n\nif other.x:\n    CHandler = other.C\n",
]
_HANDLERS = [
    "h = LocalResultHandler(*other.x)\nFlow('f', result_handler=h)\n",
    "h = LocalResultHandler('a', True, 3, 4)\nFlow('f', result_handler=h)\n",
    "h = LocalResultHandler(odd=1)\nFlow('f', result_handler=h)\n",
    "options = {other.key: LocalResultHandler()}\nFlow('f', **options)\n",
    "options = {'result_handler': LocalResultHandler(), 'result': None}\nFlow('f', **options)\n",
    "options = {'result_handler': LocalResultHandler()}\nother.f(options)\n",
    "def f(result_handler=None):\n    global result\n    Flow('f', result_handler=result_handler)\n\n\nf(LocalResultHandler())\n",
    "H = LocalResultHandler\nh = H()\nFlow('f', result_handler=h)\n",
    "Flow('f', result_handler=f'{LocalResultHandler()}')\n",
    "h = LocalResultHandler()\nisinstance(h, LocalResultHandler)\nh2 = [h for _ in x]\nFlow('f', result_handler=h)\n",
    "h = LocalResultHandler()\nh, g = h, 1\nFlow('f', result_handler=h)\n",
    "h = LocalResultHandler()\nx = h\nx = 3\nFlow('f', result_handler=h)\n",
    "class S:\n    h = LocalResultHandler()\n\n\nFlow('f', result_handler=S.h)\n",
    "class T(Task):\n    result_handler = LocalResultHandler()\n",
    "def f(*hs):\n    Flow('f', result_handler=hs[0])\n\n\nf(LocalResultHandler())\n",
    "def f(h=None):\n    Flow('f', result_handler=h)\n\n\nf(*other.x)\n",
    "def f(h=None):\n    Flow('f', result_handler=h)\n\n\nf(**other.x)\n",
    "async def f():\n    return LocalResultHandler()\n\n\nFlow('f', result_handler=f())\n",
    "def f(h):\n    for h in other.x:\n        pass\n    Flow('f', result_handler=h)\n\n\nf(LocalResultHandler())\n",
    "def f(h):\n    Flow('f', result_handler=h)\n    f(h)\n",
    "def f(h):\n    Flow('f', result_handler=h)\n\n\ndef f(h):\n    pass\n\n\nf(LocalResultHandler())\n",
    "@other.d\nclass S:\n    def __init__(self, h):\n        self.flow = Flow('f', result_handler=h)\n\n\n"
    "S(LocalResultHandler())\n",
    "class S:\n    def __init__(self, h):\n        self.flow = Flow('f', result_handler=h)\n\n    @classmethod\n"
    "    def make(cls):\n        return cls(1)\n\n\nS(LocalResultHandler())\n",
    "class S:\n    def __init__(self, h):\n        Flow('f', result_handler=h)\n\n\nclass S:\n    pass\n\n\nS(LocalResultHandler())\n",
    "hs = [LocalResultHandler()]\nFlow('f', result_handler=hs[0:1])\n",
    "o = {**other.x, 'result_handler': LocalResultHandler()}\nFlow('f', **o)\n",
    "o = dict(other.x, result_handler=LocalResultHandler())\nFlow('f', **o)\n",
    "o = dict(**other.x, result_handler=LocalResultHandler())\nFlow('f', **o)\n",
    "o = {'result_handler': LocalResultHandler()}\no['result_handler'] += 1\nFlow('f', **o)\n",
    "def f():\n    yield from other.x\n    yield LocalResultHandler()\n\n\nFlow('f', result_handler=next(f()))\n",
    "o = {}\no['a']['b'] = LocalResultHandler()\n",
    "print([LocalResultHandler()])\n",
    "o = {'result_handler': LocalResultHandler()}\nFlow('f', result=None, **o)\n",
    "Flow('f', result=None, result_handler=LocalResultHandler())\n",
    "class F(F):\n    pass\n\n\nF(result_handler=None)\n",
    "class F(Task):\n    def __init__(self, result_handler):\n        super().__init__()\n\n\nF(result_handler=LocalResultHandler())\n",
    "class F(Task):\n    def __init__(self, result_handler):\n        super().__init__(result_handler=result_handler)\n\n\n"
    "F(result_handler=other.x)\n",
    "def f(**kw):\n    other.g(**kw)\n    Flow(**kw)\n\n\nf(result_handler=None)\n",
    "import prefect\n\nprefect.context(result_handler=None)\n",
    "def f(**kw):\n    return f(**kw)\n\n\nf(result_handler=None)\n",
    "super().__init__(result_handler=None)\n",
    "class T(other.T, Task):\n    pass\n\n\nT()(result_handler=None)\n",
    "LocalResultHandler.write = other.write\nFlow('f', result_handler=LocalResultHandler())\n",
    "Flow('f', None, None, None, None, None, None, LocalResultHandler(), result=None)\n",
    "Task('t', None, None, 0, None, None, None, None, None, True, False, LocalResultHandler(), result=None)\n",
    "Flow('f', None, None, None, None, None, None, LocalResultHandler('a', None, *other.x))\n",
    "import pathlib\n\npathlib.Path('x').result_handler.read()\n",
    "def load(state):\n    return state._result.result_handler.read('x')\n",
    "def load(state):\n    return state._result.result_handler.read(state._result.safe_value.value)\n",
    "h = other.x or LocalResultHandler\nFlow('f', result_handler=h())\n",
    "def f(result_handler):\n    return Flow('f', result_handler=result_handler)\n\n\nf(result_handler=LocalResultHandler())\nother.g(f)\n",
    "x = (h := LocalResultHandler())\nFlow('f', result_handler=(g := other.x))\n",
    "from prefect.engine.result import SafeResult\n\nprint(SafeResult)\n",
]
_REPOSITORIES = [
    {
        "flow.py": "import prefect.engine.result_handlers\n\nh = prefect.engine.result_handlers.LocalResultHandler()\nprint(h)\n"
    },
    {
        "prefect/__init__.py": "",
        "prefect/engine/result_handlers/__init__.py": "class ResultHandler:\n    pass\n",
        "prefect/flow.py": "from prefect.engine.result_handlers import ResultHandler\n",
        "setup.py": "setup(name='prefect')\n",
    },
    {
        "stores.py": _HEAD + "H = LocalResultHandler()\nFlow('f', result_handler=H)\n",
        "bad.py": "from stores import H\nprint(H\n",
    },
    {
        "a/stores.py": _HEAD + "H = LocalResultHandler()\nFlow('f', result_handler=H)\n",
        "b/use.py": "from stores import H\n",
    },
    {
        "flow.py": "from prefect.engine.result_handlers import *\nfrom prefect import Flow\nFlow('f', result_handler=LocalResultHandler())\n"
    },
    {"flow.py": _HEAD + "h = LocalResultHandler()  # rehandle: ignore\nFlow('f', result_handler=h)\n"},
    {"flow.py": _HEAD + "Flow('f', result_handler=LocalResultHandler())  # rehandle: ignore[RH103]\n"},
    {"flow.py": _HEAD + f"class Own(ResultHandler):  # rehandle: ignore\n{_READ}{_WRITE}"},
    {"flow.py": _HEAD + f"class CHandler(ResultHandler):\n{_READ}{_WRITE}\n\nCHandler  # rehandle: ignore[RH110]\n"},
]

FILES: list[dict[str, str]] = [
    *({"flow.py": f"{_HEAD}\n\n{_BASES}{code}\n\nFlow('f', result_handler=Own())\n"} for code in _CLASSES),
    *({"flow.py": f"{_HEAD}\n\n{code}"} for code in _HANDLERS),
    *_REPOSITORIES,
]

UNSEEN = {
    ("classes/bases.py", "derives from itself"),
    ("classes/bases.py", "derives from {{owner.node.name}}, which is bound more than once"),
    ("classes/inherited.py", "sets self.{{part.attr}}, which {{row.result}} has itself"),
    ("decide/class_names.py", "is also bound to something else"),
    ("decide/class_names.py", "is reached through something unknown"),
    ("decide/class_names.py", "may be reached through the class that it is defined in"),
    ("decide/class_values.py", "may be something else"),
    ("decide/handler_classes.py", "derives from {{above.name}}, which stays a handler"),
    ("decide/handler_classes.py", "gives arguments to the constructor of {{handler}} by a class's name"),
    ("decide/spelling.py", "has keys that are known only when the code runs"),
    ("decide/staying.py", "may be something else"),
    ("decide/values.py", "Say by --src from which folder that is imported"),
    ("decide/values.py", "gets its class by an import"),
    ("decide/values.py", "is compared with a class"),
    ("decide/values.py", "is copied"),
    ("decide/values.py", "may be used in {{shown(broken)}}, which can't be analysed"),
    ("decide/values.py", "may be what {{at.line}} takes from a file that isn't certain"),
    ("flow/attributes.py", "is given to __post_init__"),
    ("flow/attributes.py", "is used as a tuple, or given away"),
    ("flow/attributes.py", "what is given"),
    ("flow/calls.py", "calls itself in a way that isn't understood"),
    ("flow/calls.py", "is changed by a decorator or metaclass"),
    ("flow/calls.py", "may be made"),
    ("flow/dicts.py", "is changed"),
    ("flow/edges.py", "Pass result= to super().__init__()"),
    ("flow/edges.py", "gets unknown arguments"),
    ("flow/edges.py", "gets unknown keywords by **"),
    ("flow/edges.py", "is a class attribute, which may be reached in ways that can't be seen"),
    ("flow/edges.py", "takes any arguments"),
    ("flow/fixtures.py", "yields from something else"),
    ("flow/graph.py", "is passed beside another one"),
    ("flow/instances.py", "is made of itself"),
    ("flow/owners.py", "is an instance of a class of Python's own library"),
    ("flow/positional.py", "a Result is given too"),
    ("flow/receivers.py", "{{node.name}} derives from something of its own name"),
    ("flow/uses.py", "is replaced"),
    ("rules/rh108_run_time.py", "is handed on to Prefect"),
    ("rules/rh123_position.py", "is converted at run time, as result="),
    ("rules/rh201_kept_handler.py", "may be of another class"),
    ("rules/rh204_irregular_class.py", "has uses that aren't understood"),
    ("rules/rh206_removed_api.py", "the call is to be written anew"),
    ("rules/rh207_prefect_source.py", "{{place.module.shown}} is a part of Prefect itself"),
}
"""Texts in the code that no case and none of these files shows yet: whoever writes one takes its row out."""
