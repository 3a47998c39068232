"""The benchmark: its table has the rows and the numbers it promises; how large they are is not tested."""

from __future__ import annotations

import json
from typing import Any

import pytest

from duality.cli import main
from duality.ensemble import bench


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """A benchmark of few models and little time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "SIZES", (1, 32))
        patch.setattr(bench, "PROGRAM_SIZES", (1, 16))
        patch.setattr(bench, "SECONDS", 0.01)
        return bench.rows()


@pytest.mark.parametrize("count", [1, 15, 16, 17, 300])
def test_the_table_has_as_many_models_as_asked_for(count):
    table = bench.table(count)
    assert len(table) == count and not table.duplicated().any()


def test_rows_compare_every_engine_with_the_plain_loop(rows):
    assert rows[0]["engine"] == "plain PyTorch loop" and rows[0]["speed-up"] == 1.0
    assert [(r["engine"], r["models"]) for r in rows[1:3]] == [("compiled", 1), ("compiled", 32)]
    assert rows[-1]["engine"] == "compiled" and rows[-1]["steps"] > 2 * rows[2]["steps"]
    for row in rows:
        each = 1e6 * row["seconds"] / row["steps"] / row["models"]
        assert row["microseconds per model and step"] == pytest.approx(each, rel=0.05, abs=5)
        assert row["speed-up"] > 0 and row["peak memory MB"] > 0


def test_the_command_prints_a_table_or_data(rows, monkeypatch, capsys):
    monkeypatch.setattr(bench, "rows", lambda: rows)
    assert main(["bench", "ensemble", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == rows
    assert main(["bench", "ensemble"]) == 0
    assert "plain PyTorch loop" in capsys.readouterr().out


def test_an_unknown_benchmark_is_refused_in_one_line(capsys):
    assert main(["bench", "nothing"]) == 2
    said = capsys.readouterr().err
    assert "unknown benchmark 'nothing'; there is: " in said and "ensemble" in said
