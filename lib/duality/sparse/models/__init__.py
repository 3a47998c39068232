"""Learned methods for sparse recovery, one per file: problems in, intermediate estimates (B, T, d) out."""

from duality.sparse.models.alista import ALISTA, weight_matrix
from duality.sparse.models.learned import Learned
from duality.sparse.models.levels import Absolute, Largest, Levels, Signed, Start, entrywise, shared
from duality.sparse.models.lista import LISTA, lista, lista_low_rank
from duality.sparse.models.lstm import RNN, rnn, rnn_l1
from duality.sparse.models.plisa import PLISA, FixedWeights, LearnedWeights, plisa, plisa_l1, plisa_shared

__all__ = [
    "ALISTA",
    "Absolute",
    "FixedWeights",
    "LISTA",
    "Largest",
    "Learned",
    "LearnedWeights",
    "Levels",
    "PLISA",
    "RNN",
    "Signed",
    "Start",
    "entrywise",
    "lista",
    "lista_low_rank",
    "plisa",
    "plisa_l1",
    "plisa_shared",
    "rnn",
    "rnn_l1",
    "shared",
    "weight_matrix",
]
