"""The recorded experiments of this topic: parameters in, tidy table out."""

from duality.book.figures import Experiment
from duality.hybrid.experiments.grid import FIXED_GRID, PRINTED_GRID, RELEASED_GRID

EXPERIMENTS: tuple[Experiment, ...] = (PRINTED_GRID, FIXED_GRID, RELEASED_GRID)
