"""The page in a real browser: what a person finds and does."""

# What is imported of html_page are fixtures.
# ruff: noqa: F401, F811

from __future__ import annotations

import collections
from collections import Counter

import pytest
from html_page import (
    HOSTILE,
    address,
    choose,
    driver,
    focused,
    folder,
    fragment,
    open_at,
    outcome,
    press,
    shown,
    started,
)
from repositories import write_files

from rehandle_codemods.cli.commands import main
from rehandle_codemods.findings import LEFT
from rehandle_codemods.report.codeowners import CodeOwners

pytestmark = pytest.mark.once


# What it loads


def test_nothing_is_loaded_and_nothing_goes_wrong(driver, folder):
    import json

    press(driver, "e", "t", "?")
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert {url for url in asked if url != "about:blank"} == {address(folder)}
    assert driver.get_log("browser") == []


def test_the_policy_stops_what_code_would_load_or_run(driver):
    driver.execute_script(
        "document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/x.png'}));"
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'document.title = 1'}));"
    )
    messages = " ".join(entry["message"] for entry in driver.get_log("browser"))
    assert messages.count("Content Security Policy") >= 2
    assert driver.title == "flows: from result handlers to Results"


def test_code_is_shown_as_it_is(driver):
    press(driver, "e")
    texts = driver.execute_script("return [...document.querySelectorAll('.diff td')].map((e) => e.textContent)")
    assert HOSTILE.splitlines()[2] in texts
    assert "research/old/<i>x</i>.py" in driver.find_element("id", "list").text
    assert driver.title == "flows: from result handlers to Results"
    assert not driver.find_elements("css selector", "img, h3 i")


# What it shows


def test_every_finding_with_its_code_before_and_after(driver, outcome):
    press(driver, "e")
    found = driver.execute_script(
        """
        const text = (cells) => cells.map((cell) => cell.textContent);
        return [...document.querySelectorAll(".finding")].map((finding) => [
          finding.closest(".file").querySelector("h3").firstChild.textContent,
          finding.querySelector(".place").textContent,
          finding.querySelector(".rule").textContent,
          finding.querySelector(".message").textContent,
          [...finding.querySelectorAll(".diff tbody tr:not(.gap)")].map((row) => text([...row.cells])),
          text([...finding.querySelectorAll("mark")]).join(""),
        ]);
        """
    )
    assert [row[:4] for row in found] == [
        [f.filename, f"{f.location[0]}:{f.location[1]}", f.code, f.message] for f in outcome.findings
    ]
    after = {change.filename: change.after for change in outcome.changes}
    for finding, (*_, rows, marked) in zip(outcome.findings, found):
        old = outcome.sources[finding.filename].split("\n")
        new = after.get(finding.filename, outcome.sources[finding.filename]).split("\n")
        assert rows
        for number, text, new_number, new_text in rows:
            assert not number or old[int(number.strip("\N{MINUS SIGN} ")) - 1] == text
            assert not new_number or new[int(new_number.strip("+ ")) - 1] == new_text
        (row, column), (end_row, end_column) = finding.location, finding.end_location
        if row == end_row:
            assert marked == old[row - 1][column - 1 : end_column - 1]


def test_all_changes_of_a_file(driver, outcome):
    change = next(change for change in outcome.changes if change.filename == "marketing/flows/orders.py")
    section = "//h3[starts-with(., 'marketing/flows/orders.py')]/.."
    driver.find_element("xpath", f"{section}//button").click()
    rows = driver.execute_script(
        "return [...arguments[0].querySelectorAll('.changed')].map((row) => [...row.cells].map((e) => e.textContent))",
        driver.find_element("xpath", section),
    )
    pairs = zip(change.before.split("\n"), change.after.split("\n"))
    assert [(row[1], row[3]) for row in rows] == [pair for pair in pairs if pair[0] != pair[1]]


