"""Classic solvers for sparse recovery, one per file, on batches without a loop over problems."""

from duality.sparse.solvers.apf import APF, AfterSteps, FixedStep, LineSearch, Stationary
from duality.sparse.solvers.fista import FISTA
from duality.sparse.solvers.ista import ISTA
from duality.sparse.solvers.solver import Solved, Solver

__all__ = ["APF", "FISTA", "ISTA", "AfterSteps", "FixedStep", "LineSearch", "Solved", "Solver", "Stationary"]
