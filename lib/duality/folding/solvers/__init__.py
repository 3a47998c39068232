"""Batched solvers, run without a graph. Any other will do: a folded layer asks for states, not for how they came."""

from duality.folding.solvers.active import ActiveSetMethod
from duality.folding.solvers.interior import InteriorPoint
from duality.folding.solvers.iterate import Iterate

__all__ = ["ActiveSetMethod", "InteriorPoint", "Iterate"]
