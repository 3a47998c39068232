"""What the topics bring: ledger rows and experiments. A topic that is set up wrongly is named in one line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from duality.book.errors import BuildError, choose
from duality.book.figures import Experiment
from duality.ledger import registry


@contextmanager
def _topics() -> Iterator[None]:
    try:
        yield
    except registry.TopicError as error:
        raise BuildError(str(error)) from None


def settle(ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """The ledger rows of `ids` (default: all), evaluated now.

    Raises `InputError` for an unknown id, `BuildError` when a topic is set up wrongly.
    """
    with _topics():
        known = registry.known_ids()
        return registry.settle(None if ids is None else [choose("claim", claim, known) for claim in ids])


def experiments() -> dict[str, Experiment]:
    """All experiments by id. Raises `BuildError` when two topics use one id or a topic is set up wrongly."""
    found: dict[str, Experiment] = {}
    with _topics():
        for module in registry.topic_modules("experiments"):
            for experiment in module.EXPERIMENTS:
                if experiment.id in found:
                    raise BuildError(f"two experiments are called '{experiment.id}'; rename one")
                found[experiment.id] = experiment
    return found


def experiment(figure: str) -> Experiment:
    """The experiment behind `figure`. Raises `InputError` with the existing names when there is none."""
    known = experiments()
    return known[choose("figure", figure, known)]


def benchmark(name: str) -> Any:
    """The module `bench` of the part of the library called `name`; its `rows()` measures and returns a table.

    Raises `InputError` with the existing names when there is none.
    """
    with _topics():
        known = {module.__name__.split(".")[1]: module for module in registry.topic_modules("bench")}
    return known[choose("benchmark", name, list(known))]
