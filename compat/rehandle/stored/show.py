"""``rehandle show``: what a stored object is, without unpickling it, and on demand the value."""

import argparse
import importlib.machinery
import importlib.util
import json
import os
import pprint
import sys
from typing import Any, Dict, Optional, Sequence

from rehandle.errors import RehandleError, SignatureError
from rehandle.serializers import signing
from rehandle.storage import LocalStore, open_location
from rehandle.stored import formats, values

INTERRUPTED = 130

DESCRIPTION = """\
Say what a stored result is: its format, who can have written it, what loading it would import. Nothing is unpickled,
unless --value is given.
"""

EPILOG = """\
examples:
  rehandle show ~/.prefect/results/prefect-result-2020-05-06t07-08-09-123456-00-00
  rehandle show gs://bucket/2020/5/6/0b5f1e52-8b1f-4a0e-9f6b-2f5c1d1e7f3a.prefect_result
  rehandle show --json s3://bucket/key | jq .format
  PYTHONPATH=. rehandle show --value azure://container/blob

Credentials are those that the storage's own library finds, and the Prefect secrets GCP_CREDENTIALS and AWS_CREDENTIALS.
A signature is verified with the key in REHANDLE_HMAC_KEY. Exit: 0, or 2 after an error.
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
        The exit code: 0 for success, 2 for an error, 130 after Ctrl-C.
    """
    parser = argparse.ArgumentParser(
        prog="rehandle show",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("location", metavar="LOCATION", help="a path, gs://bucket/key, s3://... or azure://...")
    parser.add_argument("--value", action="store_true", help="load the value and print it, too; unpickling runs code")
    parser.add_argument("--json", action="store_true", help="print one JSON object, for scripts")
    options = parser.parse_args(arguments)
    try:
        return _show(options.location, options.value, options.json)
    except (RehandleError, ImportError) as error:
        return _error(str(error))
    except MemoryError:
        return _error(f"{options.location}: there isn't enough memory for an object of this size")
    except KeyboardInterrupt:
        print("rehandle: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough. Python would complain when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _show(location: str, wants_value: bool, as_json: bool) -> int:
    store, name = open_location(location)
    data = store.read(name)
    found = formats.identify(data)
    facts = _facts(location, found)
    key = signing.key_of_environment()
    if found.layers[0] == "signed":
        facts["signature"] = _signature(data, key, name, isinstance(store, LocalStore))
    if not as_json:
        _print_facts(facts)
        sys.stdout.flush()
    problem = None
    if wants_value:
        problem = _add_value(facts, data, key)
        if problem is None and not as_json:
            print(facts["value"] if facts["format"] in ("csv", "text") else facts["repr"])
    if as_json:
        print(json.dumps(facts, indent=2))
    sys.stdout.flush()
    return _error(f"{location}: {problem}") if problem else 0


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
        "imports": [
            {"module": module, "name": name, "found": _is_found(module)}
            for module, name in (pickle.imports if pickle else ())
        ],
        "hides_imports": bool(pickle and pickle.hides_imports),
        "trailing_bytes": pickle.trailing_bytes if pickle else 0,
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
    rows += [
        ("imports", f"{item['module']}.{item['name']}" + ("" if item["found"] else "   (not found by this Python)"))
        for item in facts["imports"]
    ]
    print(_printable(facts["location"]))
    for name, text in rows:
        if text:
            print(f"  {name:<11} {_printable(text)}")


def _printable(text: str) -> str:
    """Show what a terminal would take for a command as an escape: these texts come from the storage."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _is_found(module: str) -> bool:
    """Tell whether a module is there, without running any of it or of its packages."""
    if module == "__main__":
        return False
    if module in sys.modules:
        return True
    top, *deeper = module.split(".")
    try:
        spec = importlib.util.find_spec(top)
        for name in deeper:
            if spec is None:
                break
            folders = spec.submodule_search_locations or []
            spec = importlib.machinery.PathFinder.find_spec(f"{spec.name}.{name}", folders)
    except (ImportError, ValueError):
        return False
    return spec is not None


def _signature(data: bytes, key: Optional[bytes], name: str, is_file: bool) -> str:
    if key is None:
        return f"not verified: {signing.VARIABLE} isn't set"
    try:
        location = signing.verify(data, key).location
    except SignatureError as error:
        return str(error)
    if location is None:
        return "right, and for no location: the object may have been put in the place of another"
    if not _is_at(location, name, is_file):
        return "right, but for another location: the object was moved or copied here"
    return "right"


def _is_at(location: str, name: str, is_file: bool) -> bool:
    if not is_file:
        return location == name
    # The folder that the location is relative to is known to the Result alone.
    path = os.path.abspath(name).replace(os.sep, "/")
    return f"/{path}".endswith("/" + location.lstrip("/"))


def _add_value(facts: Dict[str, Any], data: bytes, key: Optional[bytes]) -> Optional[str]:
    """Load the value into the facts. Returns what is wrong if that fails."""
    if facts["format"] == "pickle":
        print(WARNING, file=sys.stderr, flush=True)
    try:
        value = values.load(data, key)
        facts["repr"] = pprint.pformat(value)
    except ModuleNotFoundError as error:
        return f"loading it needs the module {error.name}: install it, or say where it is (PYTHONPATH=.)"
    except RehandleError as error:
        return str(error)
    except Exception as error:
        # Whatever the object's own code raises.
        return f"loading it failed with {type(error).__name__}: {error}"
    facts["value"] = value
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        facts["value"] = None
    return None


def _error(message: str) -> int:
    print(f"rehandle: error: {_printable(message)}", file=sys.stderr)
    return 2
