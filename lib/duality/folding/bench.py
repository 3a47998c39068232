"""What a gradient through an optimization problem costs, and how wrong it is: folded, implicit, unrolled and conic.

All methods get the same problems on the same machine, one after another in every repeat, so that a busy moment meets
all of them; the median of the repeats counts. The conic layer gets one job per core. The others get one thread: at
these sizes more threads make them slower. On total variation the method 'folded' works by regions, without a system to
solve; 'folded, by products' is what any other problem would get.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from duality.ensemble.threads import one_thread
from duality.folding.problems import PROBLEMS
from duality.folding.problems.learned import CONIC, Layer, Learned, directions

BATCHES = (1, 8, 64, 256, 512)
REPEATS, CAP = 5, 60.0  # repeats of a measurement; seconds that one may be expected to take
ENOUGH = 6.0  # seconds for all repeats of one method
SEED = 1
LARGE = 64  # batches below take no memory to speak of beside the libraries

Row = dict[str, Any]
Footprints = Callable[[str, str, Sequence[int]], dict[int, float]]


def rows(batches: Sequence[int] = BATCHES, problems: Sequence[str] | None = None) -> list[Row]:
    """One row per problem, method and batch: times in milliseconds, gradient errors, speed-up over the conic layer,
    peak memory. `answered` is the share of problems with a gradient; where it is 0, `why` says so.

    Raises `KeyError` for a problem that is not in `PROBLEMS`.
    """
    found = timings(batches, problems)
    for name, method in dict.fromkeys((row["problem"], row["method"]) for row in found):
        mine = [row for row in found if (row["problem"], row["method"]) == (name, method)]
        large = [row["batch"] for row in mine if row["answered"] and row["batch"] >= LARGE]
        measured = footprint(name, method, large)
        for row in mine:
            row["memory MB"] = measured.get(row["batch"])
    return found


def timings(batches: Sequence[int] = BATCHES, problems: Sequence[str] | None = None) -> list[Row]:
    """The same without memory, for which every method needs a process of its own."""
    with one_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is not answered is counted; the conic layer has many
        return [row for name in problems or list(PROBLEMS) for row in _of(PROBLEMS[name], batches)]


def _of(problem: Learned, batches: Sequence[int]) -> Iterator[Row]:
    layers, refused = _made(problem)
    reference, each = problem.reference(), dict.fromkeys(layers, 0.0)
    for batch in sorted(number for number in batches if number <= problem.most):
        c = problem.parameters(batch, SEED)
        truth = gradient(reference, c)[2]
        runs: dict[str, list[tuple[float, float]]] = {method: [] for method in layers}
        rows = {method: _row(problem.name, method, batch) for method in problem.layers}
        for method, why in refused.items():
            rows[method]["why"] = why
        for method, layer in layers.items():
            if each[method] * batch > CAP:
                rows[method]["why"] = f"expected to take more than {CAP:.0f} s"
                continue
            try:
                forward, backward, found = gradient(layer, c)  # warms up
            except Exception as error:  # whatever a solver throws is a result
                rows[method]["why"] = f"{type(error).__name__}: {str(error).splitlines()[0]}"
                continue
            rows[method].update(relative_errors(found, truth))
            each[method] = (forward + backward) / batch
            runs[method].append((forward, backward))
        answered = [method for method in layers if runs[method]]
        for number in range(REPEATS):
            for method in answered:
                if number < 1 or sum(map(sum, runs[method])) < ENOUGH:
                    if number == 0:
                        runs[method] = []  # the first call is left out
                    runs[method].append(gradient(layers[method], c)[:2])
        for method in answered:
            forward, backward = (1e3 * statistics.median(times) for times in zip(*runs[method], strict=True))
            rows[method].update(_times(forward, backward, batch))
        if CONIC in rows:
            conic = rows[CONIC]["ms per problem"]
            for row in rows.values():
                if conic is not None and row["ms per problem"] is not None:
                    row["speed-up"] = _short(conic / row["ms per problem"])
        yield from rows.values()


def _made(problem: Learned) -> tuple[dict[str, Layer], dict[str, str]]:
    """The layers, and why some cannot be made."""
    made, refused = {}, {}
    for method, make in problem.layers.items():
        try:
            made[method] = make()
        except ValueError as error:
            refused[method] = str(error)
    return made, refused


def gradient(layer: Layer, c: tuple[Tensor, ...]) -> tuple[float, float, Tensor]:
    """Seconds forward and backward, and the gradient of a fixed linear loss in all parameters, (count, size)."""
    leaves = tuple(value.detach().clone().requires_grad_() for value in c)
    start = time.perf_counter()
    solutions = layer(*leaves)
    between = time.perf_counter()
    (solutions * directions(solutions)).sum().backward()
    end = time.perf_counter()
    kept = [torch.zeros_like(leaf) if leaf.grad is None else leaf.grad for leaf in leaves]
    return between - start, end - between, torch.cat([value.flatten(1) for value in kept], dim=-1)


def footprint(problem: str, method: str, batches: Sequence[int]) -> dict[int, float]:
    """Megabytes by which the largest memory of a process of its own grows when it takes each batch, smallest first."""
    if not batches:
        return {}
    given = json.dumps([problem, method, sorted(batches)])
    command = [sys.executable, "-W", "ignore", "-m", "duality.folding.footprint", given]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {}
    return {int(batch): float(size) for batch, size in json.loads(done.stdout).items()}


def _row(problem: str, method: str, batch: int) -> Row:
    empty = ("forward ms", "backward ms", "ms per problem", "gradient error", "largest error", "speed-up")
    return {"problem": problem, "method": method, "batch": batch, **dict.fromkeys(empty), "answered": 0.0, "why": ""}


def relative_errors(found: Tensor, truth: Tensor) -> Row:
    """Median and largest relative error among the problems that have a gradient, and their share."""
    good = found.isfinite().all(-1) & truth.isfinite().all(-1)
    if not bool(good.any()):
        return {"why": "no problem has a gradient"}
    length = torch.linalg.vector_norm
    error = length((found - truth)[good], dim=-1) / length(truth[good], dim=-1).clamp_min(1e-300)
    return {
        "gradient error": _short(float(error.median())),
        "largest error": _short(float(error.max())),
        "answered": _short(float(good.double().mean())),
    }


def _times(forward: float, backward: float, batch: int) -> Row:
    whole = {"forward ms": forward, "backward ms": backward, "ms per problem": (forward + backward) / batch}
    return {key: _short(value) for key, value in whole.items()}


def _short(value: float) -> float:
    return float(f"{value:.4g}")
