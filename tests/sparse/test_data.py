"""Real data: where it comes from, what stands in for it, and how it becomes tasks. No test needs a network."""

from __future__ import annotations

import hashlib
import os
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pooch
import pytest
import torch
from scipy.io import savemat

from duality import data as kernel
from duality.data import File, StandInWarning, find
from duality.sparse import data
from duality.sparse.data import Table, load, standardized, standin, tasks
from duality.sparse.losses import mean_squared_error

CONTENT = b"1,2\n3,4\n"
FILE = File("small/numbers.csv", "https://nowhere.invalid/numbers.csv", hashlib.sha256(CONTENT).hexdigest())


def put(folder: Path, content: bytes = CONTENT) -> Path:
    path = folder / FILE.local
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_the_local_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernel.VARIABLE, str(tmp_path))
    monkeypatch.setattr(pooch, "retrieve", lambda *given, **named: pytest.fail("looked elsewhere"))
    path = put(tmp_path)
    found = find("numbers", FILE)
    assert found is not None and found.path == path and found.origin == "local"


def test_a_local_file_with_other_content_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernel.VARIABLE, str(tmp_path))
    put(tmp_path, b"other")
    with pytest.raises(ValueError, match="checksum"):
        find("numbers", FILE)


def test_then_the_public_address_with_its_checksum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(kernel.VARIABLE, raising=False)
    asked = []

    def retrieve(address: str, known_hash: str, fname: str, path: Path) -> str:
        asked.append((address, known_hash))
        return str(put(tmp_path))

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    found = find("numbers", FILE)
    assert found is not None and found.origin == "downloaded"
    assert asked == [(FILE.address, f"sha256:{FILE.sha256}")]


