"""What every message has to be like, and the templates in the code that messages are made of."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Iterator, NamedTuple

import rehandle_codemods
from rehandle.mapping import HANDLERS

PACKAGE = Path(rehandle_codemods.__file__).parent
LONGEST = 160
"""So many characters a sentence has at most, without names of the user's own."""
_ADVICE = re.compile(r"(?<=[^.])\. (?=[A-Z]|--|\w+=)")
_PHRASES = (
    "can't be told",
    "cannot be told",
    "so this is left",
    "isn't known for certain",
    "in order to",
    "please note",
    "something went wrong",
)
_WORD = re.compile(r"[^\W\d]\w*")
_PLAIN = {
    "a",
    "and",
    "as",
    "for",
    "from",
    "in",
    "is",
    "it",
    "its",
    "not",
    "of",
    "or",
    "so",
    "that",
    "to",
    "which",
    "with",
}
_PREFECTS = {"result_handler", *(name for row in HANDLERS.values() for name in (row.handler, row.result))}
"""Prefect's names, which a file may write in another way."""
# The calls that take a clause or a message, and the names that one is kept in on its way there.
_MAKERS = {
    "Reason",
    "How",
    "Rewritten",
    "Noted",
    "Left",
    "IrregularError",
    "KeptError",
    "StoppedError",
    "_unclear",
    "_reason",
    "elsewhere",
    "reason_at",
}


class Template(NamedTuple):
    """A text in the code that a message has in it."""

    place: str
    text: str
    pattern: re.Pattern[str]


def faults(message: str, source: str, named: str) -> list[str]:
    """What is wrong with a message.

    Args:
        message: the message.
        source: the files that it is about: their names may be as long and as odd as they are.
        named: what it has to name a word of: the place, its line and its file.

    Returns:
        One sentence for each fault.
    """
    found = []
    sentences = _ADVICE.split(message)
    if len(sentences) > 2:
        found.append("it has more than one sentence and one of advice")
    own = set(_WORD.findall(source))
    for sentence in sentences:
        if re.search(r"[.!;]$|[;!]\s", sentence) and not sentence.endswith("..."):
            found.append("a sentence ends in the middle, or is closed")
        rest = " ".join(word for word in sentence.split() if not own.intersection(_WORD.findall(word)))
        if len(rest) > LONGEST:
            found.append(f"it is longer than {LONGEST} characters")
    if any(part not in source for part in re.findall(r"\S+: \S+", sentences[0])):
        found.append("a colon takes the place of a conjunction")
    if not {*_WORD.findall(named), *_PREFECTS}.intersection(_WORD.findall(sentences[0])) - _PLAIN:
        found.append("it names nothing of its place")
    for word in _WORD.findall(message):
        if word not in own and (word in _internal_names() or re.match(r"_[a-z]", word)):
            found.append(f"{word} is a name of rehandle's own code")
    if re.search(r"rehandle_codemods|<\w+[ .][^>]*>|\bat 0x|\w+\(\w+=<|\bReason\(|\bast\.[A-Z]", message):
        found.append("it shows an object of Python's")
    if re.search(r"\b([^\W\d]\w*) \1\b", message, re.I):
        found.append("a word is doubled")
    found += [f"it says {phrase!r}" for phrase in _PHRASES if phrase in message]
    return found


def _internal_names() -> set[str]:
    """The classes of the codemods that are called by several words, as no word of a sentence is."""
    if not _NAMES:
        for path in PACKAGE.rglob("*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            _NAMES.update(node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return {name for name in _NAMES if re.search(r"[a-z][A-Z]", name)}


_NAMES: set[str] = set()


def templates() -> Iterator[Template]:
    """The texts that the code gives to what makes messages, by themselves or through a variable of the function."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        makers = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) in _MAKERS]
        given = [part for call in makers for part in (*call.args, *(keyword.value for keyword in call.keywords))]
        names = {part.id for each in given for part in ast.walk(each) if isinstance(part, ast.Name)}
        kept = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            if any(isinstance(target, ast.Name) and target.id in names for target in node.targets)
        ]
        seen = set()
        for each in (*given, *kept):
            for node in _texts(each):
                template = Template(f"{path.relative_to(PACKAGE)}:{node.lineno}", _text(node), _pattern(node))
                if template.place not in seen and " " in re.sub(r"\{[^}]*\}", "", template.text).strip():
                    seen.add(template.place)
                    yield template


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _texts(node: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    """The strings in an expression, f-strings whole."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        yield from _texts(child)


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(
        str(part.value) if isinstance(part, ast.Constant) else f"{{{ast.unparse(part)}}}" for part in node.values
    )


def _pattern(node: ast.Constant | ast.JoinedStr) -> re.Pattern[str]:
    parts = [node] if isinstance(node, ast.Constant) else node.values
    text = "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*" for part in parts)
    return re.compile(text, re.S | re.I)
