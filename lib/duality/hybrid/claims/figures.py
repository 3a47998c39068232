"""Ledger rows of the training experiments: criteria that were written down before the full runs were started.

R Fig 3-6 have no numbers in the text, so what is tested is what the text says of them: which curve is below, which
way it goes, and which property of the algorithm it follows. Methods are compared seed by seed, curves by the order of
their seventeen points.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import sympy as sp

from duality.hybrid.problem import PRINTED
from duality.ledger.claim import Claim, Kind, Statement
from duality.ledger.criteria import (
    Declared,
    held_against,
    rank_correlation,
    rank_false_alarm,
    recorded_table,
    sign_test,
    wins,
)
from duality.quadratic.methods import Method, gradient_descent, nesterov
from duality.quadratic.region import spectrum_grid
from duality.quadratic.residual import residuals, solutions

METHODS = ("GD", "NAG")
SEEDS, NEEDED = 20, 17  # seeds of the experiment, and how many of them make an order
POINTS = 17  # values of k
RIGHT, OTHERS = 16, (0, 32)  # the width that the source calls about right; under- and over-parameterized
CLOSE, FOLLOWS = 0.9, 0.8  # rank correlations
ORDER_ALARM = sign_test(NEEDED, SEEDS)


def recorded(figure: str) -> pd.DataFrame | None:
    """The recorded rows after the last optimizer step, with the gap; None when nothing is recorded."""
    table = recorded_table(figure)
    if table is None:
        return None
    table = table[table["steps"] == table["steps"].max()]
    width = {} if "width" in table else {"width": RIGHT}  # an experiment with one width
    return table.assign(gap=table["loss"] - table["train_loss"], **width)


def by_seed(table: pd.DataFrame, width: int, method: str, quantity: str) -> pd.DataFrame:
    """One row per k, one column per seed."""
    here = table[(table["width"] == width) & (table["algorithm"] == method)]
    return here.pivot(index="k", columns="seed", values=quantity).sort_index()


def mean(table: pd.DataFrame, width: int, method: str, quantity: str) -> pd.Series:
    return by_seed(table, width, method, quantity).mean(axis=1)


def properties(table: pd.DataFrame, width: int, method: str) -> pd.DataFrame:
    """Cvg and Stab in b at the learned step size (its mean over the seeds), for every k."""
    rows = {}
    for k, s in mean(table, width, method, "step_size").items():
        algorithm = _method(method, float(s))
        lam = spectrum_grid(PRINTED, 400)
        rows[k] = {
            "Cvg": np.abs(residuals(algorithm, lam, int(k))[-1]).max(),
            "Stab": np.abs(solutions(algorithm, lam, int(k))[-1]).max(),
        }
    found = pd.DataFrame.from_dict(rows, orient="index")
    return found.assign(product=found["Cvg"] * found["Stab"])


def _method(name: str, s: float) -> Method:
    return gradient_descent(PRINTED, s) if name == "GD" else nesterov(PRINTED, s)


def ordered(quantity: str, width: int, low: str, high: str, table: pd.DataFrame, from_k: int = 2) -> tuple[bool, str]:
    """Whether method `low` is below method `high` in at least 17 of 20 seeds at every k from `from_k` on."""
    below, above = (by_seed(table, width, name, quantity) for name in (low, high))
    counts = {int(k): wins(below.loc[k], above.loc[k]) for k in below.index if k >= from_k}
    missed = ", ".join(f"{n} at k = {k}" for k, n in counts.items() if n < NEEDED)
    return not missed, f"seeds of {below.shape[1]}: at least {min(counts.values())}" + (
        f"; too few: {missed}" if missed else ""
    )


def falls(quantity: str, width: int, table: pd.DataFrame) -> tuple[bool, str]:
    """Whether the mean falls with k for both methods."""
    curves = {name: mean(table, width, name, quantity) for name in METHODS}
    ranks = {name: rank_correlation(curve.index, curve) for name, curve in curves.items()}
    return max(ranks.values()) <= -CLOSE, _shown(ranks)


def follows(quantity: str, width: int, of: str, table: pd.DataFrame) -> tuple[bool, str]:
    """Whether the mean follows a property of the algorithm, for both methods."""
    ranks = {
        name: rank_correlation(mean(table, width, name, quantity), properties(table, width, name)[of])
        for name in METHODS
    }
    return min(ranks.values()) >= FOLLOWS, _shown(ranks)


def aligned(table: pd.DataFrame) -> tuple[bool, str]:
    """Whether training errors are ordered as Cvg, both methods and all k together."""
    errors = pd.concat([mean(table, RIGHT, name, "train_loss") for name in METHODS])
    cvg = pd.concat([properties(table, RIGHT, name)["Cvg"] for name in METHODS])
    rank = rank_correlation(errors, cvg)
    return rank >= CLOSE, f"rank correlation {rank:.3f} over {len(cvg)} points"


def similar_rate(table: pd.DataFrame) -> tuple[bool, str]:
    """Whether the error of the energy and Cvg² fall at the same exponential rate up to a factor of two, k = 2..10."""
    ratios = {}
    for name in METHODS:
        error, cvg = mean(table, RIGHT, name, "q_error_square"), properties(table, RIGHT, name)["Cvg"]
        k = [n for n in error.index if 2 <= n <= 10]
        ratios[name] = float(np.polyfit(k, np.log(error[k]), 1)[0] / np.polyfit(k, 2 * np.log(cvg[k]), 1)[0])
    return all(0.5 <= ratio <= 2 for ratio in ratios.values()), _shown(ratios, "ratio of rates")


def rises_and_falls(table: pd.DataFrame) -> tuple[bool, str]:
    """Whether the gap has a hump: the top, found on half of the seeds, exceeds k = 30 on the other half."""
    counts = {}
    for name in METHODS:
        gaps = by_seed(table, RIGHT, name, "gap")
        top = gaps.iloc[:, ::2].mean(axis=1).idxmax()
        tested = gaps.iloc[:, 1::2]
        counts[name] = (wins(tested.iloc[-1], tested.loc[top]) if top != gaps.index[-1] else 0, int(top))
    shown = ", ".join(f"{name}: top at k = {top}, {n} of {SEEDS // 2} seeds" for name, (n, top) in counts.items())
    return all(n >= SEEDS // 2 - 1 for n, _ in counts.values()), shown


def _shown(values: dict[str, float], what: str = "rank correlation") -> str:
    return ", ".join(f"{name}: {what} {value:.3f}" for name, value in values.items())


FOLLOW_ALARM = rank_false_alarm(FOLLOWS, POINTS)
TRAINING = (
    Declared(
        "NAG's training error is below GD's in at least 17 of 20 seeds, at every k ≥ 2 (width 16).",
        partial(ordered, "train_loss", RIGHT, "NAG", "GD"),
        ORDER_ALARM,
    ),
    Declared(
        "The mean training error falls with k: rank correlation at most −0.9 for GD and for NAG.",
        partial(falls, "train_loss", RIGHT),
        rank_false_alarm(CLOSE, POINTS),
    ),
    Declared(
        "It aligns with convergence: over both methods and all k, its rank correlation with Cvg(k, φ) at the learned "
        "step is at least 0.9.",
        aligned,
        rank_false_alarm(CLOSE, 2 * POINTS),
    ),
)
ENERGY = (
    Declared(
        "The mean of P‖Q_θ − Q*‖² falls with k: rank correlation at most −0.9 for GD and for NAG (width 16).",
        partial(falls, "q_error_square", RIGHT),
        rank_false_alarm(CLOSE, POINTS),
    ),
    Declared(
        "NAG's is below GD's in at least 17 of 20 seeds, at every k ≥ 2.",
        partial(ordered, "q_error_square", RIGHT, "NAG", "GD"),
        ORDER_ALARM,
    ),
    Declared(
        "Its rate is similar to that of the algorithm: from k = 2 to 10 it falls as fast as Cvg², up to a factor of "
        "two, for GD and for NAG. A false alarm is two ratios of rates that lie within that factor by chance, each of "
        "them log-uniform over two decades.",
        similar_rate,
        (np.log(4) / np.log(100)) ** 2,
    ),
)
GAP = (
    *(
        Declared(
            f"Width {width}: the mean gap follows Stab(k), rank correlation at least 0.8 for GD and for NAG.",
            partial(follows, "gap", width, "Stab"),
            FOLLOW_ALARM,
        )
        for width in OTHERS
    ),
    *(
        Declared(
            f"Width {width}: the more stable GD has the smaller gap in at least 17 of 20 seeds, at every k ≥ 2.",
            partial(ordered, "gap", width, "GD", "NAG"),
            ORDER_ALARM,
        )
        for width in OTHERS
    ),
    Declared(
        "Width 16: the mean gap follows Stab(k)·Cvg(k), rank correlation at least 0.8 for GD and for NAG.",
        partial(follows, "gap", RIGHT, "product"),
        FOLLOW_ALARM,
    ),
    Declared(
        "Width 16: it rises and falls: its top, found on ten seeds, exceeds the gap at k = 30 in at least 9 of the "
        "other ten, for GD and for NAG.",
        rises_and_falls,
        sign_test(SEEDS // 2 - 1, SEEDS // 2),
    ),
)
RNN = tuple(
    Declared(
        f"{sentence} in at least 17 of 20 seeds, at every k.",
        partial(ordered, quantity, RIGHT, low, high, from_k=1),
        ORDER_ALARM,
    )
    for other in METHODS
    for sentence, quantity, low, high in (
        (f"Representation: the training error of the RNN is below that of {other}", "train_loss", "RNN", other),
        (f"Generalization: the gap of the RNN is above that of {other}", "gap", other, "RNN"),
    )
)
SCOPE = "the recorded run of the printed grid: 17 values of k, 20 seeds, the best of 10 optimizers by training loss"


def claim(
    claim_id: str, section: str, kind: Kind, title: str, source: str, words: str, figure: str,
    criteria: tuple[Declared, ...], load_table: Callable[[str], pd.DataFrame | None] = recorded, scope: str = SCOPE,
) -> Claim:  # fmt: skip
    """A row that a recorded experiment settles."""
    settle = held_against(criteria, partial(load_table, figure), scope)
    return Claim(claim_id, section, kind, title, source, Statement(sp.true, (), words), settle)


CLAIMS: tuple[Claim, ...] = (
    claim(
        "fig-training-error",
        "B",
        "figure",
        "Training error against k",
        "R Fig 3, T Fig 4.3",
        "Trained end to end, the model with $k$ steps of NAG reaches a smaller training error than the one with $k$ "
        "steps of GD, and training errors fall with $k$ as the convergence of the algorithms does.",
        "hybrid-printed",
        TRAINING,
    ),
    claim(
        "fig-q-error",
        "B",
        "figure",
        "Error of the energy against k",
        "R Fig 4, T Fig 4.4",
        r"Without being told $Q^*$, training brings $Q_\theta$ closer to it as $k$ grows: $P\|Q_\theta-Q^*\|_F^2$ "
        "falls at a rate similar to the convergence of the algorithm, and under NAG it is smaller.",
        "hybrid-printed",
        ENERGY,
    ),
    claim(
        "fig-gap",
        "C",
        "figure",
        "Generalization gap against k",
        "R Fig 5, T Fig 4.5",
        "With hidden width 0 (under-parameterized) and 32 (over-parameterized) the generalization gap behaves like "
        r"$\mathrm{Stab}(k)$ and the stabler GD generalizes better; with width 16 (about right) it behaves like "
        r"$\mathrm{Stab}(k)\cdot\mathrm{Cvg}(k)$.",
        "hybrid-printed",
        GAP,
    ),
    claim(
        "fig-rnn",
        "D",
        "figure",
        "RNN against GD and NAG",
        "R Fig 6",
        "On given energies, the RNN represents the solution better than $k$ steps of GD or NAG with a learned step "
        "size, its training error is smaller, and it generalizes worse, its gap is larger.",
        "hybrid-rnn",
        RNN,
        scope="the recorded run on given energies: 17 values of k, 20 seeds, the best of 10 optimizers",
    ),
)
