"""The built site: what no builder looks at. `tox run -e docs` builds it and runs this."""

import html.parser
import importlib
import inspect
import json
import os
import re
from pathlib import Path
from typing import Iterator
from urllib.parse import unquote, urlsplit

import pages
import pytest

if "REHANDLE_SITE" not in os.environ:
    pytest.skip("tox run -e docs builds the site", allow_module_level=True)

from sphinx.util.inventory import InventoryFile

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


def test_links_inside_lead_to_places(addresses):
    """The builder looks at links from page to page, and not at those of its own theme and index."""
    places = {name: set(re.findall(r'\b(?:id|name)="([^"]+)"', (SITE / name).read_text("utf-8"))) for name in addresses}
    anchors, dead = 0, []
    for name, page in addresses.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = os.path.normpath(os.path.join(os.path.dirname(name), unquote(parts.path))) if parts.path else name
            anchors += bool(parts.fragment)
            known = (SITE / target).is_file() and (not parts.fragment or unquote(parts.fragment) in places[target])
            if not known:
                dead.append((name, link))
    assert anchors > 500
    assert dead == []


def modules():
    text = (pages.ROOT / "docs" / "api.md").read_text("utf-8")
    return [importlib.import_module(name) for name in re.findall(r"^\.\. automodule:: (\S+)$", text, re.M)]


def public_names(module):
    """Those of `__all__`, or else what the module defines; of the plugin all but the hooks that pytest calls."""
    if module.__name__ == "rehandle.pytest":
        return ["LegacyAndMigrated", "Outcome", "flow_runner", "legacy_and_migrated"]
    return getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", "") == module.__name__
    ]


def test_every_module_for_users_is_in_the_reference():
    """In the pages, what code imports from rehandle is in the reference."""
    text = "\n".join(path.read_text("utf-8") for path in pages.ROOT.glob("docs/*.md"))
    imported = set(re.findall(r"^(?:>>> |\+)?from (rehandle[\w.]*) import (\w+)", text, re.M))
    assert len(imported) > 5
    known = {module.__name__: public_names(module) for module in modules()}
    missing = [
        (module, name)
        for module, name in imported
        if name not in known.get(module, []) and f"{module}.{name}" not in known
    ]
    assert missing == []


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_reference_has_every_public_name(module):
    with (SITE / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", os.path.join)
    on_the_page = {name for kind, names in inventory.items() if kind.startswith("py:") for name in names}
    names = public_names(module)
    assert names
    # A name may be shown where it is defined, as the errors are.
    missing = [
        name
        for name in names
        if {f"{module.__name__}.{name}", f"{getattr(module, name).__module__}.{name}"}.isdisjoint(on_the_page)
    ]
    assert missing == []


def documented(module):
    """Every public function, class and method of a module, with its name."""
    for name in public_names(module):
        value = getattr(module, name)
        yield name, value
        if inspect.isclass(value):
            for attribute, member in inspect.getmembers(value):
                # What Exception, tuple and the like bring isn't ours.
                home = next((cls for cls in value.__mro__ if attribute in vars(cls)), object)
                is_ours = home.__module__.startswith("rehandle") and not attribute.startswith("_")
                if is_ours and (callable(member) or isinstance(member, property)):
                    yield f"{name}.{attribute}", member


def problems_of_docstring(value):
    text = inspect.getdoc(value)
    if not text:
        return ["no docstring"]
    if not callable(value) or type(value).__name__ == "FixtureFunctionDefinition":
        return []
    if inspect.isclass(value):
        value = vars(value).get("__init__")
        if value is None:
            return []
    signature = inspect.signature(value)
    names = [name for name in signature.parameters if name not in ("self", "cls", "_cls")]
    found = [f"no {name}" for name in names if not re.search(rf"^ +\*{{0,2}}{name}: ", text, re.M)]
    gives = signature.return_annotation not in (inspect.Signature.empty, None, "None", Iterator[None])
    if gives and not re.search(r"^(Returns|Yields):$|: always\.$", text, re.M):
        found.append("no Returns")
    return found


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_docstrings_say_what_goes_in_and_comes_out(module):
    found = [(name, value) for name, value in documented(module)]
    assert found
    problems = {name: problems_of_docstring(value) for name, value in found}
    assert {name: found for name, found in problems.items() if found} == {}


def test_search_finds_every_page_by_its_title():
    """For where there is no browser: the index that the search page reads."""
    index = json.loads((SITE / "searchindex.js").read_text("utf-8").partition("(")[2].rpartition(")")[0])
    titled = {index["docnames"][place] for places in index["alltitles"].values() for place, _ in places}
    assert titled == {name[: -len(".html")] for name in HTML} - {"genindex", "py-modindex", "search"}
