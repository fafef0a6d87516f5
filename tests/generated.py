"""Small repositories made at random from the patterns of docs/patterns.md, for hypothesis.

A repository is made of a few stores (how a handler is made and bound), a few uses of them, classes and things that only
look alike, spread over one file or several. All of it runs on Prefect 0.10.7 as it stands, unless a piece is in
NOT_RUN. Three marks in the pieces are filled in by how the repository imports what they stand for: `@name` is a name of
the file with the stores, `%name` one of Prefect's, `$name` a handler class.
"""

import re
from typing import NamedTuple, Tuple

from hypothesis import strategies

HANDLERS = ("LocalResultHandler", "JSONResultHandler", "ConstantResultHandler", "S3ResultHandler", "ResultHandler")
_NAMES = ", ".join(HANDLERS)
_LINES = "".join(f"    {name},  # {name.lower()}\n" for name in HANDLERS)
_ALIASES = ", ".join(f"{name} as My{name}" for name in HANDLERS)
_DEEP = "".join(
    f"from prefect.engine.result_handlers.{module} import {name}  # deep\n"
    for module, name in zip(
        (
            "local_result_handler",
            "json_result_handler",
            "constant_result_handler",
            "s3_result_handler",
            "result_handler",
        ),
        HANDLERS,
    )
)
_ALL = "from prefect.engine.result_handlers import"

