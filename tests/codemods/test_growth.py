"""The work grows with what there is to do, not with its square: it is counted in calls, so that no clock is read."""

import cProfile
import random

import pytest

from rehandle_codemods.engine.changes import Change
from rehandle_codemods.engine.run import run
from rehandle_codemods.files.lines import LineMatcher, blocks
from rehandle_codemods.findings import ERROR
from rehandle_codemods.report.patch import patch

pytestmark = [pytest.mark.prefect(None), pytest.mark.once]

HEAD = """\
from prefect import Flow, Task, task
from prefect.engine.result_handlers import LocalResultHandler, ResultHandler

"""
HANDLER = """\
class Nowhere{number}Handler({base}):
    def read(self, location):
        return None

    def write(self, result):
        return "nowhere"

"""


def same_names(count):
    part = HANDLER.format(number="", base="ResultHandler") + (
        "handler = LocalResultHandler('/data')\n\n"
        "@task(result_handler=handler)\ndef extract():\n    return [1]\n\n"
        "with Flow('flow', result_handler=NowhereHandler()) as flow:\n    extract()\n\n"
    )
    return {"flow.py": HEAD + part * count}


def one_flow(count):
    steps = "".join(f"@task(result_handler=handler)\ndef step_{n}(x):\n    return x\n\n" for n in range(count))
    calls = "".join(f"    value = step_{n}(value)\n" for n in range(count))
    flow = f"with Flow('flow', result_handler=handler) as flow:\n    value = 1\n{calls}"
    return {"flow.py": f"{HEAD}handler = LocalResultHandler('/data')\n\n{steps}{flow}"}


def handler_classes(count):
    uses = "".join(f"flow_{n} = Flow('f', result_handler=Nowhere{n}Handler())\n" for n in range(count))
    classes = "".join(HANDLER.format(number=n, base="ResultHandler") for n in range(count))
    return {"flow.py": HEAD + classes + uses}


def derived_classes(count):
    below = (
        "class Nowhere{n}Handler(NowhereHandler):\n    pass\n\nclass Last{n}Handler(Nowhere{n}Handler):\n    pass\n\n"
    )
    return {
        "flow.py": HEAD
        + HANDLER.format(number="", base="ResultHandler")
        + "".join(below.format(n=n) for n in range(count))
    }


def local_imports(count):
    function = (
        "def make_{n}():\n    from prefect.engine.result_handlers import LocalResultHandler\n\n"
        "    return Flow('f', result_handler=LocalResultHandler('/data'))\n\n"
    )
    return {"flow.py": "from prefect import Flow\n\n" + "".join(function.format(n=n) for n in range(count))}


def methods_of_each_other(count):
    """Methods that return what the others return, as those of a query do."""
    methods = "".join(
        f"    def step_{n + 1}(self):\n        query = self.step_{n}().step_{n}()\n        return query.step_{n}()\n\n"
        for n in range(count)
    )
    uses = "".join(f"query_{n} = query.step_{n}()\n" for n in range(count))
    handler = "handler = LocalResultHandler('/data')\nflow = Flow('f', result_handler=handler)\n"
    first = "    def step_0(self):\n        return Query()\n\n"
    return {"flow.py": f"{HEAD}class Query:\n{first}{methods}\nquery = Query()\n{uses}{handler}"}


def functions(count):
    function = (
        "def make_{n}(result_handler=None, **settings):\n"
        "    return Flow('f', result_handler=result_handler, **settings)\n\n"
        "make_{n}(LocalResultHandler('/data'))\nmake_{n}(result_handler=LocalResultHandler('/data'))\n\n"
    )
    return {"flow.py": HEAD + "".join(function.format(n=n) for n in range(count))}


def dicts(count):
    one = "settings_{n} = {{'result_handler': LocalResultHandler('/data')}}\nFlow('f', **settings_{n})\n"
    return {"flow.py": HEAD + "".join(one.format(n=n) for n in range(count))}


def flows(count):
    flow = (
        HANDLER.format(number="{n}", base="ResultHandler")
        + "flow_{n} = Flow('f', result_handler=Nowhere{n}Handler())\n"
    )
    return {f"team_{n % 7}/flow_{n}.py": HEAD + flow.format(n=n) for n in range(count)}


