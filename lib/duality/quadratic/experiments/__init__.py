"""The recorded experiments of this topic: parameters in, tidy table out.

`duality figure ID` runs and records one. In a chapter: `run(TRENDS, TRENDS.quick | {"mu": mu})` of
`duality.book.figures` measures afresh, `load("trends")` reads what is recorded, `TRENDS.plot` draws both.
"""

from duality.quadratic.experiments.slack import SLACK
from duality.quadratic.experiments.tradeoff import TRADEOFF
from duality.quadratic.experiments.trends import TRENDS

EXPERIMENTS = (TRENDS, SLACK, TRADEOFF)

__all__ = ["EXPERIMENTS", "SLACK", "TRADEOFF", "TRENDS"]
