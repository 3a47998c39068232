"""How a verdict is shown: a symbol and a word, so that nobody has to tell colours apart."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from duality.book.errors import BuildError

SYMBOLS = {
    "proved": "■",
    "certified": "◆",
    "supported": "○",
    "false": "✗",
    "reproduced": "●",
    "partly": "◐",
    "not reproduced": "⊘",
    "open": "…",
}


def slug(verdict: str) -> str:
    """The verdict as part of a class name: `not reproduced` becomes `not-reproduced`."""
    if verdict not in SYMBOLS:
        raise BuildError(f"unknown verdict '{verdict}'; the verdicts are: {', '.join(SYMBOLS)}")
    return verdict.replace(" ", "-")


def badge(verdict: str) -> str:
    """An inline HTML badge."""
    return (
        f'<span class="verdict verdict-{slug(verdict)}">'
        f'<span aria-hidden="true">{SYMBOLS[verdict]}</span> {html.escape(verdict)}</span>'
    )


def linked_badge(verdict: str, address: str) -> str:
    """An inline HTML badge that leads to `address`."""
    return f'<a class="verdict-link" href="{html.escape(address)}">{badge(verdict)}</a>'


def counts(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Number of rows per verdict, in the order of `SYMBOLS`, verdicts without a row included."""
    found = Counter(row["verdict"] for row in rows)
    return {verdict: found[verdict] for verdict in SYMBOLS}
