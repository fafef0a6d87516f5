"""Every page of the documentation, run as it is printed. tests/pages.py says how."""

import os
import re
import subprocess
import sys

import needs
import pages
import pytest
from installed import PREFECT

PAGES = {name: pages.load(name) for name in pages.names()}
BLOCKS = [(name, block) for name, page in PAGES.items() for block in page.blocks]
TESTS = pages.ROOT / "tests"


@pytest.mark.skipif(os.name == "nt", reason="the commands are for bash")
@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.blocks and not page.own_test])
def test_page(name, tmp_path):
    page = PAGES[name]
    if not page.runs_on(PREFECT):
        pytest.skip("says that it is about another Prefect")
    if needs.MISSING and any(block.language in ("console", "diff") for block in page.blocks):
        pytest.skip(needs.MISSING)
    if (
        PREFECT is None
        and sys.version_info[:2] != (3, 11)
        and any(block.language == "console" for block in page.blocks)
    ):
        pytest.skip("has commands, which are the same on every Python: runs on CPython 3.11")
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([*filter(None, [os.environ.get("PYTHONPATH")]), str(TESTS)]),
        "PREFECT__HOME_DIR": str(tmp_path / "home"),
        # Old releases warn of much. rehandle's own is a FutureWarning.
        "PYTHONWARNINGS": "ignore,default::FutureWarning",
    }
    folder = tmp_path / "folder"
    folder.mkdir()
    command = [sys.executable, str(TESTS / "run_page.py"), name, *(["--shim"] if PREFECT else [])]
    done = subprocess.run(
        command, cwd=str(folder), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600
    )
    assert done.returncode == 0, done.stdout.decode("utf-8", "replace")


@pytest.mark.prefect(None)
def test_nearly_all_blocks_are_run():
    left_out = [f"{name}:{block.row}: {block.reason}" for name, block in BLOCKS if block.reason]
    assert len(left_out) <= len(BLOCKS) * 0.1, left_out


def headings(text):
    """The anchors that GitHub gives to a page's headings; the site has them, too."""
    outside_code = re.sub(r"^(`{3,}|~{3,}).*?^\1$", "", text, flags=re.M | re.S)
    for heading in re.findall(r"^#+ (.+)$", outside_code, re.M):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def outside_inline_code(text):
    """A page without its code in backticks, where `TABLE[key](argument)` is no link. A link's text may be code."""
    return re.sub(r"(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)", "", text, flags=re.S)


@pytest.mark.prefect(None)
def test_links_lead_to_files_and_headings():
    """As GitHub shows the pages. `tests/test_site.py` looks at the site."""
    paths = [*pages.ROOT.glob("*.md"), *pages.ROOT.glob("docs/**/*.md"), *pages.ROOT.glob("examples/**/*.md")]
    links = [
        (path, target, anchor)
        for path in paths
        for target, anchor in re.findall(
            r"\]\((?!https://)([^)#\s]*)(?:#([^)\s]+))?\)", outside_inline_code(path.read_text("utf-8"))
        )
    ]
    assert len(links) > 250
    dead = []
    for path, target, anchor in links:
        place = path.parent / target if target else path
        if not place.exists() or (anchor and anchor not in headings(place.read_text("utf-8"))):
            dead.append((str(path.relative_to(pages.ROOT)), target, anchor))
    assert dead == []


@pytest.mark.prefect(None)
@pytest.mark.parametrize("package", ["compat/rehandle", "codemods/rehandle_codemods"])
def test_the_design_has_every_folder_and_the_files_at_the_top(package):
    text = (pages.ROOT / "docs" / "design.md").read_text("utf-8")
    table = re.search(rf"^\| in `{package}/` \|.*?\n\n", text, re.M | re.S).group()
    named = {name for name in re.findall(r"`([\w/.]+/|\w+\.py)`", table) if name != f"{package}/"}
    top = pages.ROOT / package
    folders = {f"{path.parent.relative_to(top).as_posix()}/" for path in top.rglob("*/__init__.py")}
    files = {path.name for path in top.glob("*.py") if path.name != "__init__.py"}
    assert sorted((folders | files) - named) == []
    homes = [top, top / "shim" / "generations"]
    assert [name for name in named if not any((home / name).exists() for home in homes)] == []


@pytest.mark.prefect(None)
def test_contributing_names_what_exists():
    text = (pages.ROOT / "CONTRIBUTING.md").read_text("utf-8")
    named = re.findall(r"`((?:\.?[\w-]+/)+[\w.-]*|[\w.-]+\.(?:py|md|ini|toml))`", text)
    assert len(named) > 20
    roots = [pages.ROOT, *(path for path in pages.ROOT.glob("*/rehandle*")), pages.ROOT / "tests" / "across"]
    roots += [pages.ROOT / "benchmarks", pages.ROOT / "codemods" / "rehandle_codemods" / "decide"]
    invented = re.compile(r"NNN|X\.Y\.Z|page/|\.tox/")
    missing = [
        name for name in named if not invented.search(name) and not any((root / name).exists() for root in roots)
    ]
    assert missing == []


@pytest.mark.prefect(None)
def test_pages_name_the_pins_of_a_release():
    """Without them pip installs a Prefect that doesn't run today."""
    commands = [
        line for _, block in BLOCKS for line in block.text.splitlines() if re.search(r"pip install.*'prefect==", line)
    ]
    assert commands
    for command in commands:
        release = re.search(r"'prefect==([\d.]+)'", command).group(1)
        constraints = (pages.ROOT / "constraints" / f"prefect-{release}.txt").read_text("utf-8").splitlines()
        lines = [line.partition("#")[0] for line in constraints if 'python_version < "3.8"' not in line]
        pins = [line.partition(";")[0].strip() for line in lines]
        assert [pin for pin in pins if f"'{pin}'" not in command] == [], command


@pytest.mark.prefect(None)
@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.own_test])
def test_own_test_of_a_page(name):
    path = pages.ROOT / PAGES[name].own_test
    assert os.path.basename(name) in path.read_text("utf-8")


@pytest.mark.prefect(None)
def test_every_variable_of_the_environment_is_on_a_page():
    sources = [
        path.read_text("utf-8") for folder in ("compat", "codemods") for path in (pages.ROOT / folder).rglob("*.py")
    ]
    variables = {name for source in sources for name in re.findall(r'= "(REHANDLE[A-Z_]*)"$', source, re.M)}
    assert "REHANDLE" in variables
    table = (pages.ROOT / "docs" / "run-old-flows.md").read_text("utf-8")
    assert [name for name in variables if not re.search(rf"^\| `{name}[`=]", table, re.M)] == []
