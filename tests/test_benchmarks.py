"""What the benchmarks make of their numbers. How long something takes is no test."""

import json
import runpy
import sys

import pages
import pytest

BENCHMARKS = pages.ROOT / "benchmarks"
pytestmark = pytest.mark.prefect(None)


@pytest.fixture
def measuring(monkeypatch):
    if sys.version_info < (3, 8):
        pytest.skip("importlib.metadata came with Python 3.8")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import measuring

    return measuring


def test_a_row_has_the_median_and_the_middle_half(measuring):
    one = measuring.row("what", "x", [9, 1, 2, 3, 4, 5, 6, 7, 8])
    assert (one.median, one.low, one.high) == (5, 3, 7)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1234.5, "1234"), (99.99, "99.99"), (1.5, "1.50"), (0.0123, "0.012"), ("none", "none"), (None, "")],
)
def test_numbers(measuring, value, shown):
    assert measuring.number(value) == shown


def test_a_script_prints_a_table_and_writes_json(measuring, monkeypatch, tmp_path, capsys):
    path = tmp_path / "rows.json"
    monkeypatch.setattr(sys, "argv", ["script", "--rounds", "3", "--json", str(path)])
    measuring.main(
        "A script.", lambda arguments: [measuring.row("one thing", "s", [1.0] * arguments.rounds, "under 2")]
    )
    assert "one thing" in capsys.readouterr().out
    report = json.loads(path.read_text("utf-8"))
    assert report["rows"] == [
        {"what": "one thing", "unit": "s", "median": 1.0, "low": 1.0, "high": 1.0, "target": "under 2"}
    ]
    assert report["machine"]["cores"] >= 1


def test_the_page_has_all_rows(measuring):
    page = runpy.run_path(str(BENCHMARKS / "__main__.py"))["page"]
    report = {"machine": measuring.machine(), "rounds": 3}
    report["rows"] = [measuring.Row("one thing", "x", 1.5, 1, 2, "under 2")._asdict()]
    earlier = "# Benchmarks\n\n## The shim, beside the same flow with Results\n\nold\n\n## Another\n\nkept\n"
    text = page({"shim": report}, earlier)
    assert text.endswith("\n## Another\n\nkept\n")
    assert "old" not in text
    assert "\n3 rounds, load " in text
    assert "| one thing | 1.50 x | 1.00 to 2.00 | under 2 |" in text


def test_every_script_has_a_title(measuring):
    scripts = {path.stem for path in BENCHMARKS.glob("*.py")} - {"__main__", "corpus", "measuring"}
    assert scripts == set(runpy.run_path(str(BENCHMARKS / "__main__.py"))["TITLES"])


@pytest.mark.parametrize(
    ("high", "target"), [(1.01, "at most 1.02"), (1.03, "at most 1.02: not decided, it scatters too much")]
)
def test_a_ratio_that_scatters_too_much_is_said(measuring, high, target):
    assert measuring.judged(measuring.Row("mapped tasks", "x", 1.0, 1.0, high), 1.02).target == target
