"""Many small models trained as one program.

A table lists the models, one row each (`models`); an architecture says what their parameters mean (`Architecture`);
an engine advances all of them together (`fused_engine` on a processor, `TensorProgram` anywhere, CUDA too); `train`
runs an engine to the end and returns a tidy table.
"""

from duality.ensemble.lanes import fused_engine
from duality.ensemble.models import Schedule, Stage, models
from duality.ensemble.program import TensorProgram
from duality.ensemble.spectral import Spectral
from duality.ensemble.training import train

__all__ = ["Schedule", "Spectral", "Stage", "TensorProgram", "fused_engine", "models", "train"]
