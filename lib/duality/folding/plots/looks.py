"""How the ways to differentiate are drawn.

On total variation the folded layer works by regions, a shortcut that only this problem has; the one that solves by
products alone has a look of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from duality.book.style import ORDERED, ORDERED_LINES, ORDERED_MARKERS, Look

LOOKS: Mapping[str, Look] = {
    name: Look(*look)
    for name, look in zip(
        ("folded", "folded, by products", "implicit", "unrolled", "conic"),
        zip(ORDERED, ORDERED_LINES, ORDERED_MARKERS, strict=True),
        strict=True,
    )
}
