"""Figures: labelled axes, recorded and fresh both visible, the methods told apart without colour."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.figure import Figure

from duality.book import figures, style
from duality.quadratic import plots
from duality.quadratic.experiments import EXPERIMENTS

ROOT = Path(__file__).parents[2]
BY_ID = {experiment.id: experiment for experiment in EXPERIMENTS}


def recorded(name: str) -> pd.DataFrame:
    return figures.load(name, ROOT)[0]


def sample(name: str) -> pd.DataFrame:
    """A stand-in for a fresh run: the rows of the smaller k or kappa, as the quick profile has them."""
    table = recorded(name)
    key = "k" if "k" in table else "kappa"
    return table[table[key] <= table[key].median()]


def texts(figure: Figure) -> str:
    found = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    for axes in figure.axes:
        found += [text.get_text() for text in (axes.get_legend().get_texts() if axes.get_legend() else ())]
    return " ".join(found)


@pytest.mark.parametrize("name", BY_ID)
def test_plots_are_labelled_and_leave_no_open_figure(name: str) -> None:
    figure = BY_ID[name].plot(recorded(name), None)
    assert isinstance(figure, Figure) and plt.get_fignums() == []
    assert figure.get_figwidth() == style.WIDTH
    drawn = [axes for axes in figure.axes if axes.axison and (axes.lines or axes.images)]
    assert drawn and all(axes.get_title(loc="left") for axes in drawn)
    assert any(axes.get_xlabel() for axes in drawn) and any(axes.get_ylabel() for axes in drawn)
    assert "this run" not in texts(figure)


@pytest.mark.parametrize("name", BY_ID)
def test_fresh_points_are_drawn_and_named(name: str) -> None:
    alone, both = (BY_ID[name].plot(recorded(name), fresh) for fresh in (None, sample(name)))
    assert "this run" in texts(both)
    assert sum(len(axes.lines) for axes in both.axes) > sum(len(axes.lines) for axes in alone.axes)


@pytest.mark.parametrize("name", BY_ID)
def test_drawing_is_reproducible_and_its_text_large_enough(name: str) -> None:
    files = []
    for _ in range(2):
        file = io.BytesIO()
        with plt.rc_context({"svg.hashsalt": name}):
            figure = BY_ID[name].plot(recorded(name), None)
            figure.savefig(file, format="svg", metadata={"Date": None})
        files.append(file.getvalue())
    assert files[0] == files[1]
    sizes = [text.get_fontsize() for text in figure.findobj(plt.Text) if text.get_visible() and text.get_text()]
    assert min(sizes) >= 9


def test_methods_differ_in_line_marker_and_colour() -> None:
    for part in zip(*style.LOOKS.values(), strict=True):
        assert len(set(part)) == len(style.LOOKS)


def test_style_does_not_leak() -> None:
    before = dict(plt.rcParams)
    BY_ID["regions"].plot(recorded("regions"), None)
    assert dict(plt.rcParams) == before


def test_unknown_condition_number_is_named() -> None:
    with pytest.raises(ValueError, match="kappa = 7; the table holds 10, 100, 1000"):
        plots.trends_at(recorded("trends"), 7)
    assert isinstance(plots.trends_at(recorded("trends"), 1000), Figure)


def test_slack_at_the_other_step() -> None:
    assert isinstance(plots.slack_at(recorded("slack"), "1/L"), Figure)


def test_crossings_lie_between_the_ks_where_the_order_changes() -> None:
    (found,) = plots.crossings([1, 2, 4], [1.0, 1.0, 1.0], [2.0, 2.0, 0.5])
    assert (found.before, found.after) == (2, 4)
    assert found.k == pytest.approx(3) and found.value == pytest.approx(1)


def test_equal_values_are_no_crossing() -> None:
    assert plots.crossings([1, 2, 3], [1.0, 1.0, 2.0], [1.0, 0.5, 1.0]) == []
    (found,) = plots.crossings([1, 2, 3], [2.0, 1.0, 0.5], [1.0, 1.0, 1.0])
    assert (found.before, found.after) == (1, 3)
