"""Ledger rows of trained methods: criteria that were written down before the full runs were started.

Methods are compared problem by problem on the same test problems, in several trainings, each with problems of its own.
Two methods of equal worth have the same order in all of them with a probability of at most one half to the number of
trainings; that is the rate of false alarms. Where a row has several comparisons, its rate is that of one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
import sympy as sp

from duality.ledger.claim import Claim, Kind, Statement
from duality.ledger.criteria import Declared, held_against, recorded_table, sign_test, wins

PLISA, SHARED, CONVEX = "PLISA", "one shared level", "l1 only"
LEARNED = ("ALISTA", "RNN", "RNN-l1")
PROBLEMS, NEEDED = 100, 63  # test problems of a training, and how many of them make an order
TRAININGS = 3
ORDER_ALARM = sign_test(TRAININGS, TRAININGS)
PUBLISHED = 1.34  # the error of PLISA at d = 1024 (ICLR 2022, Table 4)
TIMES = 20.0
SEEDS, MOST = 20, 9  # of the experiment on the gap, and how many of every second one make an order
SPLITS = 5  # of the experiment on real data

Met = tuple[bool, str]


def errors(table: pd.DataFrame, d: int, n: int, method: str) -> np.ndarray:
    """The errors of a method on every test problem, (trainings, problems)."""
    here = table[(table["d"] == d) & (table["n"] == n) & (table["method"] == method) & (table["part"] == "problem")]
    return here.pivot(index="seed", columns="number", values="value").to_numpy()


def better(d: int, n: int, pairs: Sequence[tuple[str, str]], table: pd.DataFrame) -> Met:
    """Whether the first of each pair has the smaller error on at least 63 of 100 test problems of every training."""
    counts = {}
    for low, high in pairs:
        both = zip(errors(table, d, n, low), errors(table, d, n, high), strict=True)
        counts[f"{low} < {high}"] = [wins(*each) for each in both]
    names = dict.fromkeys(name for pair in pairs for name in pair)
    means = ", ".join(f"{name} {errors(table, d, n, name).mean():.2f}" for name in names)
    wording = "; ".join(f"{name}: {', '.join(map(str, count))}" for name, count in counts.items())
    met = all(len(count) == TRAININGS and min(count) >= NEEDED for count in counts.values())
    return met, f"of {PROBLEMS} in each training: {wording}. Mean errors: {means}"


def seconds(table: pd.DataFrame, d: int, method: str, part: str) -> np.ndarray:
    """Wall-clock seconds: the last row of a part, (trainings,)."""
    here = table[(table["d"] == d) & (table["method"] == method) & (table["part"] == part)]
    return here.sort_values("number").groupby("seed")["seconds"].last().to_numpy()


def faster(d: int, part: str, table: pd.DataFrame) -> Met:
    """Whether PLISA needs less than a twentieth of the time of APF and has the smaller error, in every training."""
    ratios = seconds(table, d, "APF", part) / seconds(table, d, PLISA, part)
    ordered, detail = better(d, 64, [(PLISA, "APF")], table)
    return ordered and bool((ratios >= TIMES).all()), f"{_listed(ratios)} times as fast; {detail}"


def longest(table: pd.DataFrame) -> Met:
    """Whether the training of PLISA takes longest at both sizes, in every training."""
    spent = {
        d: {method: seconds(table, d, method, "training") for method in (PLISA, *LEARNED, "APF")} for d in (256, 1024)
    }
    shown = "; ".join(
        f"d = {d}: " + ", ".join(f"{name} {value.mean():.0f} s" for name, value in found.items())
        for d, found in spent.items()
    )
    return all(bool((found[PLISA] >= value).all()) for found in spent.values() for value in found.values()), shown


def _listed(values: np.ndarray) -> str:
    return ", ".join(f"{value:.1f}" for value in values)


def below_possible(level: float, table: pd.DataFrame) -> Met:
    """Whether a mean squared error lies below what someone reaches who is told 16 lists of 8 candidates each."""
    row = table[(table["n"] == 64) & (table["decoys"] == 7)].sort_values("sweeps").iloc[-1]
    low = float(row["square"] - 3 * row["deviation"])
    return low > level, f"{row['square']:.2f} ± {3 * row['deviation']:.2f} (three standard errors)"


def near_published(n: int, table: pd.DataFrame) -> Met:
    """Whether PLISA comes within 20 % of the published error, as a norm, over all trainings."""
    found = errors(table, 1024, n, PLISA)
    return bool(found.mean() <= 1.2 * PUBLISHED), f"mean error {found.mean():.2f}, mean square {(found**2).mean():.1f}"


Summary = Callable[[np.ndarray], np.floating]


def factor(d: int, n: int, least: float, summary: Summary, table: pd.DataFrame) -> Met:
    """Whether the squared error with one shared level, summed up by `summary`, is so many times that of PLISA, in every
    training."""
    both = zip(errors(table, d, n, SHARED), errors(table, d, n, PLISA), strict=True)
    ratios = np.array([summary(shared**2) / summary(plisa**2) for shared, plisa in both])
    return bool((ratios >= least).all()), _listed(ratios)


def hump(setting: str, ends: Callable[[pd.DataFrame], pd.Series], table: pd.DataFrame) -> Met:
    """Whether the gap at its top, found on one half of the seeds, exceeds that at an end in nine of the ten others."""
    here = table[table["setting"] == setting]
    gaps = here.assign(gap=here["test"] - here["train"]).pivot(index="layers", columns="seed", values="gap")
    top = gaps.iloc[:, ::2].mean(axis=1).idxmax()
    tested = gaps.iloc[:, 1::2]
    count = wins(ends(tested), tested.loc[top])
    return count >= MOST, f"top at {top:,} layers, {count} of {tested.shape[1]} seeds"


def shallowest(gaps: pd.DataFrame) -> pd.Series:
    return gaps.iloc[0]


def deepest(gaps: pd.DataFrame) -> pd.Series:
    return gaps.iloc[-1]


def best_on(data: str, table: pd.DataFrame) -> Met:
    """Whether PLISA's mean over the test tasks is the smallest in every split."""
    here = table[table["data"] == data].pivot(index="split", columns="method", values="error")
    counts = {str(name): wins(here[PLISA], here[name]) for name in here if name != PLISA}
    means = ", ".join(f"{name} {value:.4g}" for name, value in here.mean().items())
    wording = ", ".join(f"{name}: {count}" for name, count in counts.items())
    return min(counts.values()) == len(here), f"of {len(here)} splits below {wording}; means: {means}"


