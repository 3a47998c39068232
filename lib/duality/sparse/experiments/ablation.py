"""PLISA without one of its parts, where the printed number of samples is, and where the printed errors are possible."""

from __future__ import annotations

from duality.book.figures import Experiment
from duality.sparse.experiments.convergence import KEYS, NOTHING, ORACLE, measure, small_and_large
from duality.sparse.plots.ablation import ablation

PARTS = ("PLISA", "one shared level", "l1 only")
SMALL = {
    "sizes": [(128, 64)],
    "counts": {"training": 100, "validation": 20, "testing": 60},
    "epochs": dict.fromkeys(PARTS, 2),
    "others": [],
    "trainings": 1,
}
ABLATION = Experiment(
    id="sparse-ablation",
    title="PLISA without one of its parts",
    claims=("plisa-ablation-samples", "plisa-published-samples"),
    pieces=small_and_large,
    measure=measure,
    plot=ablation,
    quick={"small": SMALL, "large": NOTHING},
    full={
        "small": SMALL,
        "large": {
            "sizes": [(1024, 256)],
            "counts": {"training": 300, "validation": 30, "testing": 100},
            "epochs": dict.fromkeys(PARTS, 6),
            "others": [ORACLE],
            "trainings": 3,
        },
    },
    keys=KEYS,
    value="value",
    band=0.05,
    alt=(
        "Two panels, 128 variables with 64 samples and 1,024 variables with 256 samples: the errors on new problems, "
        "sorted, one curve each for PLISA, one shared level and l1 only, and for 256 samples a dashed curve far below "
        "of someone who is told the support and all signs."
    ),
)
