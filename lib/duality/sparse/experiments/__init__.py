"""The recorded experiments of this topic: parameters in, tidy table out."""

from duality.book.figures import Experiment
from duality.sparse.experiments.ablation import ABLATION
from duality.sparse.experiments.bound import BOUND
from duality.sparse.experiments.capacity import DECAY, ENTRYWISE, WEIGHTS
from duality.sparse.experiments.convergence import CONVERGENCE
from duality.sparse.experiments.gap import GAP
from duality.sparse.experiments.informed import INFORMED
from duality.sparse.experiments.real import REAL
from duality.sparse.experiments.robustness import ROBUSTNESS

EXPERIMENTS: tuple[Experiment, ...] = (
    DECAY,
    ENTRYWISE,
    WEIGHTS,
    ROBUSTNESS,
    BOUND,
    CONVERGENCE,
    ABLATION,
    GAP,
    INFORMED,
    REAL,
)