def test_how_far_it_is(driver):
    cells = driver.execute_script(
        "return [...document.querySelectorAll('.scroll tbody tr')].map((r) => [...r.cells].map((c) => c.innerText))"
    )
    rows = {row[0]: row[1:] for row in cells}
    assert rows["finance/flows/"][0].strip() == "100\u202f%"
    assert rows["marketing/flows/"][0].strip() == "0\u202f%"
    assert rows["@acme/finance"] == rows["finance/flows/"]
    assert int(rows["./"][1]) == sum(int(rows[name][1].replace("·", "0")) for name in rows if name.startswith("RH"))


# Filters


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("status", "left", lambda finding, owners: finding.status == LEFT),
        ("rule", "RH103", lambda finding, owners: finding.code == "RH103"),
        ("folder", "research", lambda finding, owners: finding.filename.startswith("research/")),
        ("folder", "marketing/flows", lambda finding, owners: finding.filename.startswith("marketing/flows/")),
        ("owner", "@dana", lambda finding, owners: "@dana" in owners),
        ("owner", "nobody", lambda finding, owners: not owners),
    ],
)
def test_filters(name, value, fits, driver, folder, outcome, monkeypatch):
    monkeypatch.chdir(folder)
    owners = CodeOwners(".")
    number = sum(fits(finding, owners.of(finding.filename)) for finding in outcome.findings)
    assert 0 < number < len(outcome.findings)
    choose(driver, name, value)
    assert len(shown(driver)) == number
    assert driver.find_element("id", "shown").text == f"{number} of {len(outcome.findings)}"
    assert fragment(driver) == f"{name}={value}"


def test_filters_together_and_nothing_that_fits(driver, outcome):
    choose(driver, "status", "rewritten")
    choose(driver, "rule", "RH103")
    expected = sum(f.code == "RH103" and f.status == "rewritten" for f in outcome.findings)
    assert len(shown(driver)) == expected
    driver.find_element("id", "text").send_keys("orders RH103 ")
    expected = sum(f.code == "RH103" and "orders" in f.filename for f in outcome.findings)
    assert len(shown(driver)) == expected > 0
    driver.find_element("id", "text").send_keys("nowhere")
    assert shown(driver) == []
    assert driver.find_element("id", "nothing").text == "No finding fits these filters."
    driver.find_element("id", "reset").click()
    assert len(shown(driver)) == len(outcome.findings)
    assert driver.find_element("id", "text").get_attribute("value") == ""


def test_text_is_looked_for_in_the_code(driver):
    driver.find_element("id", "text").send_keys("ONERROR")
    assert len(shown(driver)) == 1


def test_tables_lead_to_their_findings(driver, outcome):
    driver.find_element("link text", "research/").click()
    assert fragment(driver) == "folder=research"
    assert len(shown(driver)) == sum(f.filename.startswith("research/") for f in outcome.findings)
    driver.find_element("partial link text", "by hand").click()
    assert fragment(driver) == "status=left"


def test_findings_are_grouped_by_cause(driver, outcome):
    from selenium.webdriver.support.ui import WebDriverWait

    followers = collections.Counter(finding.because for finding in outcome.findings if finding.because)
    rows = driver.find_elements("css selector", ".tables a[href^='#cause=']")
    assert len(rows) == len(followers)
    cause, number = followers.most_common(1)[0]
    rows[0].click()
    assert fragment(driver).startswith("cause=")
    assert len(shown(driver)) == number + 1, "it and what follows from it"
    assert f"{cause.filename}:{cause.location[0]}" in driver.find_element("id", "cause").text
    for name in shown(driver)[:2]:
        finding = driver.find_element("id", name)
        finding.find_element("tag name", "summary").click()
        # What is inside of a finding is made when it is opened.
        link = ("partial link text", "All that follows from the same")
        WebDriverWait(finding, 120).until(lambda opened, link=link: opened.find_elements(*link))


# Links


def test_a_view_can_be_linked_to(driver, folder, outcome):
    choose(driver, "status", "left")
    driver.find_element("id", "text").send_keys("handler")
    found = shown(driver)
    assert 0 < len(found) < len(outcome.findings)
    link = driver.current_url
    driver.get("about:blank")
    driver.get(link)
    assert shown(driver) == found
    assert driver.find_element("id", "status").get_attribute("value") == "left"
    assert driver.find_element("id", "text").get_attribute("value") == "handler"


