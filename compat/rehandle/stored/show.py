"""``rehandle show``: what a stored object is, without unpickling it, and on demand the value."""

import argparse
import json
import pprint
import sys
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence

from rehandle.command_line import Parser, printable
from rehandle.errors import RehandleError
from rehandle.serializers import signing
from rehandle.storage import open_location
from rehandle.stored import formats, imports, signatures, values
from rehandle.stored.terminal import error, run, say

UNVERIFIED = 1

DESCRIPTION = """\
Say what a stored result is: its format, who can have written it, what loading it would import. Nothing is unpickled,
unless --value is given.
"""

EPILOG = """\
examples:
  rehandle show results/prefect-result-2020-05-06t07-08-09
  rehandle show gs://bucket/2020/5/6/0b5f1e52.prefect_result
  rehandle show --json s3://bucket/key | jq .format
  PYTHONPATH=. rehandle show --value azure://container/blob
  rehandle show --verify results/today && echo signed, and for this place

Credentials are those that the storage's own library finds, and the Prefect secrets GCP_CREDENTIALS and AWS_CREDENTIALS.
A signature is verified with the key in REHANDLE_HMAC_KEY. It holds for the place that the object was written to: for a
copy give --moved-from, or sign it anew (`rehandle sign`).

Exit: 0; 1 if --verify finds no signature that is right for this place; 2 after an error.
"""

WARNING = (
    "rehandle: this unpickles the object, which runs whatever code is in it: "
    "do so only if you trust everybody who can write there"
)


def main(arguments: Sequence[str]) -> int:
    """Run ``rehandle show``.

    Args:
        arguments: those after ``show``.

    Returns:
        The exit code: 0 for success, 1 if ``--verify`` finds no right signature, 2 for an error, 130 after Ctrl-C.
    """
    parser = Parser("rehandle show", DESCRIPTION, EPILOG)
    parser.add_argument("location", metavar="LOCATION", help="a path, gs://bucket/key, s3://... or azure://...")
    parser.add_argument("--value", action="store_true", help="load the value and print it, too; unpickling runs code")
    parser.add_argument(
        "--verify", action="store_true", help="exit 1 unless it is signed with the key, and for this place"
    )
    signatures.add_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    return run(parser, arguments, _show)


def _show(options: argparse.Namespace) -> int:
    store, name = open_location(options.location)
    data = store.read(name)
    found = formats.identify(data)
    facts = _facts(options.location, found)

    def verify(data: bytes) -> signing.Signed:
        place = store.place(name)
        return signatures.verify(data, place, place, options)

    unverified = _problem(values.signed_part(data), verify)
    if "signed" in found.layers:
        facts["signature"] = unverified or "right"
    if not options.json:
        _print_facts(facts)
    problem = unverified if options.verify else None
    if options.value and problem is None:
        problem = _add_value(facts, data, verify)
        if problem is None and not options.json:
            say(facts["value"] if facts["format"] in ("csv", "text") else facts["repr"])
    if options.json:
        # DEL is the one command to a terminal that JSON leaves as it is.
        say(json.dumps(facts, indent=2).replace("\x7f", "\\u007f"))
    if problem is None:
        return 0
    code = error(f"{options.location}: {problem}")
    return UNVERIFIED if problem == unverified and options.verify else code


def _problem(data: Optional[bytes], verify: Callable[[bytes], signing.Signed]) -> Optional[str]:
    """Tell what is wrong with a signature, None if it is right."""
    if data is None:
        return "the object isn't signed"
    try:
        verify(data)
    except RehandleError as problem:
        return str(problem)
    return None


def _facts(location: str, found: formats.StoredFormat) -> Dict[str, Any]:
    pickle = found.pickle
    return {
        "location": location,
        "size": found.size,
        "format": found.layers[-1],
        "layers": list(found.layers),
        "status": found.status,
        "written_by": formats.writers(found),
        "protocol": pickle and pickle.protocol,
        "python": formats.oldest_python(found),
        "imports": imports.described(pickle),
        "hides_imports": bool(pickle and pickle.hides_imports),
        "trailing_bytes": pickle.trailing_bytes if pickle else 0,
        "imports_in_base64": imports.described(found.in_base64),
        "signed_for": found.signed_for,
        "signature": None,
    }


def _print_facts(facts: Dict[str, Any]) -> None:
    formats = ", ".join(facts["layers"])
    rows = [
        ("size", f"{facts['size']:,} bytes"),
        ("format", formats if facts["protocol"] is None else f"{formats} (protocol {facts['protocol']})"),
        ("status", facts["status"]),
        ("written by", facts["written_by"]),
        ("read by", facts["python"] and f"Python {facts['python']} or later"),
        ("signed for", facts["signed_for"]),
        ("signature", facts["signature"]),
        ("after it", facts["trailing_bytes"] and f"{facts['trailing_bytes']:,} bytes, which loading ignores"),
        ("imports", "something whose name is hidden: don't load this" if facts["hides_imports"] else None),
    ]
    rows += [("imports", text) for text in _shown(facts["imports"])]
    rows += [
        ("in base64", f"{text}, for readers that decode this first") for text in _shown(facts["imports_in_base64"])
    ]
    say(printable(facts["location"]))
    for name, text in rows:
        if text:
            say(f"  {name:<11} {printable(text)}")


def _shown(described: List[Dict[str, Any]]) -> Iterator[str]:
    for item in described:
        yield f"{item['module']}.{item['name']}" + ("" if item["found"] else "   (not found by this Python)")


def _add_value(facts: Dict[str, Any], data: bytes, verify: Callable[[bytes], signing.Signed]) -> Optional[str]:
    """Load the value into the facts. Returns what is wrong if that fails."""
    if facts["format"] == "pickle":
        say(WARNING, sys.stderr)
    try:
        value = values.load(data, verify)
        facts["repr"] = pprint.pformat(value)
    except ModuleNotFoundError as problem:
        return f"loading it needs the module {problem.name}: install it, or say where it is (PYTHONPATH=.)"
    except RehandleError as problem:
        return str(problem)
    except Exception as problem:
        # Whatever the object's own code raises.
        return f"loading it failed with {type(problem).__name__}: {problem}"
    facts["value"] = value
    try:
        # What no other reader of JSON takes, such as NaN, is in the other text alone.
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        facts["value"] = None
    return None
