"""The recorded experiments of this topic: parameters in, tidy table out."""

from duality.book.figures import Experiment
from duality.hybrid.experiments.complexity import COMPLEXITY
from duality.hybrid.experiments.contraction import CONTRACTION
from duality.hybrid.experiments.grid import FIXED_GRID, PRINTED_GRID, RELEASED_GRID
from duality.hybrid.experiments.recurrent_region import RECURRENT_REGION
from duality.hybrid.experiments.rnn import RNN
from duality.hybrid.experiments.speed import SPEED
from duality.hybrid.experiments.time import OVER_TIME

EXPERIMENTS: tuple[Experiment, ...] = (
    CONTRACTION,
    COMPLEXITY,
    PRINTED_GRID,
    FIXED_GRID,
    RELEASED_GRID,
    OVER_TIME,
    SPEED,
    RNN,
    RECURRENT_REGION,
)
