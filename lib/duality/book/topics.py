"""The experiments of all topics."""

from __future__ import annotations

from duality.book.errors import BuildError, choose
from duality.book.figures import Experiment
from duality.ledger.registry import topic_modules


def experiments() -> dict[str, Experiment]:
    """All experiments by id. Raises `BuildError` when two topics use one id."""
    found: dict[str, Experiment] = {}
    for module in topic_modules("experiments"):
        for experiment in module.EXPERIMENTS:
            if experiment.id in found:
                raise BuildError(f"two experiments are called '{experiment.id}'; rename one")
            found[experiment.id] = experiment
    return found


def experiment(figure: str) -> Experiment:
    """The experiment behind `figure`. Raises `InputError` with the existing names when there is none."""
    known = experiments()
    return known[choose("figure", figure, known)]
