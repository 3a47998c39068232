r"""Real data as unsupervised tasks (T 7.7.2, eq. 7.17): many regression problems of different size from one table.

The source prints neither how it made tasks nor how it split them. Here:

* Parkinsons (Tsanas et al. 2010): a task is a patient, a sample one recording; the answer is the total UPDRS from the
  16 voice measures, age, sex and time of the recording (the motor UPDRS, a part of the answer, is left out).
* School (ILEA, Goldstein 1991): a task is a school, a sample one pupil; the exam score from the 27 attributes and the
  constant that come with the data.
* Gene (Kouno et al. 2013): 45 transcription factors in 960 cells at 8 times. A task is one factor at one time: its
  level from those of the 44 others (the factor itself has the entry 0), all less their means over the cells given. The
  source names another collection; this stands for it and is called THP-1.

Variables that are no 0/1 marks are standardized with the mean and deviation over the samples of all training tasks
together, and cut to -3..3: the voice measures have such tails that without it the largest eigenvalue of X^T X / n of
one patient is twenty times that of most, and with it still four times, too much for some learned steps. Answers stay in
their units, and where a data set has no constant and is not centred one is added. Tasks are divided at random into
training, validation and test ones, the samples of each task into those given and those held out, half each; tasks with
fewer than four samples are left out. The metric is the mean square of y - x^T beta over held-out samples, averaged over
test tasks.

The 45 tasks of THP-1 at one time share their cells. All of them divide these in the same way, so that no task is given
a cell that another one is asked about. What remains: the loss of a training task on held-out cells sees the level there
of a factor that a test task is asked for, as one variable among 44.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.io import loadmat

from duality.data import File, Found, find
from duality.sparse.objectives import Tasks
from duality.sparse.problem import padded

FILES: Mapping[str, File] = {
    "parkinsons": File(
        "parkinsons/parkinsons_updrs.data",
        "https://archive.ics.uci.edu/ml/machine-learning-databases/parkinsons/telemonitoring/parkinsons_updrs.data",
        "f2c7d5025dec4e92e7feae367a5f7ccf58789a10ac6b54bdf15976c599f9dd39",
    ),
    "school": File(
        "school/school_b.mat",
        "https://raw.githubusercontent.com/tjanez/PyMTL/97dfc15be3769240f2099d036ce2b55b30a56f5f/data/school/school_b.mat",
        "973f1ca99d0d41a838ec6ae86001a48e7b69391eb74646b9e4fc54f62866a146",
    ),
    "thp1": File(
        "thp1/single_cell_kouno_data.csv",
        "https://raw.githubusercontent.com/zsteve/SINCERITIES/b590747ace17467dc9702e8d856c945232c1e06d/R/"
        "THP1%20data/single_cell_kouno_data.csv",
        "206bb2d1fc10de4e2c36bf2d22c714321847d9d6cb05c460550804a35f46c3e0",
    ),
}


CUT = 3.0  # deviations


@dataclass(frozen=True)
class Table:
    """All samples of a data set: x (N, d), y (N,), the task of each (N,), and where they came from.

    Tasks with the same `group` (N,) are about the same things, listed in the same order, and are divided alike; by
    default every task has its own. In a `centred` table answers and variables count from their means over the samples
    that their task is given.
    """

    x: np.ndarray
    y: np.ndarray
    task: np.ndarray
    source: str
    group: np.ndarray | None = None
    centred: bool = False


def parkinsons(path: Path) -> Table:
    """The patients' recordings; a constant comes last."""
    table = pd.read_csv(path)
    y = table["total_UPDRS"].to_numpy(float)
    x = table.drop(columns=["subject#", "motor_UPDRS", "total_UPDRS"]).to_numpy(float)
    return Table(np.column_stack([x, np.ones(len(x))]), y, table["subject#"].to_numpy(), str(path))


def school(path: Path) -> Table:
    """The pupils of 139 schools; the constant is part of the data."""
    content = loadmat(path)
    x, y = content["x"].T.astype(float), content["y"].ravel().astype(float)
    starts = content["task_indexes"].ravel().astype(int) - 1
    return Table(x, y, np.searchsorted(starts, np.arange(len(y)), side="right") - 1, str(path))


