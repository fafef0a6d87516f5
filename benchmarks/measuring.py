"""What all benchmarks share: rows of a table, the machine's facts, and JSON for later comparison."""

import argparse
import importlib.metadata
import json
import os
import platform
import statistics
import sys
import time
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table.

    Attributes:
        what: what was measured.
        unit: ``x`` for a ratio, else ``s``, ``ms``, ``us``, ``MB`` or ``MB/s``; empty for a text.
        median: the median of all rounds, or the text.
        low: where the middle half of all rounds begins.
        high: where it ends.
        target: what it should be; empty where there is no target.
    """

    what: str
    unit: str
    median: object
    low: object = None
    high: object = None
    target: str = ""


def row(what, unit, values, target=""):
    """Make a row of what several rounds gave."""
    values = sorted(values)
    low, high = (values[round(part * (len(values) - 1))] for part in (0.25, 0.75))
    return Row(what, unit, statistics.median(values), low, high, target)


def is_decided(one, limit):
    """Tell whether a ratio's middle half is narrower than the limit's distance from 1."""
    return one.high - one.low < limit - 1


def judged(one, limit):
    """Give a ratio's row its limit, and say so where the machine scatters it too much to decide."""
    target = f"at most {limit}"
    return one._replace(target=target if is_decided(one, limit) else f"{target}: not decided, it scatters too much")


def machine():
    """Tell what the numbers depend on."""
    installed = {}
    for name in ("prefect", "libcst", "boto3", "google-cloud-storage", "azure-storage-blob"):
        try:
            installed[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "date": time.strftime("%Y-%m-%d"),
        "packages": installed,
    }


def processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def number(value):
    """Show a number with three digits that count."""
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:.0f}" if value >= 100 else f"{value:.{2 if value >= 1 else 3}f}"


def cells(one):
    """Give a row's texts: what, median and unit, spread, target."""
    spread = f"{number(one.low)} to {number(one.high)}" if one.low is not None else ""
    return one.what, f"{number(one.median)} {one.unit}".strip(), spread, one.target


def line(one):
    """Lay a row out for a terminal."""
    what, median, spread, target = cells(one)
    return f"{what:<74} {median:>10}   {spread:<18} {target}".rstrip()


def main(doc, rows, add_arguments=lambda parser: None):
    """Run a script's benchmarks, print its table, and write JSON if asked to.

    Args:
        doc: the script's docstring.
        rows: a function that takes the parsed arguments and yields rows.
        add_arguments: a function that adds the script's own arguments to a parser.
    """
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured (default: 7)")
    parser.add_argument("--json", metavar="FILE", help="write the rows and the machine's facts there, too")
    add_arguments(parser)
    arguments = parser.parse_args()
    facts = machine()
    print(", ".join(f"{key} {value}" for key, value in facts.items() if key != "packages"))
    print(", ".join(f"{name} {version}" for name, version in facts["packages"].items()))
    print(f"{arguments.rounds} rounds; the median, and the middle half of all rounds\n")
    done = []
    for one in rows(arguments):
        done.append(one)
        print(line(one), flush=True)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"machine": facts, "rounds": arguments.rounds, "rows": [one._asdict() for one in done]}, file)
            file.write("\n")


def clock(function):
    """Time one call, in CPU seconds of this process."""
    start = time.process_time()
    function()
    return time.process_time() - start


if __name__ == "__main__":
    json.dump(machine(), sys.stdout, indent=2)
