"""The recorded experiments of this topic: parameters in, tidy table out."""

from duality.book.figures import Experiment
from duality.folding.experiments.backward import BACKWARD, SPLITTING
from duality.folding.experiments.hybrid import HYBRID
from duality.folding.experiments.krylov import KRYLOV
from duality.folding.experiments.krylov_time import KRYLOV_TIME
from duality.folding.experiments.learning import LEARNING
from duality.folding.experiments.maml import MAML
from duality.folding.experiments.nonconvex import NONCONVEX
from duality.folding.experiments.speed import SPEED

EXPERIMENTS: tuple[Experiment, ...] = (
    BACKWARD,
    SPLITTING,
    KRYLOV,
    KRYLOV_TIME,
    HYBRID,
    MAML,
    SPEED,
    LEARNING,
    NONCONVEX,
)
