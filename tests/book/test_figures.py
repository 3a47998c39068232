import json
from pathlib import Path
from typing import Any

import matplotlib.figure
import pandas as pd
import pytest

from duality.book.errors import BuildError
from duality.book.figures import Experiment, disagreements, load, record, run
from duality.book.layout import Project
from duality.book.pages import gallery_page, records, times_page


def pieces(n: int, factor: float) -> list[dict[str, Any]]:
    return [{"k": k, "factor": factor} for k in range(n)]


def measure(k: int, factor: float) -> list[dict[str, Any]]:
    return [{"k": k, "side": side, "value": factor * k * k} for side in ("left", "right")]


def plot(recorded: pd.DataFrame, fresh: pd.DataFrame | None) -> matplotlib.figure.Figure:
    figure = matplotlib.figure.Figure()
    figure.subplots().plot(recorded.k, recorded.value)
    return figure


SQUARES = Experiment(
    id="squares",
    title="Squares",
    claims=("holds",),
    pieces=pieces,
    measure=measure,
    plot=plot,
    quick={"n": 3, "factor": 1.0},
    full={"n": 6, "factor": 1.0},
    keys=("k", "side"),
    value="value",
    band=0.01,
    alt="A parabola",
)


def test_run_keeps_the_order_of_the_pieces() -> None:
    table = run(SQUARES, SQUARES.parameters("quick"))
    assert list(table.columns) == ["k", "side", "value"]
    assert list(table.value) == [0, 0, 1, 1, 4, 4]


def test_a_killed_run_continues(tmp_path: Path) -> None:
    measured: list[int] = []

    def fragile(k: int, factor: float) -> list[dict[str, Any]]:
        if k == 2 and not measured.count(-1):
            measured.append(-1)
            raise KeyboardInterrupt
        measured.append(k)
        return measure(k, factor)

    experiment = Experiment(**{**vars(SQUARES), "measure": fragile})
    with pytest.raises(KeyboardInterrupt):
        run(experiment, SQUARES.full, tmp_path)
    table = run(experiment, SQUARES.full, tmp_path)
    assert measured == [0, 1, -1, 2, 3, 4, 5]
    pd.testing.assert_frame_equal(table, run(SQUARES, SQUARES.full), check_dtype=False)


def test_record_and_load(tmp_path: Path) -> None:
    drawing = record(SQUARES, SQUARES.full, "full", tmp_path / "figures" / "squares", "abc")
    first = drawing.read_bytes()
    table, entry = load("squares", tmp_path)
    assert len(table) == entry["rows"] == 12
    assert entry["parameters"] == dict(SQUARES.full)
    assert {"library", "versions", "seconds", "processor", "profile", "claims", "alt"} <= set(entry)
    assert sorted(p.name for p in drawing.parent.iterdir() if p.is_file()) == [
        "full.csv",
        "record.json",
        "squares.svg",
    ]
    assert record(SQUARES, SQUARES.full, "full", drawing.parent, "abc").read_bytes() == first


def test_missing_record_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="run `duality figure squares` first"):
        load("squares", tmp_path)


def test_band_is_kept_and_broken() -> None:
    full = run(SQUARES, SQUARES.full)
    assert disagreements(SQUARES, full, run(SQUARES, {"n": 3, "factor": 1.009})) == []
    (left, right) = disagreements(SQUARES, full[full.k < 2], run(SQUARES, {"n": 3, "factor": 1.02}))
    assert left == "squares at k=1, side=left: value is 1.02, recorded 1 ± 0.01" and "side=right" in right


def test_zero_is_compared_absolutely_and_nan_never_agrees() -> None:
    zero = pd.DataFrame({"k": [0], "side": ["left"], "value": [0.0]})
    assert disagreements(SQUARES, zero, zero.assign(value=1e-13)) == []
    assert len(disagreements(SQUARES, zero, zero.assign(value=1e-11))) == 1
    assert len(disagreements(SQUARES, zero, zero.assign(value=float("nan")))) == 1


def test_tables_without_common_rows_do_not_agree_silently() -> None:
    full = run(SQUARES, SQUARES.full)
    with pytest.raises(BuildError, match="share no row"):
        disagreements(SQUARES, full[full.k == 0], full[full.k == 1])


def test_pages_of_recorded_figures(tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert "Nothing is recorded yet" in gallery_page(records(project), {})
    folder = project.figures / "squares"
    record(SQUARES, SQUARES.full, "full", folder, "abc")
    (found,) = records(project)
    assert found == json.loads((folder / "record.json").read_text())
    page = gallery_page([found], {"holds": "chapters/01"})
    for part in (
        ":alt: A parabola",
        "figures/squares/squares.svg",
        "{prf:ref}`claim-holds`",
        "duality figure squares",
    ):
        assert part in page
    before, after = page.split(":::{dropdown} Parameters")
    assert "factor = 1.0" in after and "factor = 1.0" not in before
    times = times_page({"01-a": 2.25, "02-b": 1.0}, [found], "quick")
    assert "| [](chapters/01-a) | 2.2 |" in times and "**3.2**" in times and "(#gallery-squares)" in times
