"""What the shim costs, on the installed Prefect (0.11 to 1.4). Ratios of one run count; the times are this machine's.

python benchmarks/shim.py [--rounds N]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ["PREFECT__LOGGING__LEVEL"] = "ERROR"
os.environ["PREFECT__FLOWS__CHECKPOINTING"] = "true"
os.environ["REHANDLE_WARNINGS"] = "off"

import prefect

import rehandle
from rehandle import handlers

TASKS = 1000


def seconds(function):
    """Time one call, in CPU seconds of this process."""
    start = time.process_time()
    function()
    return time.process_time() - start


def import_seconds(code):
    """Time the imports of a new interpreter, in seconds."""
    program = f"import time; s = time.perf_counter(); {code}; print(time.perf_counter() - s)"
    return float(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout)


def mapped_flow():
    """A flow that maps over many numbers and stores nothing: the engine's own cost."""

    @prefect.task
    def double(number):
        return 2 * number

    with prefect.Flow("mapped") as flow:
        double.map(list(range(TASKS)))
    return flow


def row(name, values, target):
    """Print one line of the table."""
    spread = f"{min(values):.3f} to {max(values):.3f}"
    print(f"{name:<58} {statistics.median(values):>9.3f}   {spread:<20} {target}")


def main():
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="how often each is measured")
    rounds = parser.parse_args().rounds
    print(f"Prefect {prefect.__version__}, Python {sys.version.split()[0]}, {os.cpu_count()} cores, {rounds} rounds\n")
    print(f"{'':<58} {'median':>9}   {'spread':<20} target")

    alone = [import_seconds("import prefect") for _ in range(rounds)]
    on_top = [import_seconds("import prefect; s = time.perf_counter(); import rehandle.auto") for _ in range(rounds)]
    row("import rehandle.auto / import prefect", [b / a for a, b in zip(alone, on_top)], "under 0.03")

    handler = handlers.LocalResultHandler(dir=tempfile.mkdtemp())
    rehandle.to_result(handler)
    conversions = [seconds(lambda: [rehandle.to_result(handler) for _ in range(10_000)]) * 100 for _ in range(rounds)]
    row("one conversion, microseconds", conversions, "under 20")

    def with_shim():
        with rehandle.installed():
            return seconds(mapped_flow().run)

    mapped_flow().run()
    ratios = [with_shim() / seconds(mapped_flow().run) for _ in range(rounds)]
    row(f"a mapped flow of {TASKS} tasks, with the shim / without", ratios, "under 1.02")


if __name__ == "__main__":
    main()
