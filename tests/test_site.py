"""The built site: what no builder looks at. `tox run -e docs` builds it and runs this."""

import html.parser
import importlib
import json
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pages
import pytest

if "REHANDLE_SITE" not in os.environ:
    pytest.skip("tox run -e docs builds the site", allow_module_level=True)

SITE = Path(os.environ["REHANDLE_SITE"])
HTML = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
# Tags that a browser follows by itself, and the attribute that says where to.
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "object": "data"}
LOADED_LINKS = {
    "stylesheet",
    "preload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "icon",
    "shortcut icon",
    "modulepreload",
}


class Addresses(html.parser.HTMLParser):
    """What a page loads, and where its links lead."""

    def __init__(self, text):
        super().__init__()
        self.loaded, self.links = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag in LOADED and attributes.get(LOADED[tag]):
            self.loaded.append(attributes[LOADED[tag]])
        elif tag == "link" and attributes.get("rel") in LOADED_LINKS:
            self.loaded.append(attributes["href"])
        elif tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])


@pytest.fixture(scope="module")
def addresses():
    return {name: Addresses((SITE / name).read_text("utf-8")) for name in HTML}


def test_every_page_is_there():
    written = [name for name in pages.names() if name.startswith("docs/")]
    written += [f"docs/rules/{path.name}" for path in pages.ROOT.glob("docs/rules/RH*.md")]
    assert len(written) > 40
    assert {name[len("docs/") : -len("md")] + "html" for name in written} <= set(HTML)


def test_nothing_is_loaded_from_elsewhere(addresses):
    loaded = {address for page in addresses.values() for address in page.loaded}
    assert loaded
    assert [address for address in loaded if urlsplit(address).netloc] == []
    for path in SITE.rglob("*.css"):
        assert re.findall(r"url\([\"']?(?:https?:)?//[^)]*|@import[^;]*//[^;]*", path.read_text("utf-8")) == [], path


def test_links_elsewhere_are_addresses(addresses):
    links = {link for page in addresses.values() for link in page.links if urlsplit(link).netloc}
    assert links
    for link in links:
        parts = urlsplit(link)
        assert parts.scheme == "https", link
        assert re.match(r"[a-z0-9-]+(\.[a-z0-9-]+)+$", parts.netloc), link
        assert not re.search(r"[\s<>\"{}|\\^`]", link), link


def test_links_to_the_repository_lead_to_files(addresses):
    prefix = "https://github.com/rehandle/rehandle/blob/main/"
    links = {link for page in addresses.values() for link in page.links if link.startswith(prefix)}
    assert len(links) > 40
    assert [link for link in links if not (pages.ROOT / urlsplit(link[len(prefix) :]).path).exists()] == []


@pytest.mark.parametrize(
    "module", ["rehandle", "rehandle.results", "rehandle.serializers", "rehandle.handlers", "rehandle.storage"]
)
def test_reference_has_every_public_name(module):
    text = (SITE / "api.html").read_text("utf-8")
    public = importlib.import_module(module)
    names = [name for name in public.__all__ if callable(getattr(public, name))]
    assert names
    # A name may be shown where it is defined, as the errors are.
    assert [name for name in names if not re.search(rf'id="rehandle[\w.]*\.{name}"', text)] == []


@pytest.mark.parametrize(
    ("word", "page"),
    [("hmacseri", "stored-results"), ("to_result", "api"), ("dask", "run-old-flows"), ("rh105", "rules/RH105")],
)
def test_search_finds(word, page):
    index = json.loads((SITE / "searchindex.js").read_text("utf-8").partition("(")[2].rpartition(")")[0])
    found = []
    for terms in (index["terms"], index["titleterms"]):
        places = terms.get(word, [])
        found += [places] if isinstance(places, int) else places
    assert page in {index["docnames"][place] for place in found}