def test_the_back_button(driver, outcome):
    counts = Counter(finding.status for finding in outcome.findings)
    # Typed and clicked: a browser goes back past what no person did.
    driver.find_element("id", "status").send_keys("by hand")
    driver.find_element("partial link text", "rewritten").click()
    assert fragment(driver) == "status=rewritten"
    driver.back()
    assert len(shown(driver)) == counts["left"]
    assert driver.find_element("id", "status").get_attribute("value") == "left"
    driver.back()
    assert len(shown(driver)) == len(outcome.findings)
    driver.forward()
    assert len(shown(driver)) == counts["left"]


def test_a_finding_can_be_linked_to(driver, folder):
    from selenium.webdriver.support.ui import WebDriverWait

    last = driver.find_elements("css selector", ".finding")[-1]
    press(driver, "k", "\ue007")
    # A browser tells the page that a finding was opened some time after it did so.
    (anchor,) = WebDriverWait(driver, 120).until(lambda _: last.find_elements("css selector", ".link"))
    anchor.click()
    link, name = driver.current_url, last.get_attribute("id")
    driver.get("about:blank")
    driver.get(link)
    opened = driver.find_element("id", name)
    assert opened.get_attribute("open") == "true"
    assert "linked" in opened.get_attribute("class")
    assert focused(driver) == name
    top = driver.execute_script("return arguments[0].getBoundingClientRect().top", opened)
    assert 0 <= top <= 1000


@pytest.mark.parametrize("odd", ["rule=RH999", "finding=0", "nonsense", "%E0%A4%A", "status=%3Cb%3E", "=&&="])
def test_links_to_what_is_not_there(odd, driver, folder, outcome):
    open_at(driver, folder, odd)
    number = 0 if odd.startswith(("rule", "status")) else len(outcome.findings)
    assert len(shown(driver)) == number
    assert driver.get_log("browser") == []


# Keys


def test_keys(driver, outcome):
    from selenium.webdriver.common.keys import Keys

    names = [element.get_attribute("id") for element in driver.find_elements("css selector", ".finding")]
    press(driver, "j")
    assert focused(driver) == names[0]
    press(driver, "j", "j", "k")
    assert focused(driver) == names[1]
    press(driver, Keys.ENTER)
    assert driver.find_element("id", names[1]).get_attribute("open") == "true"
    press(driver, Keys.ENTER)
    assert driver.find_element("id", names[1]).get_attribute("open") is None
    press(driver, "/")
    assert focused(driver) == "text"
    press(driver, "j", "x")  # letters in a field are text
    assert driver.find_element("id", "text").get_attribute("value") == "jx"
    press(driver, Keys.ESCAPE, "x")
    assert len(shown(driver)) == len(outcome.findings)
    press(driver, "e")
    assert len(driver.find_elements("css selector", ".finding[open]")) == len(names)
    press(driver, "c")
    assert not driver.find_elements("css selector", ".finding[open]")


def test_help(driver):
    from selenium.webdriver.common.keys import Keys

    press(driver, "?")
    dialog = driver.find_element("id", "keys")
    assert dialog.is_displayed()
    keys = driver.execute_script("return [...document.querySelectorAll('#keys kbd')].map((e) => e.textContent)")
    known = driver.execute_script("return Object.keys(KEYS)")
    assert set(keys) == {*known, "Enter"}
    press(driver, Keys.ESCAPE)
    assert not dialog.is_displayed()
    driver.find_element("id", "help").click()
    assert dialog.is_displayed()


# Many


def test_five_thousand_findings(driver, folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "from prefect import Flow\n\n" + "".join(f"Flow('f{n}', result_handler=None)\n" for n in range(50))
    write_files(tmp_path, {f"team{n % 10}/flow{n}.py": text for n in range(100)})
    assert main(["check", "--format", "html", "-o", "report.html"]) == 1
    driver.get(address(tmp_path))
    assert driver.find_element("id", "shown").text == "5,000 of 5,000"
    choose(driver, "folder", "team3")
    assert driver.find_element("id", "shown").text == "500 of 5,000"
    driver.find_element("id", "text").send_keys("f49")
    assert driver.find_element("id", "shown").text == "10 of 5,000"
