"""Classes that become Results: their new names, and what keeps the old ones."""

from __future__ import annotations

import pytest
from repositories import CASES, read_case, write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run

CLASS = """

class {name}(ResultHandler):
    def read(self, name):
        with open(name) as file:
            return file.read()

    def write(self, value):
        name = "text.txt"
        with open(name, "w") as file:
            file.write(value)
        return name
"""
HEAD = "from prefect.engine.result_handlers import ResultHandler\n"


def test_keep_names(repository):
    case = read_case(CASES / "RH110" / "several_files.case")
    write_files(repository, case.before)
    assert main(["migrate", "--keep-names"]) == 0
    handlers = (repository / "store" / "handlers.py").read_text("utf-8")
    assert "class MemoryResultHandler(Result):" in handlers
    assert "MemoryResultHandler,  # shared" in (repository / "flow.py").read_text("utf-8")
    # What is migrated already keeps its name, without the option as well.
    assert not run(["."]).changes


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("MyResultHandler", "MyResult"),
        ("MyHandler", "MyResult"),
        ("S3Handler", "S3Result"),
        ("HandlerOfMine", "HandlerOfMine"),
        ("ResultHandlers", "ResultHandlers"),
        ("Handler", "Handler"),
        ("_PrivateResultHandler", "_PrivateResult"),
    ],
)
def test_new_name(name, new, repository):
    write_files(repository, {"handlers.py": HEAD + CLASS.format(name=name)})
    assert main(["migrate"]) == 0
    assert f"class {new}(Result):" in (repository / "handlers.py").read_text("utf-8")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (HEAD + "MyResult = 1\n" + CLASS, "MyResult means something else in handlers.py"),
        (HEAD + CLASS + "\n\ndef size(values):\n    return [MyResult for MyResult in values]\n", "MyResult means"),
        (HEAD + CLASS + "\n\nprint(MyResult)\n", "MyResult means"),
        (HEAD + 'WHICH = "handlers:MyHandler"\n' + CLASS, "it is named by a string in handlers.py:2"),
        (HEAD + CLASS + '\n\n__all__ = []\n__all__.append("MyHandler")\n', "it is named by a string in handlers.py:17"),
        (HEAD + "from os.path import *\n" + CLASS, "MyResult means something else in handlers.py, or may"),
        (HEAD + CLASS + "\n\nclass MyResultHandler(int):\n    MyResult = MyHandler()\n", ""),
    ],
)
def test_kept(source, reason, repository):
    write_files(repository, {"handlers.py": source.replace("{name}", "MyHandler")})
    assert main(["migrate"]) in (0, 1)
    assert "class MyHandler(" in (repository / "handlers.py").read_text("utf-8")
    write_files(repository, {"handlers.py": source.replace("{name}", "MyHandler")})
    messages = [finding.message for finding in run(["."]).findings]
    assert any(reason in message for message in messages), messages


def test_two_classes_that_would_have_one_name(repository):
    source = HEAD + CLASS.format(name="MyHandler") + CLASS.format(name="MyResultHandler")
    write_files(repository, {"handlers.py": source})
    assert main(["migrate"]) == 0
    text = (repository / "handlers.py").read_text("utf-8")
    assert "class MyResult(Result):" in text
    assert "class MyResultHandler(Result):" in text


def test_import_in_a_file_that_is_not_to_be_changed(repository):
    write_files(repository, {"a/handlers.py": HEAD + CLASS.format(name="MyHandler"), "a/use.py": "import handlers\n"})
    write_files(repository, {"a/again.py": "from handlers import MyHandler\n"})
    assert main(["migrate", "a/handlers.py", "a/use.py"]) == 0
    assert "class MyHandler(Result):" in (repository / "a/handlers.py").read_text("utf-8")


def test_handler_of_a_star_import_stays_one(repository):
    code = "from prefect import Flow\nfrom prefect.engine.result_handlers import *\n\n"
    write_files(repository, {"a.py": f'{code}flow = Flow("f", result_handler=LocalResultHandler())\n'})
    (finding,) = [finding for finding in run(["."]).findings if finding.code == "RH201"]
    assert finding.message.endswith("gets its class from a star import, so it is converted at run time")