def thp1(path: Path) -> Table:
    """One task for every factor and time; those of one time are a group."""
    table = pd.read_csv(path)
    levels, hour = table.drop(columns="h").to_numpy(float), table["h"].to_numpy()
    parts = list[tuple[np.ndarray, np.ndarray, np.ndarray]]()
    for number, when in enumerate(np.unique(hour)):
        cells = levels[hour == when]
        for factor in range(levels.shape[1]):
            others = cells.copy()
            others[:, factor] = 0
            parts.append((others, cells[:, factor], np.full(len(cells), number * levels.shape[1] + factor)))
    x, y, task = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Table(x, y, task, str(path), group=task // levels.shape[1], centred=True)


def standin(name: str, tasks: int = 40, d: int = 20, seed: int = 0) -> Table:
    """A small generated table: sparse regressions with 12 to 60 samples, a shared part and a part of each task."""
    rng = np.random.default_rng([seed, *name.encode()])
    shared = np.where(rng.random(d) < 0.3, rng.normal(size=d), 0)
    parts = list[tuple[np.ndarray, np.ndarray, np.ndarray]]()
    for number in range(tasks):
        x = rng.normal(size=(rng.integers(12, 61), d - 1)) + 0.5 * rng.normal(size=d - 1)
        x = np.column_stack([x, np.ones(len(x))])
        beta = shared + np.where(rng.random(d) < 0.1, rng.normal(size=d), 0)
        parts.append((x, x @ beta + rng.normal(size=len(x)), np.full(len(x), number)))
    x, y, task = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Table(x, y, task, f"generated stand-in for {name}")


READERS: Mapping[str, Callable[[Path], Table]] = {"parkinsons": parkinsons, "school": school, "thp1": thp1}


def load(name: str, *, download: bool = True) -> Table:
    """A data set by name. Raises `KeyError` for an unknown one; warns where a stand-in takes its place."""
    if name not in FILES:
        raise KeyError(f"no data set {name!r}; there are {', '.join(FILES)}")
    found: Found | None = find(name, FILES[name], download=download)
    return standin(name) if found is None else READERS[name](found.path)


@dataclass(frozen=True)
class Split:
    """Tasks for training, validation and testing, and where the data came from."""

    training: Tasks
    validation: Tasks
    testing: Tasks
    source: str


def tasks(
    table: Table,
    seed: int,
    *,
    parts: tuple[float, float] = (0.6, 0.2),
    least: int = 4,
    dtype: torch.dtype = torch.float32,
) -> Split:
    """Divide tasks and samples at random, as the head of this module says.

    `parts` are the shares of tasks for training and validation. Raises `ValueError` for shares that leave one of the
    three without a task, for entries that are not finite, and for tasks of one group that differ in their number of
    samples.
    """
    if not (np.isfinite(table.x).all() and np.isfinite(table.y).all()):
        raise ValueError("the table holds values that are not finite")
    rng = np.random.default_rng(seed)
    rows = [np.flatnonzero(table.task == task) for task in np.unique(table.task)]
    rows = _mixed(
        [each for each in rows if len(each) >= least], table.task if table.group is None else table.group, rng
    )
    order = rng.permutation(len(rows))
    first, second = round(parts[0] * len(rows)), round(sum(parts) * len(rows))
    groups = [order[:first], order[first:second], order[second:]]
    if not all(len(group) for group in groups):
        raise ValueError(f"{len(rows)} tasks cannot be divided by {parts}: training, validation or test has none")
    x, y = _centred(table, rows) if table.centred else (table.x, table.y)
    x = standardized(x, np.concatenate([rows[task] for task in groups[0]]))
    training, validation, testing = (_halved(x, y, [rows[task] for task in group], dtype) for group in groups)
    return Split(training, validation, testing, table.source)


def standardized(x: np.ndarray, over: np.ndarray) -> np.ndarray:
    """x with mean 0 and deviation 1 over the rows `over`, cut to -3..3; columns of zeros and ones stay as they are.

    A column whose deviation is no more than rounding is constant and becomes 0.
    """
    marks = ((x == 0) | (x == 1)).all(0)
    centre, scale = x[over].mean(0), x[over].std(0)
    varies = scale > 1e-12 * np.abs(centre)
    return np.where(marks, x, np.where(varies, (x - centre) / np.where(varies, scale, 1), 0).clip(-CUT, CUT))


def _mixed(rows: list[np.ndarray], group: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """The rows of every task in random order, one for all tasks of a group; given and held-out ones take turns."""
    orders, found = dict[int, np.ndarray](), list[np.ndarray]()
    for each in rows:
        order = orders.setdefault(group[each[0]], rng.permutation(len(each)))
        if len(order) != len(each):
            raise ValueError("tasks of one group must have the same number of samples")
        found.append(each[order])
    return found


def _centred(table: Table, rows: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """x and y less their means over the given samples of every task."""
    x, y = table.x.copy(), table.y.copy()
    for each in rows:
        given = each[::2]
        x[each] -= x[given].mean(0)
        y[each] -= y[given].mean()
    return x, y


def _halved(x: np.ndarray, y: np.ndarray, rows: list[np.ndarray], dtype: torch.dtype) -> Tasks:
    halves = []
    for half in (0, 1):
        chosen = [each[half::2] for each in rows]
        halves.append(
            padded((torch.tensor(x[each], dtype=dtype), torch.tensor(y[each], dtype=dtype)) for each in chosen)
        )
    given, held_out = halves
    return Tasks(given, held_out)