def shared(count):
    user = "from prefect import Flow\n\nfrom common import handler\n\nflow = Flow('f', result_handler=handler)\n"
    users = {f"flow_{n}.py": user for n in range(count)}
    return {"common.py": f"{HEAD}handler = LocalResultHandler('/data')\n", **users}


def exported_again(count):
    users = {
        f"pkg/part_{n}/flow.py": f"from prefect import Flow\n\nfrom pkg.part_{n} import handler\n\n"
        "flow = Flow('f', result_handler=handler)\n"
        for n in range(count)
    }
    packages = {f"pkg/part_{n}/__init__.py": "from ..common import handler\n" for n in range(count)}
    common = {"pkg/__init__.py": "", "pkg/common.py": f"{HEAD}handler = LocalResultHandler('/data')\n"}
    return {**common, **packages, **users}


def cycle(count):
    text = HEAD + (
        "from pkg.part_{next} import handler_{next}\n\nhandler_{n} = LocalResultHandler('/data')\n"
        "flow = Flow('f', result_handler=handler_{next})\n"
    )
    return {"pkg/__init__.py": "", **{f"pkg/part_{n}.py": text.format(n=n, next=(n + 1) % count) for n in range(count)}}


def one_handler(count):
    """What is asked about every use of an imported name is answered once: only many uses show that."""
    return {"flow.py": HEAD + "flow = Flow('f', result_handler=LocalResultHandler('/data'))\n" * 40 * count}


def calls(folder):
    """How many calls analysing a folder takes, of functions written in Python and in C."""
    profile = cProfile.Profile()
    outcome = profile.runcall(run, [str(folder)])
    assert outcome.changes
    assert not [finding for finding in outcome.findings if finding.status == ERROR]
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize(
    "make",
    [
        same_names,
        one_flow,
        handler_classes,
        derived_classes,
        local_imports,
        methods_of_each_other,
        functions,
        dicts,
        flows,
        shared,
        exported_again,
        cycle,
        one_handler,
    ],
    ids=lambda make: make.__name__,
)
def test_work_is_linear(make, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "rehandle_codemods.engine.run.with_large_stack", lambda function: function()
    )  # another thread isn't counted
    taken = []
    for count in (1, 6, 12, 24):  # the first one for what is made once
        for name, text in make(count).items():
            path = tmp_path / str(count) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        taken.append(calls(tmp_path / str(count)))
    _, few, more, many = taken
    # Twice as many are twice as much work; what is square takes four times as much.
    assert many - more < 2.3 * (more - few), taken


def long_texts(count):
    """A file with a change in each of its parts, some of which are alike."""
    part = ["\n", "\n", "@task(result_handler=handler)\n", "def step_{n}(x):\n", "    return {n}\n", "    # {m}\n"]
    before = [line.format(n=n, m=n % 30) for n in range(count) for line in part]
    return before, [line.replace("result_handler=", "result=") for line in before]


def test_a_patch_takes_linear_time():
    taken = []
    for count in (500, 1000, 2000):
        before, after = ("".join(lines) for lines in long_texts(count))
        profile = cProfile.Profile()
        change = Change("a.py", before, after, before.encode(), after.encode(), print)
        lines = profile.runcall(list, patch(change))
        assert sum(line.startswith("-@") for line in lines) == count
        taken.append(sum(entry.callcount for entry in profile.getstats()))
    assert taken[2] - taken[1] < 2.3 * (taken[1] - taken[0]), taken


@pytest.mark.parametrize("autojunk", [False, True])
def test_long_texts_are_compared_in_pieces(autojunk):
    before, after = long_texts(2000)
    own = random.Random(0)
    for _ in range(60):  # lines that went, came, moved
        place = own.randrange(len(after))
        after[place : place + own.randrange(3)] = own.sample(before, own.randrange(4))
    made = []
    reached = 0
    tags = [tag for tag, *_ in LineMatcher(before, after, autojunk=autojunk).get_opcodes()]
    assert ("equal", "equal") not in zip(tags, tags[1:]), "a hunk would have nothing that changes"
    for tag, start, end, first, last in LineMatcher(before, after, autojunk=autojunk).get_opcodes():
        assert (start, first) == (reached, len(made))
        assert tag != "equal" or before[start:end] == after[first:last]
        made += after[first:last]
        reached = end
    assert (made, reached) == (after, len(before))
    assert sum(end - start for (start, end), _ in blocks(before, after)) < 2000 + 60 * 30
