"""Topics found by looking: subpackages of `duality` that bring claims or experiments."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from types import ModuleType

import duality
from duality.book.errors import BuildError, choose
from duality.book.figures import Experiment


def topic_modules(name: str) -> list[ModuleType]:
    """The module `name` of every topic that has one, imported."""
    found = []
    for info in pkgutil.iter_modules(duality.__path__, "duality."):
        if info.ispkg and importlib.util.find_spec(f"{info.name}.{name}"):
            found.append(importlib.import_module(f"{info.name}.{name}"))
    return found


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
