"""The recorded experiments of this topic: parameters in, tidy table out."""

from duality.book.figures import Experiment

EXPERIMENTS: tuple[Experiment, ...] = ()
