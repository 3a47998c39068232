"""Folded optimization: a solver as a layer, differentiated at the fixed point of an update map (F)."""

from duality.folding.active import ActiveSet
from duality.folding.admm import ADMM
from duality.folding.errors import FoldingError, FoldingWarning, NonContractive, NotAFixedPoint, NotConverged
from duality.folding.gradient import GradientStep, ProximalGradientStep
from duality.folding.implicit import ImplicitLayer
from duality.folding.layer import FoldedLayer, Report
from duality.folding.program import Program, Quadratic, Smooth
from duality.folding.proximal import Box, Nonnegative, Proximal, Simplex, SoftThreshold
from duality.folding.rules import CG, GMRES, Dense, FixedPoint, Rule, Solved
from duality.folding.solvers import ActiveSetMethod, InteriorPoint, Iterate
from duality.folding.sqp import SQP
from duality.folding.unrolled import UnrolledLayer
from duality.folding.update import Plain, UpdateMap, per_problem

__all__ = [
    "ADMM",
    "ActiveSet",
    "ActiveSetMethod",
    "Box",
    "CG",
    "Dense",
    "FixedPoint",
    "FoldedLayer",
    "FoldingError",
    "FoldingWarning",
    "GMRES",
    "GradientStep",
    "ImplicitLayer",
    "InteriorPoint",
    "Iterate",
    "NonContractive",
    "Nonnegative",
    "NotAFixedPoint",
    "NotConverged",
    "Plain",
    "Program",
    "Proximal",
    "ProximalGradientStep",
    "Quadratic",
    "Report",
    "Rule",
    "SQP",
    "Simplex",
    "Smooth",
    "SoftThreshold",
    "Solved",
    "UnrolledLayer",
    "UpdateMap",
    "per_problem",
]