# How the handlers are imported, and what `$name` becomes.
HANDLER_IMPORTS = {
    f"{_ALL} {_NAMES}\n": "{}",
    f"{_ALL} ({_NAMES})  # all\n": "{}",
    f"{_ALL} (  # open\n{_LINES})\n": "{}",
    f"{_ALL} (\n{_LINES}    # end\n)\n": "{}",
    f"from prefect.engine.results import LocalResult  # new\n{_ALL} {_NAMES}\n": "{}",
    f"LocalResult = 3\n{_ALL} {_NAMES}\n": "{}",
    f"try:\n    {_ALL} {_NAMES}\nexcept ImportError:\n    raise\n": "{}",
    f"try:\n    {_ALL} {_NAMES}\nexcept ImportError:  # nothing\n    LocalResultHandler = None\n": "{}",
    f"if True:\n    {_ALL} {_NAMES}\nelse:\n    {_ALL} LocalResultHandler\n": "{}",
    f"x = 1; {_ALL} {_NAMES}; y = 2\n": "{}",
    f"{_ALL} {_ALIASES}\n": "My{}",
    f"{_ALL} {_NAMES}\n{_ALL} {_NAMES}\n": "{}",
    _DEEP: "{}",
    "import prefect.engine.result_handlers as rh\n": "rh.{}",
    "from prefect.engine import result_handlers\n": "result_handlers.{}",
    "from prefect.engine import result_handlers as stores_  # as\n": "stores_.{}",
    "import prefect.engine.result_handlers\n": "prefect.engine.result_handlers.{}",
    "import prefect.engine \\\n    .result_handlers as rh, string  # continued\n": "rh.{}",
    f"from prefect . engine \\\n    . result_handlers \\\n    import {_NAMES}\n": "{}",
    "from prefect.engine import (result_handlers as rh, state)  # both\n": "rh.{}",
}
PREFECT_IMPORTS = {
    # how Prefect is imported, and what `%name` becomes
    "from prefect import Flow, Task, task\n": "{}",
    "from prefect import (\n    Flow,  # flows\n    Task, task,\n)\n": "{}",
    "from prefect import Flow as PFlow, Task as PTask, task as Ptask\n": "P{}",
    "import prefect as pf\n": "pf.{}",
    "import prefect\n": "prefect.{}",
    "from prefect.core import Flow, Task\nfrom prefect.utilities.tasks import task\n": "{}",
    "import prefect\nFlow = prefect.Flow; Task = prefect.Task\ntask = prefect.task\n": "{}",
}
VALUES = (
    "$LocalResultHandler()",
    "$LocalResultHandler(dir='results')",
    "($LocalResultHandler('results', validate=True))",
    "$LocalResultHandler(  # where\n        dir=os.path.join('a', 'b'),  # there\n    )",
    "$JSONResultHandler()",
    "$JSONResultHandler(  # plain\n    )",
    "$S3ResultHandler('bucket', None)",
    "$S3ResultHandler(\n        'bucket',  # the bucket\n        None,  # no secret\n    )",
    "$S3ResultHandler('bucket', 'SECRET')",
    "@Files('results')",
    "@Files(folder='results')",
    "@Memory()",
    "@Derived('more')",
    "@Plain(dir='plain')",
    "@Loud('loud')",
    "@Inline()",
    "@Counting()",
    "($LocalResultHandler('yes') if len(sys.argv) else None)",
    "(None or @Files('either'))",
    "(lambda: $LocalResultHandler('called'))()",
    "None",
)
# In a state, the Result of this one reads the task's value, where the handler read the constant.
CONSTANT = "$ConstantResultHandler(3)"
BINDINGS = (
    # `VALUE` is the value, `§` a number; the expression that stands for the value comes behind the bar
    "|VALUE",
    "h§ = VALUE\n|@h§",
    "h§: object = VALUE  # typed\n|@h§",
    "h§ = None\nif True:\n    h§ = VALUE\n|@h§",
    "if len(sys.argv):\n    h§ = VALUE\nelse:\n    h§ = None  # never\n|@h§",
    "h§ = VALUE if sys.argv else None\n|@h§",
    "h§ = None or VALUE\nk§ = h§\n|@k§",
    "h§ = VALUE\nhs§ = str(h§)\n|@h§",
    "h§ = k§ = VALUE\n|@k§",
    "h§ = [VALUE]\n|@h§[0]",
    "h§ = dict(a=VALUE)\n|@h§['a']",
    "def make§():\n    return VALUE\n\n|@make§()",
    "def make§(cloud=False):\n    if cloud:\n        return None\n    h = VALUE\n    return h\n\n|@make§()",
    "def make§(h=VALUE):\n    return h\n\n|@make§()",
    "class Names§:\n    handler = VALUE  # of the class\n\n|@Names§.handler",
    "class Settings§:\n    def __init__(self):\n        self.handler = VALUE\n\n|@Settings§().handler",
    "[h§] = [VALUE]\n|@h§",
    "for h§ in [VALUE]:\n    pass\n|@h§",
    "if (h§ := VALUE) is None:\n    pass\n|@h§",
    "h§, k§ = VALUE, None\n|@h§",
    "h§ = None\ndef set§():\n    global h§\n    h§ = VALUE\n\n\nset§()\n|@h§",
    "try:\n    h§ = VALUE\nexcept ValueError as error:\n    raise\n|@h§",
    "def make§(kind='x'):\n    if kind == 'y':\n        result = None\n    else:\n        result = VALUE\n"
    "    return result\n\n|@make§()",
    "hs§ = {}\nhs§['a'] = VALUE\n|@hs§['a']",
    "hs§ = {name: VALUE for name in 'ab'}\n|@hs§['a']",
    "def make§():\n    return VALUE\n\nmake§ = partial(make§)\n|@make§()",
    "def make§():\n    yield VALUE\n\n|next(@make§())",
    "class Lazy§:\n    handler = property(lambda self: VALUE)\n\n|@Lazy§().handler",
    "make§ = {'a': lambda: VALUE}\n|@make§['a']()",
    "def make§():\n    with open(os.devnull):\n        h = VALUE\n        return h\n\n|@make§()",
    "def same§(h, *, log=False):\n    if log:\n        print(h)\n    return h\n\n|@same§(VALUE, log=False)",
    "class Box§:\n    def __init__(self, result_handler):\n        self.result_handler = result_handler\n\n"
    "box§ = Box§(VALUE)\n|@box§.result_handler",
)
SINKS = (
    "@%task(result_handler=VALUE)\ndef t§():\n    return {'t': §}\nwith %Flow('f') as f§:\n    t§()\n",
    "@%task(\n    name='n§',  # name\n    result_handler = VALUE,\n    checkpoint=True\n)\ndef t§():\n    return [§]\n",
    "t§ = %Task(name='t', result_handler=VALUE)  # here\n",
    "f§ = %Flow('f', result_handler=VALUE)\n",
    "with %Flow('f',\n    result_handler = VALUE,  # kept\n) as f§:\n    add(§, y=1)\n",
    "def make_task§():\n    handler = VALUE\n    return %Task(result_handler=handler)\n\n\nmake_task§()\n",
    "result_handler = VALUE\nt§ = %Task(result_handler=result_handler)\n",
    "t§ = Forwards(result_handler=VALUE)\n",
    "t§ = Takes(result_handler=VALUE)\n",
    "t§ = Pops(result_handler=VALUE)\n",
    "with %Flow('f') as f§:\n    add(1, task_args=dict(result_handler=VALUE))\n",
    "with %Flow('f') as f§:\n    add.map([1, 2], task_args={'result_handler': VALUE})\n",
    "f§ = %Flow('f')\nf§.result_handler = VALUE\n",
    "f§ = %Flow('f', result_handler=VALUE)\nprint(f§.result_handler is None)\n",
    "f§ = %Flow('f', result_handler=VALUE)\nif f§.result_handler == None:\n    print('none')  # none\n",
    "t§ = partial(%Task, result_handler=VALUE)()\n",
    "options§ = dict(name='o', result_handler=VALUE)\nt§ = %Task(**options§)\n",
    "options§ = {'name': 'o'}\noptions§['result_handler'] = VALUE\nt§ = %Task(**options§)\n",
    "def build§(result_handler=None):\n    return %Flow('f', result_handler=result_handler)\n\n\nbuild§(VALUE)\n",
    "def build§(name, result_handler):\n    return %Task(name, result_handler=result_handler)\n\n\n"
    "build§('a', result_handler=VALUE)\nbuild§('b', VALUE)\n",
    "t§ = %Task('p', None, None, None, None, None, None, None, None, None, None, None, VALUE)\n",
    "class Own§(%Task):\n    def __init__(self):\n        super().__init__(name='own', result_handler=VALUE)\n\n"
    "    def run(self):\n        return 'own'\n\n\nwith %Flow('f') as f§:\n    Own§()()\n",
    "def annotated§(handler: $ResultHandler = None) -> '$ResultHandler':\n    return handler\n\n\n"
    "t§ = %Task(result_handler=annotated§(VALUE))\n",
    "t§ = %Task()\nt§.result_handler = VALUE\n",
    "with %Flow('f') as f§:\n    copied§ = add.copy()\n    copied§.result_handler = VALUE\n    copied§(5)\n",
    "with %Flow('f') as f§:\n    add.copy(result_handler=VALUE)(1)\n",
    "def build§(result_handler):\n    def result():\n        return 'b'\n\n"
    "    return %Task(result(), result_handler=result_handler)\n\n\nbuild§(VALUE)\n",
    "f§ = %Flow(name='f', result_handler=VALUE); t§ = %Task(); f§.add_task(t§)  # three\n",
    "t§ = %Task(**{'name': 'd', **{'result_handler': VALUE}})\n",
    "t§ = (lambda **kwargs: %Task(**kwargs))(result_handler=VALUE)\n",
    "class Own§(%Task):\n    def __init__(self, handler=None, **kwargs):\n"
    "        kwargs.setdefault('result_handler', handler)\n        super().__init__(**kwargs)\n\n\nOwn§(VALUE)\n",
    "class Own§(%Task):\n    def __init__(self, result_handler=None):\n        super().__init__()\n"
    "        self.result_handler = result_handler\n\n\nOwn§(VALUE)\n",
    "f§ = %Flow('f')\nsetattr(f§, 'result_handler', VALUE)\n",
    "f§ = %Flow \\\n    ('f',\n        result_handler \\\n        = VALUE)\n",
    "f§ = %Flow('f', result_handler=VALUE)\nfor each§ in [f§, f§.copy()]:\n"
    "    each§.result_handler = f§.result_handler\n",
    "for each§ in [VALUE, None]:\n    %Task(name='l', result_handler=each§)\n",
    "def stored§(handler, **kwargs):\n    def decorate(function):\n"
    "        return %task(function, result_handler=handler, **kwargs)\n\n    return decorate\n\n\n"
    "t§ = stored§(VALUE, name='s')(lambda: '§')\nwith %Flow('f') as f§:\n    t§()\n",
    "def stored§(function=None, *, result_handler=None):\n    if function is None:\n"
    "        return partial(stored§, result_handler=result_handler)\n"
    "    return %task(function, name='s', result_handler=result_handler)\n\n\n"
    "t§ = stored§(result_handler=VALUE)(lambda: '§')\nwith %Flow('f') as f§:\n    t§()\n",
    "class Own§(%Task):\n    def __init__(self, *args, **kwargs):\n"
    "        kwargs['result_handler'] = kwargs.get('result_handler') or VALUE\n"
    "        super().__init__(*args, **kwargs)\n\n    def run(self):\n        return 5\n\n\n"
    "with %Flow('f') as f§:\n    Own§(name='a')()\n    Own§(name='b', result_handler=None)()\n",
    "class Above§(%Task):\n    def __init__(self, name, result_handler, *rest):\n"
    "        super().__init__(name=name, result_handler=result_handler)\n        self.rest = rest\n\n"
    "    def run(self):\n        return self.rest\n\n\n"
    "class Below§(Above§):\n    def __init__(self, result_handler):\n"
    "        super().__init__('below', result_handler, 1, 2)\n\n\n"
    "with %Flow('f') as f§:\n    Below§(VALUE)()\n    Above§('above', VALUE)()\n",
    "f§ = %Flow('f')\nf§.result_handler = VALUE if f§.result_handler is None else f§.result_handler\n",
    "def build§():\n    h = None\n\n    def choose():\n        nonlocal h\n        h = VALUE\n\n    choose()\n"
    "    return %Task(name='t', result_handler=h)\n\n\nf§ = %Flow('f', tasks=[build§()])\n",
    "def build§(name, **kwargs):\n    kwargs.update(name=name)\n    if 'result_handler' not in kwargs:\n"
    "        kwargs['result_handler'] = VALUE\n    return %Task(**kwargs)\n\n\n"
    "f§ = %Flow('f', tasks=[build§('a'), build§('b', result_handler=None)])\n",
    "def build§(result_handler=None):\n    result_handler = result_handler or VALUE\n"
    "    return lambda: %Task(name='m', result_handler=result_handler)\n\n\nf§ = %Flow('f', tasks=[build§()()])\n",
    "kept§ = VALUE\nassert kept§ is None or isinstance(kept§, $ResultHandler)\nf§ = %Flow('f', result_handler=kept§)\n",
)
NOT_RUN = (
    # what Prefect 0.10.7 can't do, or where it does something else
    "f§ = %Flow('f', result=VALUE)\n",
    "with %Flow('f') as f§:\n    add(1, result_handler=VALUE)\n",
    "f§ = %Flow('f')\nwith missing(VALUE) as g§:\n    g§.result_handler\n",
    "t§ = unknown_factory(result_handler=VALUE)\n",
    "print(VALUE.read(location))\n",
    "f§ = %Flow('f', result_handler=VALUE)\nprint(f§.result_handler.dir, f§.result_handler.write(1))\n",
    "state§ = Failed(cached_inputs={'x': SafeResult(1, result_handler=VALUE)})\n",
    "from unittest.mock import patch\n"
    "patch('prefect.engine.result_handlers.LocalResultHandler')\nt§ = %Task(result_handler=VALUE)\n",
    'print(f"{VALUE}")\n',
    "class Own§(%Task):\n    def run(self):\n        self.result = 1\n        return self.result_handler\n\n\n"
    "Own§(result_handler=VALUE)\n",
    't§ = eval("%Task(result_handler=None)")  # in a string\nt§.result_handler = VALUE\n',
)
NOT_OURS = (
    "bus.call('name', result_handler=print)",
    "bus.call('name', result_handler=None)",
    "bus.result_handler = print",
    "bus.result_handler('x')",
    "pool = type('Pool', (), {'_result_handler': 3})()._result_handler",
    "bus.call('name', **{'other_handler': print})",
    "bus.call(result_handler = lambda value: value, name='x')",
)
SCOPES = (
    "BODY",
    "BODY",
    "if True:  # always\n    BODY\n",
    "try:\n    BODY\nfinally:\n    pass\n",
    "for _ in [0]:\n    BODY\n",
    "def scope§():\n    BODY\n\n\nscope§()\n",
    "def scope§():\n    def inner():  # inside\n        BODY\n    inner()\n\n\nscope§()\n",
    "class Job§:\n    def build(self):\n        BODY\n\n\nJob§().build()\n",
    "class Space§:\n    BODY\n",
)
CLASSES = {
    "Files": """class Files($ResultHandler):
    '''JSON files in a folder.'''

    def __init__(self, folder):  # where
        self.folder = folder

    def read(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return json.load(file)  # JSON

    def write(self, value):
        os.makedirs(self.folder, exist_ok=True)
        name = "{}.json".format(id(value))
        with open(os.path.join(self.folder, name), "w") as file:
            json.dump(value, file)
        return name
""",
    "Memory": """STORE = {}


class Memory($ResultHandler):
    def __init__(self):
        super().__init__()

    def read(self, loc): return STORE[loc]
    def write(self, result):
        key = "k%d" % len(STORE)
        STORE[key] = result; return key
""",
    "Derived": """class Derived(Files):
    def __init__(self, folder="derived"):
        super().__init__(folder)
""",
    "Plain": """class Plain($LocalResultHandler):
    pass
""",
    "Loud": """class Loud($LocalResultHandler):
    def write(self, value):
        print("writing")  # loudly
        return super().write(value)
""",
    "Inline": """class Inline($ResultHandler):
    def read(self, blob):
        return json.loads(blob)

    def write(self, value):
        return json.dumps(value)
""",
    "Counting": """class Counting($ResultHandler):
    count = 0

    def read(self, name):
        return open(name).read()

    def write(self, value):
        self.count += 1
        name = "count-{}.txt".format(self.count)
        with open(name, "w") as file:
            file.write(str(value))
        return name
""",
}
HELPERS = {
    # what uses may need, by the words that show it
    "bus.": """class Bus:
    '''A library that has nothing to do with Prefect.'''

    result_handler = staticmethod(len)

    def call(self, name, result_handler=None, **others):
        return result_handler and result_handler(name)


bus = Bus()
""",
    "Forwards(": """class Forwards(%Task):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)

    def run(self):
        return "forwards"
""",
    "Takes(": """class Takes(%Task):
    def __init__(self, result_handler=None):
        super().__init__(result_handler=result_handler)
""",
    "add": """@%task
def add(x, y=1):
    return x + y
""",
    "Pops(": """class Pops(%Task):
    def __init__(self, **kwargs):
        kwargs.pop("result_handler", None)
        super().__init__(**kwargs)
""",
}
STANDARD = "import json\nimport os\nimport sys\nfrom functools import partial\n\n"
MARK = "  # not ours"
PREFECT = ("Flow", "Task", "task")
NAME = re.compile(r"@(?=[A-Za-z])(\w+)")


