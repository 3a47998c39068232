"""Pieces spread over a Dask cluster of two local workers: the same table, also when one of them is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from duality.book import figures
from duality.book.errors import BuildError
from duality.hybrid.experiments import OVER_TIME

PARAMETERS: dict[str, Any] = {"widths": [0, 4], "ks": [2], "seeds": list(range(6)), "evaluate": [500, 4_000]}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the cluster's own making: ports, event loops, processes that end
        from distributed import LocalCluster

        with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as running:
            yield running


def kill_one_worker(cluster: Any, folder: Path, killed: list[int]) -> None:
    """Once the first piece is done, end a worker process without a word."""
    while not list(folder.glob("*.json")):
        time.sleep(0.02)
    victim = next(iter(cluster.workers.values())).pid
    os.kill(victim, signal.SIGKILL)
    killed.append(victim)


def test_a_killed_worker_changes_nothing(cluster: Any, tmp_path: Path) -> None:
    here = figures.run(OVER_TIME, PARAMETERS)
    killed: list[int] = []
    killer = threading.Thread(target=kill_one_worker, args=(cluster, tmp_path, killed))
    killer.start()
    spread = figures.run(OVER_TIME, PARAMETERS, tmp_path, cluster.scheduler_address)
    killer.join()
    assert len(killed) == 1
    pd.testing.assert_frame_equal(here, spread, check_exact=True)
    assert len(list(tmp_path.glob("*.json"))) == len(OVER_TIME.pieces(**PARAMETERS))


def test_pieces_that_are_kept_are_not_measured_again(cluster: Any, tmp_path: Path) -> None:
    few = PARAMETERS | {"seeds": [0], "evaluate": [10]}
    figures.run(OVER_TIME, few, tmp_path)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.json")}
    figures.run(OVER_TIME, few, tmp_path, cluster.scheduler_address)
    assert kept == {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.json")}


def test_an_address_where_nobody_answers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "CONNECTING", 0.2)
    with pytest.raises(BuildError, match="no Dask scheduler answers at tcp://127.0.0.1:9"):
        figures.run(OVER_TIME, PARAMETERS, None, "tcp://127.0.0.1:9")
    with pytest.raises(BuildError, match="no Dask scheduler answers at nowhere"):
        figures.run(OVER_TIME, PARAMETERS, None, "nowhere")
