"""The built site, as a person sees it. `tox run -e docs` builds it and runs this."""

import collections
import doctest
import functools
import http.server
import os
import re
import threading
from pathlib import Path

import pytest
from browser import at_width, chromium, preferring
from run_page import parsed

if "REHANDLE_SITE" not in os.environ:
    pytest.skip("tox run -e docs builds the site", allow_module_level=True)

SITE = Path(os.environ["REHANDLE_SITE"])
HTML = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
WIDTHS = (375, 1024, 1440)


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def served():
    """The site's address, on this machine: a browser lets no file load another."""
    handler = functools.partial(QuietHandler, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


# What people look for, and the page that says most about it.
SEARCHES = [
    ("LocalResult", "api.html#rehandle.results.LocalResult"),
    ("RH105", "rules/RH105.html"),
    ("HMACSerializer", "untrusted-storage.html"),
    ("result_handler", "rules/RH103.html"),
    ("safe_value", "what-changes.html"),
    ("nothingofthiskind", None),
]


@pytest.mark.parametrize(("words", "page"), SEARCHES)
def test_search(words, page, served, browser):
    from selenium.webdriver.support.ui import WebDriverWait

    browser.get(f"{served}/search.html?q={words}")
    WebDriverWait(browser, 120).until(lambda driver: re.search(r"Search finished|did not match", driver.page_source))
    links = browser.find_elements("css selector", "#search-results ul.search > li > a")
    found = [link.get_attribute("href")[len(served) + 1 :].split("?")[0] for link in links]
    assert page in found[:7] if page else found == []


# Long lines of code scroll by themselves, and on small screens wide tables do.
LAYOUT = """
const box = document.querySelector(".toc-drawer")?.getBoundingClientRect();
return {
  page: document.documentElement.scrollWidth,
  contents: box && box.width && box.left < innerWidth ? box.width : null,
  cut: [...document.querySelectorAll(".table-wrapper")].filter((e) => e.scrollWidth > e.clientWidth).length,
};
"""
TABLE_OF_CONTENTS = 230
"""How wide it is at least, in pixels."""


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_its_window(width, served, browser):
    wrong, with_contents = [], 0
    with at_width(browser, width):
        for page in HTML:
            browser.get(f"{served}/{page}")
            found = browser.execute_script(LAYOUT)
            squeezed = found["contents"] and found["contents"] < TABLE_OF_CONTENTS
            with_contents += bool(found["contents"])
            if found["page"] > width or squeezed or (found["cut"] and width == max(WIDTHS)):
                wrong.append((page, found))
    assert wrong == []
    assert (with_contents > 20) == (width == max(WIDTHS))


@pytest.mark.parametrize(("width", "height"), [(375, 812), (1024, 768), (1440, 900)])
def test_first_screen_of_a_new_reader(width, height, served, browser):
    with at_width(browser, width, height):
        browser.get(f"{served}/index.html")
        rows = browser.execute_script(
            "return [...document.querySelector('article table').tBodies[0].rows]"
            ".map((row) => [row.cells[0].textContent, row.querySelectorAll('a').length, row.getBoundingClientRect()])"
        )
    assert [name.strip() for name, *_ in rows] == [
        "one flow",
        "a repository",
        "data that old flows stored",
        "code that I can\N{RIGHT SINGLE QUOTATION MARK}t change",
    ]
    for _, links, box in rows:
        assert links
        assert box["left"] >= 0
        assert box["right"] <= width
        assert box["bottom"] <= height


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", ["index.html", "rewrite-a-repository.html"])
def test_patches_are_coloured(page, scheme, served, browser):
    """Also those that a command prints."""
    preferring(browser, scheme)
    browser.get(f"{served}/{page}")
    colours = browser.execute_script(
        "const of = (kind) => [...document.querySelectorAll(`article .${kind}`)].map((e) => getComputedStyle(e).color);"
        "const others = [getComputedStyle(document.querySelector('article pre')).color];"
        "return [of('gd'), of('gi'), others].map((colours) => [...new Set(colours)]);"
    )
    assert [len(found) for found in colours] == [1, 1, 1]
    assert len({found[0] for found in colours}) == 3


def commands(language, text):
    """What a reader types of a block that is shown; all of it where there is no prompt."""
    if language == "console":
        return "\n".join(command for command, _ in parsed(text))
    examples = doctest.DocTestParser().get_examples(text) if language in ("python", "pycon") else []
    return "".join(example.source for example in examples).rstrip("\n") or text


BLOCKS = """
return [...document.querySelectorAll("div.highlight > pre")].map((block) => [
  block.closest("[class^=highlight-]").className.split(/[- ]/)[1], block.textContent, typed(block)
]);
"""


def test_neither_prompts_nor_output_are_copied(served, browser):
    kinds = collections.Counter()
    for page in HTML:
        browser.get(f"{served}/{page}")
        for language, text, copied in browser.execute_script(BLOCKS):
            assert copied == commands(language, text), page
            kinds[language] += copied != text
    assert kinds["console"] > 50
    assert kinds["pycon"] + kinds["python"] > 5


def test_a_click_copies(served, browser):
    from selenium.webdriver.support.ui import WebDriverWait

    browser.execute_cdp_cmd(
        "Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": served}
    )
    browser.get(f"{served}/rewrite-a-repository.html")
    blocks = browser.find_elements("css selector", ".highlight-console div.highlight")
    buttons = browser.find_elements("css selector", ".highlight-console div.highlight > button.copy")
    assert len(buttons) == len(blocks) > 3
    buttons[1].send_keys("\ue007")  # Enter
    WebDriverWait(browser, 120).until(lambda _: buttons[1].text == "Copied")
    copied = browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied == commands("console", blocks[1].find_element("tag name", "pre").text)
    assert "$" not in copied
