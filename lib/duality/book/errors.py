"""The two ways in which a command of the book ends badly."""

import difflib
from collections.abc import Iterable

SHOWN = 8  # names in one message


class InputError(ValueError):
    """The reader asked for something that does not exist or is not allowed: one line, exit code 2."""


class BuildError(RuntimeError):
    """Something in the book itself is broken: a cell, a page, a missing file. Exit code 1."""


def choose(kind: str, wanted: str, existing: Iterable[str]) -> str:
    """Return `wanted` when it exists; otherwise raise a one-line `InputError`, closest names first."""
    names = list(existing)
    if wanted in names:
        return wanted
    if not names:
        raise InputError(f"unknown {kind} '{wanted}': there is none yet")
    parts = sorted((name for name in names if wanted and wanted in name), key=lambda name: name.index(wanted))
    close = difflib.get_close_matches(wanted, names, n=len(names), cutoff=0.45)
    ordered = list(dict.fromkeys([*parts, *close, *names]))
    shown = ", ".join(ordered[:SHOWN]) + (f", … ({len(names)} in all)" if len(ordered) > SHOWN else "")
    raise InputError(f"unknown {kind} '{wanted}'; there is: {shown}")
