"""What the shim costs, on the installed Prefect (0.11 to 1.4). Ratios of one run count; the times are this machine's.

python benchmarks/shim.py [--rounds N] [--json FILE]
"""

import os
import statistics
import subprocess
import sys
import tempfile

os.environ["PREFECT__LOGGING__LEVEL"] = "ERROR"
os.environ["PREFECT__FLOWS__CHECKPOINTING"] = "true"
os.environ["REHANDLE_WARNINGS"] = "off"

import measuring
import prefect
from prefect.engine.result import Result
from prefect.engine.results import LocalResult

import rehandle
from rehandle import handlers

TASKS = 1000
LIMIT = 1.02
PAIRS_IN_A_ROW = 3
NEW_SDKS = """print(*sorted({"boto3", "botocore", "google.cloud", "azure.storage"} & (set(sys.modules) - before)))"""


def import_ratio(compiled):
    """Import Prefect and then the shim in a new interpreter; returns the CPU time of the second over the first.

    Args:
        compiled: a folder for compiled modules: pip compiles what it installs, and that isn't to be timed.
    """
    clock = "t.append(time.process_time())"
    program = f"import time; t = []; {clock}; import prefect; {clock}; import rehandle.auto; {clock}; print(*t)"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = compiled
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    start, between, end = map(float, done.stdout.split())
    return (end - between) / (between - start)


def new_modules():
    """Name the cloud SDKs that switching the shim on imports on top of Prefect."""
    program = f"import sys, prefect; before = set(sys.modules); import rehandle.auto; {NEW_SDKS}"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    return found.strip() or "none"


class NowhereHandler(handlers.ResultHandler):
    """A custom handler that keeps nothing: what remains is the wrapper's cost."""

    def read(self, loc):
        return None

    def write(self, result):
        return "nowhere"


class NowhereResult(Result):
    """The same as a Result."""

    def read(self, location):
        return self.copy()

    def write(self, value_, **kwargs):
        new = self.copy()
        new.value, new.location = value_, "nowhere"
        return new


def mapped_flow(**keywords):
    """A flow that maps over many numbers: the engine's own cost, and that of storing if keywords say where."""

    @prefect.task
    def double(number):
        return 2 * number

    with prefect.Flow("mapped", **keywords) as flow:
        double.map(list(range(TASKS)))
    return flow


def rows(arguments):
    """Run the benchmarks."""
    rounds = arguments.rounds
    with tempfile.TemporaryDirectory() as compiled:
        import_ratio(compiled)
        ratios = [import_ratio(compiled) for _ in range(3 * rounds)]
    yield measuring.row("import rehandle.auto / import prefect", "x", ratios, "under 0.03")
    yield measuring.Row("cloud SDKs that rehandle.auto imports", "", new_modules(), target="none")

    pairs = [conversion(tempfile.mkdtemp(), conversion_first=bool(number % 2)) for number in range(10 * rounds)]
    yield measuring.row("one conversion of a handler", "us", [each[0] for each in pairs], "under 20")
    ratios = [converted / made for converted, made in pairs]
    yield measuring.judged(measuring.row("one conversion / LocalResult(dir) made by Prefect", "x", ratios), 1.5)

    folder = tempfile.mkdtemp()
    pairs = {
        "nothing stored": ({}, {}),
        "LocalResultHandler / LocalResult": (
            {"result_handler": handlers.LocalResultHandler(folder)},
            {"result": LocalResult(folder)},
        ),
        "custom handler / custom Result": ({"result_handler": NowhereHandler()}, {"result": NowhereResult()}),
    }
    for name, (shimmed, native) in pairs.items():
        mapped_flow(**native).run()
        ratios = list(enough_ratios(shimmed, native, 3 * rounds, 5 * rounds))
        yield measuring.judged(measuring.row(f"{TASKS:,} mapped tasks, {name}", "x", ratios), LIMIT)


def enough_ratios(shimmed, native, least, most):
    """Time pairs until the middle half of their medians tells on which side of the limit the ratio is.

    Args:
        shimmed: the keywords of the flow under the shim.
        native: those of the other.
        least: how many pairs there are at least.
        most: how many there are at most.

    Yields:
        The median of each few pairs: what a machine does beside scatters single ones more than they are off 1.
    """
    medians = []
    for number in range(most):
        pairs = [ratio(shimmed, native, shim_first=bool(pair % 2)) for pair in range(PAIRS_IN_A_ROW)]
        medians.append(statistics.median(pairs))
        yield medians[-1]
        if number >= least and measuring.is_decided(measuring.row("", "x", medians), LIMIT):
            return


def conversion(folder, conversion_first):
    """Time a conversion and what Prefect takes to make the same Result, each in microseconds."""
    handler = handlers.LocalResultHandler(folder)
    rehandle.to_result(handler)
    timed = [lambda: rehandle.to_result(handler), lambda: LocalResult(folder)]
    found = {}
    for place in (0, 1) if conversion_first else (1, 0):
        found[place] = measuring.clock(lambda make=timed[place]: [make() for _ in range(1_000)]) * 1_000
    return found[0], found[1]


def ratio(shimmed, native, shim_first):
    """Time a flow under the shim and one without, in both orders so that neither gains from being second."""

    def with_shim():
        with rehandle.installed():
            return measuring.clock(mapped_flow(**shimmed).run)

    def without():
        return measuring.clock(mapped_flow(**native).run)

    if shim_first:
        shim, native_seconds = with_shim(), without()
    else:
        native_seconds, shim = without(), with_shim()
    return shim / native_seconds


if __name__ == "__main__":
    measuring.main(__doc__, rows)
