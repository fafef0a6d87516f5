"""The page's tables: their sums are those of the list, and they can be sorted."""

# What is imported of html_page are fixtures.
# ruff: noqa: F401, F811

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from html_page import TOP, driver, folder, press, started
from repositories import CASES, read_case, write_files

from rehandle_codemods.cli.commands import main

pytestmark = pytest.mark.once

# For each row with a link: its numbers by their heads, and how many findings the list has once it is followed.
FOLLOWED = """
return [...document.querySelectorAll(".tables tbody tr")].map((row) => {
  const heads = [...row.closest("table").tHead.rows[0].cells].map((head) => head.textContent);
  const number = (cell) => Number(cell.textContent.replace("\u00b7", "0"));
  const said = heads.map((head, index) => [head, row.cells[index]]).filter(([, cell]) => cell.matches(".number"));
  const { hash } = row.querySelector("a");
  const state = new URLSearchParams(hash.slice(1));
  const found = items.filter((item) => matches(item, Object.fromEntries(state), []));
  const listed = Object.fromEntries(Object.values(data.statuses).map((word) => [word, 0]));
  for (const item of found) listed[data.statuses[item.finding.status]] += 1;
  return [decodeURIComponent(hash), Object.fromEntries(said.map(([head, cell]) => [head, number(cell)])), listed];
});
"""
NOT_LISTED = ("migrated", "in older lines", "note in older lines", "findings")
LEGEND = """
return [...document.querySelectorAll(".legend a")].map((link) => {
  const [, status] = link.hash.split("=");
  const listed = items.filter((item) => item.finding.status === status).length;
  return [status, Number(link.querySelector("b").textContent.replace(",", "")), listed];
});
"""


@pytest.fixture(scope="module", params=["check", "check --since HEAD", "migrate"])
def everything(request, tmp_path_factory):
    """A report of every case and of the example, with owners and a file that can't be parsed."""
    made = tmp_path_factory.mktemp("everything")
    for path in sorted(CASES.rglob("*.case")):
        write_files(made / path.relative_to(CASES).with_suffix(""), read_case(path).before)
    shutil.copytree(TOP / "examples" / "legacy_flows", made / "example")
    owners = "/example/ @a @b\n/RH1*/ @a\n"
    write_files(made, {"CODEOWNERS": owners, "broken.py": "from prefect.engine.result_handlers import (\n"})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        if "--since" in request.param:
            commit_and_change(made)
        main([*request.param.split(), "--quiet", "--format", "html", "-o", "report.html"])
    return made


def commit_and_change(folder):
    """Change every second line of the files, which mean what they meant: causes are in older lines, or what follows."""
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "all")
    for path in folder.rglob("*.py"):
        lines = path.read_bytes().split(b"\n")
        lines[1::2] = [line if line.endswith((b"\\", b"\r")) else line + b" " for line in lines[1::2]]
        path.write_bytes(b"\n".join(lines))


CAUSES = 'return [...document.querySelectorAll("#cause option")].slice(1).map((option) => option.textContent)'


def test_sums_are_those_of_the_list(everything, driver):
    driver.get((everything / "report.html").as_uri())
    total = driver.execute_script("return items.length")
    legend = driver.execute_script(LEGEND)
    assert all(said == listed for _, said, listed in legend)
    assert sum(said for _, said, _ in legend) == total > (700 if (everything / ".git").exists() else 1000)
    rows = driver.execute_script(FOLLOWED)
    kinds = {link.partition("=")[0] for link, *_ in rows}
    assert kinds == {"#rule", "#folder", "#owner", "#cause"}
    for link, said, listed in rows:
        numbers = {head: number for head, number in said.items() if head not in NOT_LISTED}
        assert numbers == {word: number for word, number in listed.items() if word in numbers}, link
        assert said["findings"] == sum(listed.values()) == sum(numbers.values()), link
    followed = [said for link, said, _ in rows if link.startswith("#cause")]
    shown = driver.execute_script(CAUSES)
    assert len(shown) == len(followed)
    assert all(re.fullmatch(r".+:\d+ .*RH\d+.* \(\d+\)", text) for text in shown), shown
    older = any(said.get("in older lines") for said in followed)
    assert older == (everything / ".git").exists()
    assert sum(said["findings"] for link, said, _ in rows if link.startswith("#rule")) == total
    assert next(said["findings"] for link, said, _ in rows if link == "#folder=") == total


SORTED = """
const table = arguments[0];
const heads = [...table.tHead.rows[0].cells];
return [
  heads.map((head) => head.ariaSort),
  [...table.tBodies[0].rows].map((row) => valueOf(row.cells[arguments[1]])),
];
"""


@pytest.mark.parametrize("key", ["click", "\ue007", " "])
def test_every_column_sorts(key, driver):
    tables = driver.find_elements("css selector", ".tables table")
    assert len(tables) == 4
    for table in tables:
        for column, button in enumerate(table.find_elements("css selector", "thead button")):
            orders = []
            for _ in range(2):
                driver.execute_script("arguments[0].scrollIntoView({behavior: 'instant', block: 'center'})", button)
                button.click() if key == "click" else button.send_keys(key)
                said, values = driver.execute_script(SORTED, table, column)
                assert [order for order in said if order] == [said[column]]
                assert values == sorted(values, reverse=said[column] == "descending")
                orders.append(said[column])
            assert sorted(orders) == ["ascending", "descending"]


def git(*arguments):
    subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e@example.org", *arguments], check=True)


def test_date_and_commit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    write_files(tmp_path, {"flow.py": "from prefect import Flow\n\nFlow('f', result_handler=None)\n"})

    def about():
        main(["check", "--format", "html", "-o", str(tmp_path / "report.html")])
        text = (tmp_path / "report.html").read_text("utf-8")
        return text.partition('class="about">')[2].partition("</p>")[0]

    assert "2023-11-14 22:13 UTC" in about()
    assert "<code>" not in about()
    git("init", "-q")
    git("add", "flow.py")
    git("commit", "-qm", "first")
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], text=True)
    first = about()
    assert f"commit <code>{head[:12]}</code> ·" in first
    assert about() == first
    with (tmp_path / "flow.py").open("a") as file:
        file.write("x = 1\n")
    assert f"<code>{head[:12]}</code> and uncommitted changes ·" in about()


@pytest.mark.parametrize("command", [["check"], ["migrate"], ["migrate", "--diff"], ["migrate", "-o", "report.html"]])
@pytest.mark.parametrize("date", ["yesterday", "-1", "1.5", "\N{SUPERSCRIPT TWO}", "9" * 20])
def test_a_date_that_is_none(command, date, repository, monkeypatch, capsys):
    """It is an error before anything is read or written."""
    old = {"flow.py": "from prefect import Flow\n\nFlow('f', result_handler=None)\n"}
    write_files(repository, old)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", date)
    assert main([*command, "--format", "html"]) == 2
    printed = capsys.readouterr()
    assert f"SOURCE_DATE_EPOCH is {date!r}, not a number of seconds since 1970" in printed.err
    assert printed.out == ""
    assert {path.name: path.read_text("utf-8") for path in repository.iterdir()} == old
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert main([*command, "--format", "html"]) < 2
