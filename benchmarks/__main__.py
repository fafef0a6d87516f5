"""All benchmarks, in one table.

python benchmarks [--rounds N] [--json FILE] [--compare FILE] [--page] [SCRIPT...]

Wants Prefect 1.4.1, the extras `all`, the tests' packages and uv: `tox run -e benchmarks` has them. Each script runs in
a process of its own, one after the other. Ratios count: the times are this machine's.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import measuring

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
# What each script is about.
TITLES = {
    "shim": "The shim, beside the same flow with Results",
    "io": "Storing and reading, beside the client library with cloudpickle, and Prefect's own Results",
    "codemods": "The codemods, beside other tools",
    "folders": "Going through folders of results (`rehandle results`)",
    "prefect3": "Reading old results in Prefect 3, beside its own records of the same values",
    "stored_formats": "Telling what an object is (`rehandle show`)",
}
# What runs where there is another Prefect: the extra that has it.
EXTRAS = {"prefect3": "prefect3"}
# What has to be said about the numbers of a script.
NOTES = {
    "io": "The floor is cloudpickle and the client library. On the local disk it writes, syncs and renames a file; "
    "rehandle syncs the folder too, so that the new name survives a power failure, and Prefect does none of that.\n\n",
    "folders": "A sixth each: a small dict, rows, 100 KB of bytes, a pickle in base64, a compressed one, JSON. Waiting "
    "for the disk isn't counted, and convert does that twice for each object.\n\n",
    "codemods": "The other tools take minutes, so they were measured once: their numbers have no spread.\n\n",
}
INTRODUCTION = """\
# Benchmarks

`tox run -e benchmarks -- --page` makes this page, `tox run -e benchmarks -- codemods --page` one section of it. Times
are those of the machine that a section names. The ratios count: 1 takes as long, 2 takes twice as long, measured by
turns. Each number is the median of all rounds, with their middle half beside it: where a target is inside the middle
half, the median says little about it. `--json FILE` keeps the numbers, `--compare FILE` shows them beside new ones.

Targets are for a machine that does nothing else: a high load below says how far these numbers are from that. (What ran
before is part of a load, too.)
"""
MACHINE = "{processor}, {cores} cores, {system}, Python {python}, {date}, with {packages}."


def python(script):
    """Give the command that runs a script: by this Python, or by one with the extra that it needs."""
    if script not in EXTRAS:
        return [sys.executable]
    package = f"{HERE.parent}[{EXTRAS[script]}]"
    return ["uv", "run", "--isolated", "--no-project", "--python", sys.executable, "--with", package, "python"]


def measure(script, rounds):
    """Run a script; returns what it wrote as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.json"
        arguments = [] if rounds is None else ["--rounds", str(rounds)]
        command = [*python(script), str(HERE / f"{script}.py"), "--json", str(path), *arguments]
        subprocess.run(command, check=True)
        return json.loads(path.read_text("utf-8"))


def rows_of(report):
    return [measuring.Row(**one) for one in report["rows"]]


def show(reports, earlier):
    for script, report in reports.items():
        print(f"\n{TITLES[script]}\n")
        before = {one.what: one for one in rows_of(earlier.get(script, {"rows": []}))}
        for one in rows_of(report):
            old = before.get(one.what)
            print(measuring.line(one) + (f"   (was {measuring.number(old.median)})" if old else ""))


def page(reports, earlier=""):
    """Write the page of the docs.

    Args:
        reports: what was measured, by script.
        earlier: the page as it is, of which the other sections are kept; empty where all is measured.
    """
    measured = {title: section(script, reports[script]) for script, title in TITLES.items() if script in reports}
    kept = {part.partition("\n")[0]: part.partition("\n")[2].strip("\n") for part in earlier.split("\n## ")[1:]}
    text = INTRODUCTION
    for title, said in {**kept, **measured}.items():
        text += f"\n## {title}\n\n{said}\n"
    return text


def section(script, report):
    facts = report["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in facts["packages"].items())
    text = NOTES.get(script, "") + f"{MACHINE.format(**{**facts, 'packages': packages})}\n"
    text += f"{report['rounds']} rounds, load {facts['load']} at the start.\n\n"
    text += "| | median | middle half | target |\n|---|--:|--:|---|\n"
    return text + "\n".join(f"| {' | '.join(measuring.cells(one))} |" for one in rows_of(report))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, help="how often each is measured (default: as each script says)")
    parser.add_argument("--json", metavar="FILE", help="write all rows and the machine's facts there")
    parser.add_argument("--compare", metavar="FILE", help="show the numbers of an earlier --json beside the new ones")
    parser.add_argument("--page", action="store_true", help="write docs/benchmarks.md, of the scripts that run")
    parser.add_argument("scripts", nargs="*", metavar="SCRIPT", choices=[*TITLES, []], default=[])
    arguments = parser.parse_args()
    earlier = json.loads(Path(arguments.compare).read_text("utf-8")) if arguments.compare else {}
    reports = {script: measure(script, arguments.rounds) for script in arguments.scripts or TITLES}
    show(reports, earlier)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(reports, indent=1) + "\n", "utf-8")
    if arguments.page:
        earlier = PAGE.read_text("utf-8") if arguments.scripts else ""
        PAGE.write_text(page(reports, earlier), "utf-8")


if __name__ == "__main__":
    main()
