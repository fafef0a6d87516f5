"""How the page looks in a real browser, and who can read it. It takes the screenshots of the docs, too."""

# What is imported of html_page are fixtures.
# ruff: noqa: F401, F811

from __future__ import annotations

import os
import shutil
import struct
import tarfile
from pathlib import Path

import made_once
import pytest
from browser import at_width, preferring
from html_page import TOP, address, driver, folder, open_at, press, started

pytestmark = pytest.mark.once

IMAGES = TOP / "docs" / "images"
# Write the docs' screenshots there: REHANDLE_SCREENSHOTS=docs/images pytest -k screenshots
WANTED = os.environ.get("REHANDLE_SCREENSHOTS")
AXE = "axe-core@4.11.0"


def background(driver):
    return driver.execute_script("return getComputedStyle(document.body).backgroundColor")


def test_light_and_dark(driver, folder):
    light = background(driver)
    preferring(driver, "dark")
    assert background(driver) != light
    press(driver, "t")
    assert background(driver) == light
    open_at(driver, folder, "")
    assert background(driver) == light  # it is remembered
    preferring(driver, "light")
    driver.find_element("id", "theme").click()
    assert background(driver) != light


# Elements whose right edge is outside of the window, or of what they are in.
CUT = """
const edge = (element) => element.getBoundingClientRect().right;
const outside = [...document.querySelectorAll("body *")].filter(
  (element) => element.checkVisibility() && !element.matches(".skip") && edge(element) > innerWidth + 0.5
);
const scrolled = [...document.querySelectorAll(".scroll, .box, .body")].filter((e) => e.scrollWidth > e.clientWidth);
return [document.documentElement.scrollWidth, [...outside, ...scrolled].map((e) => e.outerHTML.slice(0, 80))];
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 375, 500, 960, 961, 1024, 1440, 2560])
def test_nothing_is_cut_at_the_side(width, scheme, driver):
    preferring(driver, scheme)
    with at_width(driver, width):
        press(driver, "e")
        assert driver.execute_script(CUT) == [width, []]


def test_print(driver):
    import base64

    press(driver, "e")
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    assert not driver.find_element("id", "filters").is_displayed()
    assert not driver.find_element("id", "theme").is_displayed()
    assert driver.find_element("css selector", ".diff").is_displayed()
    pdf = base64.b64decode(driver.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert pdf.startswith(b"%PDF")


def test_without_scripts(started, folder):
    started.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        started.get("about:blank")
        started.get(address(folder))
        body = started.find_element("tag name", "body").text
    finally:
        started.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert "The list of findings needs JavaScript" in body
    assert "marketing/flows/" in body


@pytest.fixture(scope="module")
def axe():
    """What checks the rules of accessibility that a program can check."""

    def install(folder):
        npm = shutil.which("npm")
        if npm is None:
            raise made_once.UnavailableError("there is no npm on PATH")
        folder.mkdir(parents=True)
        made_once.run(npm, "pack", "--pack-destination", folder, AXE)

    try:
        folder = made_once.folder(made_once.TOX / "downloads", "axe", [AXE], install)
    except made_once.UnavailableError as error:
        pytest.skip(f"axe-core can't be had from npm: {error}")
    with tarfile.open(next(folder.glob("*.tgz"))) as file:
        return file.extractfile("package/axe.min.js").read().decode("utf-8")


@pytest.mark.parametrize("width", [375, 1024, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(scheme, width, driver, axe):
    preferring(driver, scheme)
    with at_width(driver, width):
        driver.find_element("id", "text").send_keys("orders")
        driver.execute_script("document.activeElement.blur()")
        press(driver, "e")
        driver.execute_script(axe)
        found = driver.execute_async_script(
            "const done = arguments[0]; axe.run().then((result) => done(result), (error) => done(String(error)))"
        )
    problems = [
        (problem["id"], problem["help"], [node["target"] for node in problem["nodes"]][:3])
        for problem in found["violations"]
    ]
    assert problems == []
    assert len(found["passes"]) > 20


# Pictures


def size(path):
    return struct.unpack(">II", path.read_bytes()[16:24])


PICTURES = {
    "report": (1280, 1000, False, "", []),
    "report-findings": (1280, 900, False, "text=orders", ["j", "\ue007", "j", "\ue007", "j", "j", "\ue007"]),
    "report-dark": (1280, 1000, True, "", []),
    "report-narrow": (480, 900, True, "text=orders", ["j", "\ue007"]),
}


@pytest.mark.parametrize("name", PICTURES)
def test_screenshots(name, driver, folder, tmp_path):
    width, height, is_dark, link, keys = PICTURES[name]
    preferring(driver, "dark" if is_dark else "light")
    with at_width(driver, width, height):
        open_at(driver, folder, link)
        press(driver, *keys)
        if link:
            driver.execute_script("document.getElementById('findings').scrollIntoView({behavior: 'instant'})")
        driver.save_screenshot(str(tmp_path / "picture.png"))
    if WANTED:
        shutil.copy(tmp_path / "picture.png", Path(WANTED) / f"{name}.png")
    assert size(tmp_path / "picture.png") == size(IMAGES / f"{name}.png") == (width, height)
