"""The recorded experiments of this topic: parameters in, tidy table out.

`duality figure ID` runs and records one. In a chapter: `run(TRENDS, TRENDS.quick | {"mu": mu})` of
`duality.book.figures` measures afresh, `load("trends")` reads what is recorded, `TRENDS.plot` draws both.
"""

from duality.quadratic.experiments.counterexamples import COUNTEREXAMPLES
from duality.quadratic.experiments.offclass import OFFCLASS
from duality.quadratic.experiments.regions import REGIONS
from duality.quadratic.experiments.sensitivity import SENSITIVITY
from duality.quadratic.experiments.slack import SLACK
from duality.quadratic.experiments.stability_q import STABILITY_Q
from duality.quadratic.experiments.tradeoff import TRADEOFF
from duality.quadratic.experiments.trends import TRENDS

EXPERIMENTS = (TRENDS, SLACK, COUNTEREXAMPLES, SENSITIVITY, TRADEOFF, REGIONS, STABILITY_Q, OFFCLASS)

__all__ = [
    "COUNTEREXAMPLES",
    "EXPERIMENTS",
    "OFFCLASS",
    "REGIONS",
    "SENSITIVITY",
    "SLACK",
    "STABILITY_Q",
    "TRADEOFF",
    "TRENDS",
]
