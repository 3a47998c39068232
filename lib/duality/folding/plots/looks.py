"""How the ways to differentiate are drawn."""

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
