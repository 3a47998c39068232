"""Every page, in a real browser, at two widths and in both colour schemes, from files and offline."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from duality.book.chapters import chapter_names
from duality.book.layout import Project

WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
LOCAL = ("file:", "data:", "blob:")


@dataclass
class Look:
    """One page as a reader sees it, with everything the browser complained about."""

    scheme: str
    facts: dict[str, int] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)


NEXT_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
FACTS = """() => {
  const root = document.documentElement;
  const images = [...document.querySelectorAll('.bd-article img, .bd-article object')];
  const drawings = [...document.querySelectorAll('.bd-article figure img, .bd-article .cell_output img')];
  const visible = (element) => element.getClientRects().length > 0;
  const torn = (formula) => {
    const lines = [...formula.querySelectorAll('svg')].map((line) => line.getBoundingClientRect())
      .filter((box) => box.width);
    return lines.some((line) => line.left < lines[0].left - 1);
  };
  return {
    formulas: document.querySelectorAll('mjx-container').length,
    raw: document.querySelectorAll('.math:not(:has(mjx-container))').length,
    broken: document.querySelectorAll('[data-mjx-error], mjx-merror').length,
    overflow: root.scrollWidth - root.clientWidth,
    images: images.length,
    silent: images.filter((image) => !(image.getAttribute('alt') || '').trim()).length,
    unloaded: drawings.filter((image) => visible(image) && !image.naturalWidth).length,
    dark: root.dataset.theme === 'dark' ? 1 : 0,
    clipped: [...document.querySelectorAll('div.math mjx-container')].filter((formula) => visible(formula)
      && formula.scrollWidth > formula.clientWidth + 2 && !formula.classList.contains('scrolls')).length,
    dollars: [...document.querySelectorAll('.bd-article p, .bd-article li')].filter((element) => {
      const words = element.cloneNode(true);
      words.querySelectorAll('code, pre, script, mjx-container').forEach((other) => other.remove());
      return words.textContent.includes('$');
    }).length,
    torn: [...document.querySelectorAll('mjx-container:not([display]):not(.long)')].filter(torn).length,
    pale: [...document.querySelectorAll('.text_html:has(table)')].filter((output) =>
      getComputedStyle(output).backgroundColor !== 'rgba(0, 0, 0, 0)').length,
    tiny: drawings.filter((image) => visible(image) && image.clientWidth < Math.min(image.naturalWidth, 600)).length,
    bare: drawings.filter((image) => getComputedStyle(image).backgroundColor !== 'rgb(255, 255, 255)').length,
  };
}"""


def look(context: BrowserContext, site: Project, name: str, scheme: str) -> Look:
    """Open one page, wait until its formulas are drawn, and take down the facts."""
    seen = Look(scheme)
    page = context.new_page()
    page.on("pageerror", lambda error: seen.complaints.append(f"script: {error}"))
    page.on("console", lambda line: seen.complaints.append(line.text) if line.type == "error" else None)
    page.on("request", lambda r: None if r.url.startswith(LOCAL) else seen.complaints.append(f"asks {r.url}"))
    page.on("requestfailed", lambda request: seen.complaints.append(f"misses {request.url}"))
    page.goto((site.site / f"{name}.html").as_uri())
    drawn(page)
    page.evaluate("() => document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    page.evaluate(NEXT_FRAMES)
    seen.facts.update(page.evaluate(FACTS))
    page.close()
    return seen


def drawn(page: Page) -> None:
    """Wait until MathJax has worked through the page; pages without formulas do not load it."""
    if not page.locator("script[src*=mathjax]").count():
        return
    page.wait_for_function("() => window.MathJax?.startup?.promise")
    page.evaluate("() => window.MathJax.startup.promise")


def names(site: Project) -> list[str]:
    """All pages of the site, without their suffix."""
    pages = [path.relative_to(site.site).with_suffix("").as_posix() for path in site.site.rglob("*.html")]
    return sorted(name for name in pages if not name.startswith("_"))


@pytest.fixture(scope="module", params=[(w, s) for w in WIDTHS for s in SCHEMES], ids=lambda p: f"{p[0]}-{p[1]}")
def looks(request: pytest.FixtureRequest, browser: Browser, site: Project) -> Iterator[dict[str, Look]]:
    """Every page in one setting of the browser."""
    width, scheme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    context.set_offline(True)
    yield {name: look(context, site, name, scheme) for name in names(site)}
    context.close()


def offenders(looks: dict[str, Look], fact: str) -> dict[str, int]:
    return {name: seen.facts[fact] for name, seen in looks.items() if seen.facts[fact]}


def test_the_browser_has_nothing_to_complain_about(looks: dict[str, Look]) -> None:
    assert {name: seen.complaints for name, seen in looks.items() if seen.complaints} == {}


def test_formulas_are_drawn_without_errors(looks: dict[str, Look], site: Project) -> None:
    assert offenders(looks, "broken") == {}
    assert offenders(looks, "raw") == {}
    assert offenders(looks, "dollars") == {}, "a formula was cut in two, for instance by a line that begins with a dash"
    for name in chapter_names(site):
        assert looks[f"chapters/{name}"].facts["formulas"] > 0


def test_nothing_is_wider_than_the_screen(looks: dict[str, Look]) -> None:
    assert {name: extra for name, extra in offenders(looks, "overflow").items() if extra > 0} == {}


def test_formulas_stay_whole_and_long_ones_say_so(looks: dict[str, Look]) -> None:
    assert offenders(looks, "torn") == {}
    assert offenders(looks, "clipped") == {}


def test_drawings_keep_a_readable_size_and_tables_the_colours_of_the_page(looks: dict[str, Look]) -> None:
    assert offenders(looks, "tiny") == {}
    assert offenders(looks, "pale") == {}


def test_every_figure_has_words_and_a_picture(looks: dict[str, Look]) -> None:
    assert offenders(looks, "silent") == {}
    assert offenders(looks, "unloaded") == {}


def test_drawings_keep_a_light_card_in_the_dark(looks: dict[str, Look]) -> None:
    dark = {name: seen for name, seen in looks.items() if seen.scheme == "dark"}
    assert all(seen.facts["dark"] for seen in dark.values())
    assert offenders(dark, "bare") == {}


def test_every_box_is_followed_by_its_steps(site: Project) -> None:
    rows = {row["id"]: row for row in json.loads((site.stage / "ledger.json").read_text())}
    for name in chapter_names(site):
        page = (site.site / "chapters" / f"{name}.html").read_text()
        boxes = re.findall(r'id="claim-([\w-]+)"', page)
        assert page.count("How this was checked") == len([claim for claim in boxes if rows[claim]["evidence"]])