class Layout(NamedTuple):
    """Where the stores and the flows are, and how the file with the flows names what is in the other.

    Attributes:
        stores: the file with the stores.
        flows: the file with the flows.
        imports: the import of the names, or of `names as renamed`.
        name: what a name is there.
        others: the other files.
    """

    stores: str = "stores.py"
    flows: str = "flow.py"
    imports: str = "from stores import {names}\n"
    name: str = "{}"
    others: Tuple[Tuple[str, str], ...] = ()


LAYOUTS = (
    Layout(stores="flow.py"),
    Layout(),
    Layout(imports="from stores import (\n    {names},  # there\n)\n"),
    Layout(imports="from stores import {renamed}\n", name="_{}"),
    Layout(imports="import stores\n", name="stores.{}"),
    Layout(imports="import stores as s  # short\n", name="s.{}"),
    Layout("app/stores.py", "app/flow.py", "from .stores import {names}\n", others=(("app/__init__.py", ""),)),
    Layout(
        "app/stores.py",
        "app/flows/one.py",
        "from .. import stores\n",
        "stores.{}",
        (("app/__init__.py", ""), ("app/flows/__init__.py", "")),
    ),
    Layout("src/app/stores.py", "src/app/flow.py", "from app.stores import {names}\n"),
    Layout("space/stores.py", imports="from space import stores\n", name="stores.{}"),
    Layout(imports="from hub import {names}\n", others=(("hub.py", "from stores import {names}\n"),)),
    Layout(
        "app/stores.py",
        imports="import app\n",
        name="app.{}",
        others=(("app/__init__.py", "from .stores import {names}\n"),),
    ),
    Layout(imports="try:\n    from stores import {names}\nexcept ImportError:\n    raise\n"),
)


