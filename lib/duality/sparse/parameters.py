"""What the chapters on sparse recovery accept."""

from __future__ import annotations

from typing import Any

from duality.quadratic.problem import check_run as check_quadratic_run

RANGES = {"d": (2, 120), "s_star": (1, 20), "K": (1, 50), "problems": (1, 512)}


def check_run(**given: Any) -> None:
    """d, s_star, K and problems are integers in the ranges above, s_star <= d. Raises `ValueError` with one line."""
    check_quadratic_run(**given)
    for name, (low, high) in RANGES.items():
        if not low <= given.get(name, low) <= high:
            raise ValueError(f"{name} = {given[name]} must be an integer from {low} to {high}")
    if given.get("s_star", 1) > given.get("d", RANGES["d"][1]):
        raise ValueError(f"s_star = {given['s_star']} must be at most d = {given['d']}")