CONVERGENCE = (
    *(
        Declared(
            f"d = {d}: PLISA has a smaller error than ALISTA, RNN, RNN-l1 and APF, each on at least 63 of 100 new "
            "problems of every training.",
            partial(better, d, 64, [(PLISA, other) for other in (*LEARNED, "APF")]),
            ORDER_ALARM,
        )
        for d in (256, 1024)
    ),
    *(
        Declared(
            f"d = 1024, {words}: PLISA takes at most a twentieth of the time of APF and has a smaller error on at "
            "least 63 of 100 new problems, in every training.",
            partial(faster, 1024, part),
            ORDER_ALARM,
        )
        for part, words in (("curve", "100 problems at once"), ("one by one", "one problem after another, as printed"))
    ),
    Declared(
        "LISTA performs worse than ALISTA, on at least 63 of 100 new problems of every training, d = 256.",
        partial(better, 256, 64, [("ALISTA", "LISTA")]),
        ORDER_ALARM,
    ),
)
TIME = (
    Declared(
        "At both sizes and in every training PLISA takes longest, of PLISA, ALISTA, RNN, RNN-l1 and the grid search of "
        "APF. A false alarm is that by chance, once per size.",
        longest,
        (1 / 5) ** 2,
    ),
)
POSSIBLE = tuple(
    Declared(
        f"Read as {words} 1.34 lies below the Bayes error of someone who is told, for each of the 16 entries, eight "
        "columns that contain it, by three standard errors.",
        partial(below_possible, level),
        0.0014,
    )
    for level, words in ((PUBLISHED, "a mean squared error,"), (PUBLISHED**2, "a root of a mean squared error,"))
)
TARGET, TARGET_LARGE = (
    (
        Declared(
            f"n = {n}: the mean error (norm) of PLISA at d = 1024 is at most 1.2 times 1.34. A false alarm is an "
            "error, log-uniform between the best informed estimate 1.1 and zero's 5.3, that falls below.",
            partial(near_published, n),
            float(np.log(1.2 * PUBLISHED / 1.1) / np.log(5.3 / 1.1)),
        ),
    )
    for n in (64, 256)
)
FACTOR_ALARM = float(np.log(4) / np.log(400))
ORDER = [(PLISA, CONVEX), (CONVEX, SHARED)]
ABLATION = (
    Declared(
        "The printed size, n = 64: PLISA is below l1 alone and l1 alone below one shared level, each on at least 63 of "
        "100 new problems of every training.",
        partial(better, 1024, 64, ORDER),
        ORDER_ALARM,
    ),
)
ABLATION_LARGE = (
    Declared(
        "n = 256, where the printed errors are possible: the same order, each on at least 63 of 100 new problems of "
        "every training.",
        partial(better, 1024, 256, ORDER),
        ORDER_ALARM,
    ),
    *(
        Declared(
            f"n = 256: the {word} squared error with one shared level is at least 5 times PLISA's in every training "
            "(printed: 13.6). A false alarm is a ratio log-uniform between 1/20 and 20.",
            partial(factor, 1024, 256, 5.0, summary),
            FACTOR_ALARM,
        )
        for word, summary in (("mean", np.mean), ("median", np.median))
    ),
)
GAP = tuple(
    Declared(
        f"{setting}: the gap {words}: at its top, found on {SEEDS // 2} seeds, it exceeds that of {end} in at least "
        f"{MOST} of the {SEEDS // 2} others.",
        partial(hump, setting, which),
        sign_test(MOST, SEEDS // 2),
    )
    for setting in ("uncorrelated", "correlation 0.5")
    for words, end, which in (
        ("rises", "the shallowest model", shallowest),
        ("falls again", "the deepest model", deepest),
    )
)
REAL = tuple(
    Declared(
        f"{title}: the mean error of PLISA over the test tasks is below that of APF, RNN, RNN-l1, ALISTA and the lasso "
        f"in all {SPLITS} splits.",
        partial(best_on, data),
        sign_test(SPLITS, SPLITS),
    )
    for data, title in (("thp1", "Gene (THP-1 for it)"), ("parkinsons", "Parkinsons"), ("school", "School"))
)
SCOPE = (
    "the recorded run: K, T, a, b, rates and epochs chosen here, equal epochs for all methods, levels from the largest "
    "gradient; three trainings per method; declared after smaller runs on other problems"
)


def row(
    id: str, kind: Kind, title: str, source: str, words: str, figure: str, criteria: tuple[Declared, ...],
    scope: str = SCOPE,
) -> Claim:  # fmt: skip
    """A row that a recorded experiment settles."""
    return Claim(
        id, "H", kind, title, source, Statement(sp.true, (), words),
        held_against(criteria, partial(recorded_table, figure), scope),
    )  # fmt: skip


BEYOND = "beyond the print, on T 7.7.1"
CLAIMS: tuple[Claim, ...] = (
    row(
        "fig-plisa-convergence",
        "figure",
        "Recovery error against time",
        "T Fig 7.4",
        "PLISA outperforms APF, ALISTA, RNN and RNN-l1 in its final recovery error, at 256 and at 1,024 variables. It "
        "converges much faster than APF. LISTA performs worse than ALISTA.",
        "sparse-convergence",
        CONVERGENCE,
    ),
    row(
        "tab-train-time",
        "table",
        "Training time",
        "T Table 7.2",
        "Of PLISA, ALISTA, RNN, RNN-l1 and the grid search of APF, PLISA takes longest to train (printed: 393 and 462 "
        "minutes, the others 96 to 426).",
        "sparse-convergence",
        TIME,
        SCOPE + "; the grid of APF has 6 points and 20 validation problems",
    ),
    row(
        "plisa-published-error",
        "beyond",
        "No method has the published error at the printed size",
        BEYOND,
        "At $n=64$, 16 of $d\\ge128$ entries not zero and noise 1, no estimator has the published error 1.34 of "
        "PLISA, as a mean square or as its root: someone who is told a list of eight candidates for each entry, and "
        "may forget what he was told, has a larger Bayes error.",
        "sparse-informed",
        POSSIBLE,
        "the recorded run: 200 problems, posterior means by Gibbs sampling that starts at the truth",
    ),
    row(
        "plisa-published-target",
        "beyond",
        "The published error of PLISA, as a norm",
        BEYOND,
        "At $d=1024$ and the printed $n=64$ the error of PLISA is within 20 % of the published 1.34.",
        "sparse-convergence",
        TARGET,
    ),
    row(
        "plisa-published-samples",
        "beyond",
        "The published error, with four times the samples",
        BEYOND,
        "At $d=1024$ and $n=256$ instead of 64 the error of PLISA is within 20 % of the published 1.34.",
        "sparse-ablation",
        TARGET_LARGE,
        SCOPE + ", of 300 problems, in which longer training came closer",
    ),
    row(
        "plisa-ablation",
        "beyond",
        "PLISA without one of its parts",
        BEYOND,
        "At the printed size PLISA is better than with the $\\ell_1$ penalty alone, and that is better than one level "
        "shared by all entries (published: 1.34, 2.20, 18.25).",
        "sparse-convergence",
        ABLATION,
    ),
    row(
        "plisa-ablation-samples",
        "beyond",
        "The same with more samples",
        BEYOND,
        "With 256 samples, where errors as small as the published ones are possible, the published order holds, and "
        "the error with one shared level is a multiple of PLISA's.",
        "sparse-ablation",
        ABLATION_LARGE,
        SCOPE + "; 300 training problems",
    ),
    row(
        "fig-plisa-gap",
        "figure",
        "The measured gap against depth",
        "T Fig 7.5",
        "The generalization gap of PLISA rises with $KT$ and then falls, in two experimental settings.",
        "sparse-gap",
        GAP,
        f"the recorded run: 60 training problems for 2,000, {SEEDS} seeds, d = 128, correlation 0.5 and none, steps at "
        "most 1/ρ_+ of the training problems, no validation; declared after a run on other seeds, for which all were "
        "asked for",
    ),
    row(
        "tab-real",
        "table",
        "Real data, without supervision",
        "T Table 7.4",
        "Trained on the loss of held-out samples, PLISA predicts better than APF, RNN, RNN-l1 and ALISTA on Gene, "
        "Parkinsons and School.",
        "sparse-real",
        REAL,
        "the recorded run: five random splits into tasks; THP-1 stands for the Gene data; splits, tasks and metric are "
        "not printed and are those of duality.sparse.data",
    ),
)
