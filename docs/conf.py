"""How the site is built: `tox run -e docs`, or `sphinx-build -W docs OUT`."""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "compat"), str(ROOT / "codemods")]

from pygments.lexer import Lexer  # noqa: E402
from pygments.lexers.shell import BashLexer  # noqa: E402
from pygments.token import Generic  # noqa: E402

import rehandle  # noqa: E402
from rehandle_codemods import rules  # noqa: E402

project = "rehandle"
version = release = rehandle.__version__
html_title = f"rehandle {release}"
copyright = "the rehandle authors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
# Not sphinx-copybutton, which has had no release since 2023.
html_js_files = [("copy.js", {"defer": "defer"})]
html_theme_options = {
    "source_repository": "https://github.com/rehandle/rehandle/",
    "source_branch": "main",
    "source_directory": "docs/",
}
html_copy_source = False
# For `sphinx-build -b linkcheck`: who asks for lines of a file on GitHub gets a script, not the lines.
linkcheck_anchors_ignore_for_url = [r"https://github\.com/"]
linkcheck_timeout = 15
# Headings that a link can name, as GitHub makes them.
myst_heading_anchors = 3
# A console shows commands and output, not a session of Python.
highlight_language = "none"

autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_include_init_with_doc = False
# Attributes of named tuples are described once, by their class.
napoleon_use_ivar = True

LINK = re.compile(r"(?<=\]\()(\.\./[^)#\s]+)")


def link_to_the_repository(app, docname, source):
    """Let links to files of the repository that are no pages lead to where the repository is read."""
    folder = Path(app.env.doc2path(docname)).parent

    def address(match):
        path = Path(os.path.normpath(folder / match.group()))
        inside = ROOT / "docs" not in path.parents and path.exists()
        return (
            f"https://github.com/rehandle/rehandle/blob/main/{path.relative_to(ROOT).as_posix()}"
            if inside
            else match.group()
        )

    source[0] = LINK.sub(address, source[0])


def write_pages_of_rules(app):
    """Write the page of each rule, which is its module's docstring. `tests/codemods/test_rules.py` compares them."""
    for rule in rules.load().values():
        path = ROOT / "docs" / "rules" / f"{rule.code}.md"
        if not path.exists() or path.read_text("utf-8") != rule.page:
            path.write_text(rule.page, "utf-8")


def drop_words_for_pytest(app, what, name, obj, options, lines):
    """Leave out of the reference what a docstring says to pytest."""
    for row, line in enumerate(lines):
        if line.startswith("PYTEST_DONT_REWRITE"):
            del lines[row:]


COMMAND = re.compile(r"\$ (?:.*\\\n)*.*\n?")
MARKS = (("+++", Generic.Output), ("---", Generic.Output), ("+", Generic.Inserted), ("-", Generic.Deleted))


class ConsoleLexer(Lexer):
    """A console whose prompt is `$ `. Patches that a command prints have the colours of patches.

    Pygments' own takes output that begins with `#` or `%` for a command.
    """

    name = "Console with patches"

    def get_tokens_unprocessed(self, text):
        """Give each token with its place."""
        place, in_patch = 0, False
        while place < len(text):
            command = COMMAND.match(text, place)
            if command:
                in_patch = False
                yield place, Generic.Prompt, "$ "
                for offset, kind, value in BashLexer().get_tokens_unprocessed(command.group()[2:]):
                    yield place + 2 + offset, kind, value
                place = command.end()
            else:
                line = text[place : text.find("\n", place) + 1 or None]
                in_patch = in_patch or line.startswith("@@ ")
                marks = MARKS if in_patch else ()
                yield place, next((kind for mark, kind in marks if line.startswith(mark)), Generic.Output), line
                place += len(line)


def setup(app):
    """Register what this file adds to Sphinx."""
    app.add_lexer("console", ConsoleLexer)
    app.connect("builder-inited", write_pages_of_rules)
    app.connect("source-read", link_to_the_repository)
    app.connect("autodoc-process-docstring", drop_words_for_pytest)
