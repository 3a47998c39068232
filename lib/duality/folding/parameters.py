"""What the chapters on folded optimization accept."""

from __future__ import annotations

from typing import Any

from duality.quadratic.problem import check_run as check_quadratic_run

RANGES = {"n": (2, 60), "K": (1, 400), "problems": (1, 512)}
SMALLEST, LARGEST = 1.5, 1000.0  # kappa


def check_run(**given: Any) -> None:
    """n, K and problems are integers in the ranges above, kappa lies in its own. Raises `ValueError` with one line."""
    check_quadratic_run(**given)
    for name, (low, high) in RANGES.items():
        if not low <= given.get(name, low) <= high:
            raise ValueError(f"{name} = {given[name]} must be an integer from {low} to {high}")
    if not SMALLEST <= given.get("kappa", SMALLEST) <= LARGEST:
        raise ValueError(f"kappa = {given['kappa']:g} must lie between {SMALLEST:g} and {LARGEST:g}")
