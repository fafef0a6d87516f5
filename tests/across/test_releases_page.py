"""The page that says what works where is made from what the tests check."""

import pytest
import releases_page


def titles(table):
    return [title for section in table.features().values() for title in section]


@pytest.mark.parametrize("table", releases_page.TABLES, ids=lambda table: table.api)
def test_features(table):
    assert len(titles(table)) == len(set(titles(table)))
    assert {title for limit in table.limits for title in limit.features} <= set(titles(table))


def test_page():
    assert releases_page.PATH.read_text("utf-8") == releases_page.page(), (
        "run: PYTHONPATH=tests python tests/across/releases_page.py"
    )
