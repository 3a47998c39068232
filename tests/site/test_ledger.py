"""The ledger page in a browser: filter, search, links from other pages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from duality.book.layout import Project
from duality.ledger.registry import known_ids


@pytest.fixture(scope="module")
def rows(site: Project) -> list[dict[str, Any]]:
    return json.loads((site.stage / "ledger.json").read_text())


@pytest.fixture
def page(browser: Browser, site: Project) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 390, "height": 900})
    opened.goto((site.site / "ledger.html").as_uri())
    yield opened
    opened.close()


def shown(page: Page) -> list[str]:
    """Ids of the rows that are not filtered away."""
    script = "rows => rows.filter(row => !row.hidden).map(row => row.id.slice('row-'.length))"
    return page.locator("details.ledger-row").evaluate_all(script)


def test_every_claim_has_its_row(page: Page, rows: list[dict[str, Any]]) -> None:
    assert shown(page) == [row["id"] for row in rows] == known_ids()


def test_filter_by_verdict_and_section(page: Page, rows: list[dict[str, Any]]) -> None:
    for verdict, number in Counter(row["verdict"] for row in rows).items():
        page.get_by_label("Verdict").select_option(verdict.replace(" ", "-"))
        assert len(shown(page)) == number
    page.get_by_label("Verdict").select_option("")
    page.get_by_label("Section").select_option("B")
    assert shown(page) == [row["id"] for row in rows if row["section"] == "B"]
    assert page.get_by_role("heading", name="A. ").is_hidden()


def test_search_needs_every_word(page: Page) -> None:
    page.get_by_label("Find", exact=True).fill("gd-convergence")
    assert "gd-convergence" in shown(page)
    count = page.locator("#ledger-controls output").inner_text()
    assert count.startswith(f"{len(shown(page))} of ")
    page.get_by_label("Find", exact=True).fill("gd-convergence nosuchword")
    assert shown(page) == []
    assert "nothing fits" in page.locator("#ledger-controls output").inner_text()


def test_addresses_open_rows_and_set_the_filter(page: Page, rows: list[dict[str, Any]]) -> None:
    page.goto(page.url + "#row-gd-convergence")
    row = page.locator("#row-gd-convergence")
    assert row.get_attribute("open") is not None
    assert row.locator("xpath=./*").nth(1).is_visible()
    page.goto(page.url.split("#")[0] + "#verdict-open")
    assert shown(page) == [row["id"] for row in rows if row["verdict"] == "open"]


def test_links_to_chapters_arrive(page: Page, rows: list[dict[str, Any]], site: Project) -> None:
    for row in rows:
        if row["chapter"]:
            target, _, anchor = row["chapter"].partition("#")
            assert f'id="{anchor}"' in (site.site / target).read_text(), row["id"]


def test_without_scripts_every_row_is_there(browser: Browser, site: Project, rows: list[dict[str, Any]]) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto((site.site / "ledger.html").as_uri())
    assert plain.locator("details.ledger-row").count() == len(rows)
    assert plain.locator("details.ledger-row summary").last.is_visible()
    context.close()
