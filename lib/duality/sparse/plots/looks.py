"""How the methods of sparse recovery are drawn."""

from __future__ import annotations

from collections.abc import Mapping

from duality.book.style import Look

LOOKS: Mapping[str, Look] = {
    "PLISA": Look("#0072B2", "-", "o"),
    "one shared level": Look("#0072B2", "--", "o"),
    "l1 only": Look("#0072B2", ":", "o"),
    "ALISTA": Look("#D55E00", "-", "s"),
    "LISTA": Look("#D55E00", "--", "s"),
    "RNN": Look("#009E73", "-", "D"),
    "RNN-l1": Look("#009E73", "--", "D"),
    "APF": Look("#332288", "none", "^"),
    "ISTA": Look("#AA4499", "--", "v"),
    "FISTA": Look("#AA4499", "-", "v"),
    "lasso": Look("#AA4499", "-", "v"),
}
