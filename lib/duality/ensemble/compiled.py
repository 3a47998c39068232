"""Compilation of the training steps, kept between runs.

Numba keeps what it has compiled per file and does not see when a function that was compiled in comes from another file
that has changed. Here everything is kept in a folder that is named by the sources of all of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numba import config, njit

SOURCES = ("compiled", "fused", "fused_given", "fused_layer", "fused_tiles", "models", "shuffle", "simd")


def folder() -> Path | None:
    """Where compiled code of these sources is kept; None when nothing can be written there."""
    here, total = Path(__file__).parent, hashlib.sha256()
    for name in SOURCES:
        total.update((here / f"{name}.py").read_bytes())
    place = here / "__pycache__" / f"compiled-{total.hexdigest()[:16]}"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return place


KEPT = folder()


def compiled(function: Callable[..., Any]) -> Any:
    """`function`, compiled when it is first called: without the interpreter's lock, products and sums fused."""
    before = config.CACHE_DIR
    config.CACHE_DIR = str(KEPT or "")
    try:
        options = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"}}
        return njit(cache=KEPT is not None, **options)(function)
    finally:
        config.CACHE_DIR = before
