"""A page of findings, opened in a browser: what its tests share."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser import chromium, preferring
from repositories import CASES, read_case, write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.engine.run import run

TOP = Path(__file__).parents[2]
CODEOWNERS = "*  @acme/data-platform\n/finance/  @acme/finance\n/research/  @acme/research @dana\n/research/old/\n"
HOSTILE = "from prefect import Flow\n\nFlow('</script><img src=x onerror=document.title=1>', result_handler=h)\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A repository in the middle of its migration."""
    made = tmp_path_factory.mktemp("work") / "flows"
    made.mkdir()
    for team in ("finance", "marketing"):
        ignored = shutil.ignore_patterns("__pycache__", "*.md")
        shutil.copytree(TOP / "examples" / "legacy_flows", made / team / "flows", ignore=ignored)
    for path in sorted(CASES.glob("RH20[124]/*.case"))[::3] + sorted(CASES.glob("RH105/*.case"))[:6]:
        write_files(made / "research" / path.stem, read_case(path).before)
    write_files(made, {"CODEOWNERS": CODEOWNERS, "research/old/<i>x</i>.py": HOSTILE})
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        main(["migrate", "--quiet", "finance"])
        main(["check", "--format", "html", "-o", "report.html"])
    return made


@pytest.fixture(scope="module")
def outcome(folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return run(["."])


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture
def driver(started, folder):
    """The page, as it is when it is opened for the first time."""
    preferring(started, "")
    started.set_window_size(1280, 1000)
    started.get(address(folder))
    started.execute_script("localStorage.clear()")
    started.get("about:blank")
    for kind in ("browser", "performance"):
        started.get_log(kind)
    started.get(address(folder))
    return started


def address(folder, fragment=""):
    return (folder / "report.html").as_uri() + (f"#{fragment}" if fragment else "")


def open_at(driver, folder, fragment):
    driver.get("about:blank")
    driver.get(address(folder, fragment))


def shown(driver):
    """The ids of the findings that are to be seen."""
    return driver.execute_script(
        "return [...document.querySelectorAll('.finding')].filter((e) => e.checkVisibility()).map((e) => e.id)"
    )


def press(driver, *keys):
    from selenium.webdriver.common.action_chains import ActionChains

    for key in keys:
        ActionChains(driver).send_keys(key).perform()


def choose(driver, name, value):
    from selenium.webdriver.support.select import Select

    Select(driver.find_element("id", name)).select_by_value(value)


def fragment(driver):
    return unquote(urlsplit(driver.current_url).fragment)


def focused(driver):
    return driver.execute_script("return document.activeElement.closest('.finding')?.id ?? document.activeElement.id")
