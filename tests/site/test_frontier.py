"""The explorable frontier in a browser: its numbers are those of the library, and a keyboard moves it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from duality.book.layout import Project
from duality.quadratic.exact import cvg, stab_b
from duality.quadratic.methods import chebyshev, gradient_descent, heavy_ball, nesterov
from duality.quadratic.problem import Spectrum

SET = """([name, value]) => {
  const input = document.querySelector(`[data-of=${name}]`);
  input.value = value;
  input.dispatchEvent(new Event("input"));
}"""
READ = "marks => marks.map(m => [m.dataset.method, Number(m.dataset.cvg), Number(m.dataset.stab)])"


@pytest.fixture
def page(browser: Browser, site: Project) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 390, "height": 900})
    opened.goto((site.site / "chapters" / "04-tradeoffs.html").as_uri())
    yield opened
    opened.close()


@pytest.mark.parametrize(("decades", "k", "s_L"), [(1.3, 8, 1.3), (2.0, 25, 1.0), (1.0, 5, 1.9), (0.5, 0, 1.2)])
def test_marks_stand_where_the_library_says(page: Page, decades: float, k: int, s_L: float) -> None:
    for name, value in (("kappa", round(100 * decades)), ("k", k), ("step", round(100 * s_L))):
        page.evaluate(SET, [name, str(value)])
    marks = {name: (c, s) for name, c, s in page.locator("[data-method]").evaluate_all(READ)}
    spectrum = Spectrum(1.0, 10**decades)
    step = s_L / spectrum.L
    methods = {
        "gd": gradient_descent(spectrum, step),
        "nag": nesterov(spectrum, step),
        "chebyshev": chebyshev(spectrum),
        "heavy-ball": heavy_ball(spectrum),
    }
    assert marks.keys() == methods.keys()
    for name, method in methods.items():
        assert marks[name] == pytest.approx((cvg(method, k).upper, stab_b(method, k).upper), rel=1e-3, abs=1e-9)


def test_the_keyboard_moves_it_and_the_drawing_is_described(page: Page) -> None:
    slider = page.get_by_label("steps k")
    before = page.locator(".frontier svg[role=img]").get_attribute("aria-label")
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert int(slider.input_value()) == 9
    assert slider.get_attribute("aria-valuetext") == "9"
    assert page.locator(".frontier svg[role=img]").get_attribute("aria-label") != before


def test_what_lies_beyond_the_frame_has_an_arrow(page: Page) -> None:
    def beyond() -> set[str]:
        return set(page.locator("[data-beyond]").evaluate_all("marks => marks.map(m => m.dataset.beyond)"))

    def outside() -> set[str]:
        return {n for n, c, s in page.locator("[data-method]").evaluate_all(READ) if c > 2 or s > 1.2}

    seen = []
    for decades, k, step in ((3.0, 20, 1.0), (1.0, 30, 2.2), (1.0, 8, 1.0)):
        for name, value in (("kappa", round(100 * decades)), ("k", k), ("step", round(100 * step))):
            page.evaluate(SET, [name, str(value)])
        seen.append(beyond())
        assert beyond() == outside()
        note = page.locator(".frontier .note").inner_text()
        assert ("Off the chart" in note) is bool(outside())
    assert {"heavy-ball"} <= seen[0] and {"gd"} <= seen[1] and seen[2] == set()