@pytest.mark.parametrize("problem", [OSError("no network"), ValueError("wrong checksum")])
def test_else_nothing_and_loudly(problem: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(kernel.VARIABLE, raising=False)

    def retrieve(*given: object, **named: object) -> str:
        raise problem

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.warns(StandInWarning, match="STAND-IN"):
        assert find("numbers", FILE) is None


def test_nothing_is_asked_of_the_network_when_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(kernel.VARIABLE, raising=False)
    monkeypatch.setattr(pooch, "retrieve", lambda *given, **named: pytest.fail("used the network"))
    with pytest.warns(StandInWarning, match="downloads are off"):
        assert "stand-in" in load("school", download=False).source


def test_unknown_data_sets_are_refused() -> None:
    with pytest.raises(KeyError, match="parkinsons"):
        load("schools")


@pytest.mark.parametrize("name", data.FILES)
def test_every_data_set_becomes_tasks(name: str) -> None:
    """The real files where the folder has them, else the stand-in."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StandInWarning)
        table = load(name, download=False)
    split = tasks(table, 0)
    parts = (split.training, split.validation, split.testing)
    kept = [rows for rows in (np.flatnonzero(table.task == task) for task in np.unique(table.task)) if len(rows) >= 4]
    assert sum(map(len, parts)) == len(kept) and split.source == table.source
    samples = sum(int(half.counts.sum()) for part in parts for half in (part.given, part.held_out))
    assert samples == sum(map(len, kept))
    for part in parts:
        difference = part.given.counts - part.held_out.counts
        assert bool(((difference == 0) | (difference == 1)).all())
    held_out = split.testing.held_out
    beta = torch.randn(len(held_out), table.x.shape[1], generator=torch.Generator().manual_seed(0))
    for i, n in enumerate(held_out.counts.tolist()):
        wanted = (held_out.y[i, :n] - held_out.X[i, :n] @ beta[i]).square().mean()
        torch.testing.assert_close(mean_squared_error(held_out, beta)[i], wanted)
    again, other = tasks(table, 0), tasks(table, 1)
    assert bool((again.training.given.y == split.training.given.y).all())
    assert other.training.given.y.shape != split.training.given.y.shape or bool(
        (other.training.given.y != split.training.given.y).any()
    )


@pytest.mark.skipif(not os.environ.get(kernel.VARIABLE), reason="the real files are not here")
def test_the_real_files_have_the_known_sizes() -> None:
    tables = {name: load(name, download=False) for name in data.FILES}
    sizes = {name: (table.x.shape, len(np.unique(table.task))) for name, table in tables.items()}
    assert sizes == {"parkinsons": ((5875, 20), 42), "school": ((15362, 28), 139), "thp1": ((43200, 45), 360)}


def test_given_and_held_out_samples_are_apart() -> None:
    x = np.arange(60.0).reshape(30, 2) ** 2
    table = Table(x, np.arange(30.0), np.repeat(np.arange(6), 5), "made here")
    split = tasks(table, 3, parts=(0.5, 0.25))
    seen = [
        value
        for part in (split.training, split.validation, split.testing)
        for half in (part.given, part.held_out)
        for value in half.y[half.mask].tolist()
    ]
    assert sorted(seen) == list(range(30))


def cells(d: int = 4, times: int = 5, count: int = 9) -> pd.DataFrame:
    """A table as that of THP-1: levels of d factors, all different, in `count` cells at each time."""
    levels = np.random.default_rng(0).normal(size=(times * count, d)) + 10
    return pd.DataFrame(levels, columns=list("ABCDEFGH"[:d])).assign(h=np.repeat(np.arange(times), count))


def test_no_task_is_given_a_cell_that_another_is_asked_about(tmp_path: Path) -> None:
    cells().to_csv(tmp_path / "t.csv", index=False)
    table = data.thp1(tmp_path / "t.csv")
    numbered = replace(table, y=np.arange(180.0) % 9 + 100 * table.task, centred=False)  # 100 task + cell
    split, given = tasks(numbered, 3), dict[int, set[int]]()
    for part in (split.training, split.validation, split.testing):
        for half, y in zip(("given", "held out"), (part.given, part.held_out), strict=True):
            for answers in (values[mask] for values, mask in zip(y.y, y.mask, strict=True)):
                time, found = int(answers[0]) // 100 // 4, {int(value) % 100 for value in answers}
                expected = found if half == "given" else set(range(9)) - found
                assert len(found) == (5 if half == "given" else 4) and given.setdefault(time, expected) == expected
    assert len(given) == 5 and len({tuple(sorted(each)) for each in given.values()}) > 1


def test_means_are_those_of_the_samples_given(tmp_path: Path) -> None:
    cells().to_csv(tmp_path / "t.csv", index=False)
    table = data.thp1(tmp_path / "t.csv")
    whole = tasks(table, 3, dtype=torch.float64)
    for part in (whole.training, whole.validation, whole.testing):
        means = part.given.y.sum(1) / part.given.counts
        torch.testing.assert_close(means, torch.zeros_like(means), atol=1e-12, rtol=0)
    # nothing that is given depends on a held-out answer
    held_out = np.isin(table.y.astype(np.float32), whole_answers(table, 3))
    louder = tasks(replace(table, y=table.y + 1000 * held_out), 3, dtype=torch.float64)
    assert bool((louder.testing.given.y == whole.testing.given.y).all())
    assert bool((louder.testing.held_out.y > whole.testing.held_out.y + 999).all())


def whole_answers(table: Table, seed: int) -> np.ndarray:
    """The held-out answers of test tasks, in the units of the table."""
    held_out = tasks(replace(table, centred=False), seed).testing.held_out
    return held_out.y[held_out.mask].numpy()


def test_tasks_of_one_group_have_the_same_samples() -> None:
    table = standin("school")
    with pytest.raises(ValueError, match="same number of samples"):
        tasks(replace(table, group=np.zeros(len(table.y), int)), 0)


def test_standardization_leaves_marks_alone_and_looks_at_training_rows_only() -> None:
    x = np.column_stack([np.arange(6.0), [0, 1, 0, 1, 1, 0], np.ones(6), np.full(6, 7.0)])
    found = standardized(x, np.array([0, 1, 2]))
    np.testing.assert_allclose(found[:3, 0].mean(), 0, atol=1e-12)
    np.testing.assert_allclose(found[:3, 0].std(), 1)
    np.testing.assert_array_equal(found[:, 1:3], x[:, 1:3])
    assert not found[:, 3].any()
    rounded = standardized(np.full((5875, 1), 0.1), np.arange(3000))  # its mean is not quite .1
    assert not rounded.any()


def test_readers_take_the_published_forms(tmp_path: Path) -> None:
    columns = ["subject#", "age", "sex", "test_time", "motor_UPDRS", "total_UPDRS", "PPE"]
    pd.DataFrame([[1, 70, 0, 5.0, 28.0, 34.0, 0.1], [2, 60, 1, 6.0, 18.0, 24.0, 0.2]], columns=columns).to_csv(
        tmp_path / "p.csv", index=False
    )
    patients = data.parkinsons(tmp_path / "p.csv")
    assert patients.y.tolist() == [34.0, 24.0] and patients.x.tolist() == [[70, 0, 5, 0.1, 1], [60, 1, 6, 0.2, 1]]
    savemat(
        tmp_path / "s.mat",
        {"x": np.arange(10.0).reshape(2, 5), "y": np.ones((5, 1)), "task_indexes": np.array([[1], [4]])},
    )
    assert data.school(tmp_path / "s.mat").task.tolist() == [0, 0, 0, 1, 1]
    pd.DataFrame({"A": [1.0, 3.0, 5.0], "B": [2.0, 2.0, 8.0], "h": [0, 0, 6]}).to_csv(tmp_path / "t.csv", index=False)
    factors = data.thp1(tmp_path / "t.csv")
    assert factors.task.tolist() == [0, 0, 1, 1, 2, 3] and factors.y.tolist() == [1, 3, 2, 2, 5, 8]
    assert factors.x.tolist() == [[0, 2], [0, 2], [1, 0], [3, 0], [0, 8], [5, 0]]
    assert factors.group is not None and factors.group.tolist() == [0, 0, 0, 0, 1, 1] and factors.centred


def test_bad_tables_are_refused() -> None:
    table = standin("school")
    with pytest.raises(ValueError, match="not finite"):
        tasks(Table(table.x * np.nan, table.y, table.task, ""), 0)
    with pytest.raises(ValueError, match="has none"):
        tasks(table, 0, parts=(0.9, 0.1))