@strategies.composite
def repositories(draw, runnable=False):
    """A dict of files.

    Args:
        runnable: whether all of it runs on Prefect 0.10.7.
    """
    some = strategies.sampled_from
    layout = draw(some(LAYOUTS))
    imports, handler = draw(some(list(HANDLER_IMPORTS.items())))
    prefect_imports, prefect = draw(some(list(PREFECT_IMPORTS.items())))
    values, sinks = (VALUES, SINKS) if runnable else ((*VALUES, CONSTANT), SINKS + NOT_RUN)
    part = strategies.tuples(some(values), some(BINDINGS), some(sinks), some(SCOPES))
    stores, uses = "", ""
    for number, chosen in enumerate(draw(strategies.lists(part, min_size=1, max_size=4))):
        value, binding, sink, scope = (piece.replace("§", str(number)) for piece in chosen)
        statements, _, expression = binding.replace("VALUE", value).partition("|")
        stores += statements
        uses += placed(sink.replace("VALUE", expression), scope)
        if draw(strategies.integers(0, 2)) == 0:
            uses += draw(some(NOT_OURS)) + MARK + "\n"
    wanted = {name for name in CLASSES if f"@{name}" in stores + uses}
    wanted |= {draw(some(sorted(CLASSES)))} if draw(strategies.booleans()) else set()
    wanted |= {"Files"} if "Derived" in wanted else set()
    stores = "\n\n".join(text for name, text in CLASSES.items() if name in wanted) + "\n\n" + stores

    def filled(text):
        text = re.sub(r"\$(\w+)", lambda match: handler.format(match[1]), text)
        return re.sub(r"%(\w+)", lambda match: prefect.format(match[1]) if match[1] in PREFECT else match[0], text)

    stores = filled(stores.replace("@%", "%%").replace("@", "").replace("%%", "@%"))
    needed = [text for words, text in HELPERS.items() if words in uses]
    head = filled("\n\n".join(["", *needed, ""]))
    if layout.stores == layout.flows:
        return {
            "flow.py": STANDARD + prefect_imports + imports + "\n\n" + stores + head + filled(re.sub(NAME, r"\1", uses))
        }
    names = sorted(set(re.findall(NAME, uses)))
    given = {"names": ", ".join(names), "renamed": ", ".join(f"{name} as _{name}" for name in names)}
    uses = re.sub(NAME, lambda match: layout.name.format(match[1]), uses)
    others = imports if "$" in uses else ""
    others += layout.imports.format(**given) if names else ""
    return {
        layout.stores: STANDARD + imports + "\n\n" + stores,
        layout.flows: STANDARD + prefect_imports + others + head + filled(uses),
        **{path: text.format(**given) if names else "" for path, text in layout.others},
    }


def placed(body, scope):
    """Some lines in the place of BODY, as far to the right."""
    indent = re.search(r"( *)BODY", scope).group(1)
    lines = [line and indent + line for line in body.rstrip("\n").split("\n")]
    return scope.replace(indent + "BODY", "\n".join(lines)).rstrip("\n") + "\n\n"
