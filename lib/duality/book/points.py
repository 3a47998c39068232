"""Points and machine output for readers: symbols as formulas, long numbers cut in the middle."""

from __future__ import annotations

import re
from collections.abc import Mapping

from duality.book.markup import plain
from duality.book.readable import readable

GREEK = frozenset(
    ("alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "kappa")
    + ("lambda", "mu", "nu", "rho", "sigma", "tau", "phi", "omega")
)
LONG_NUMBER = re.compile(r"\d{41,}")
QUALIFIED = re.compile(r"(\w+) \((.+)\)")
ASSIGNMENT = re.compile(r"(.+?) = (\S+)")
SHOWN = 400  # characters of machine output on a page; the data file has all of it


def symbol(name: str) -> str:
    """The name of a coordinate as MyST: a formula where it is a symbol, words where it is words."""
    if name.startswith("\\") or re.fullmatch(r"\|[\w-]+\|", name):
        return f"${name}$"
    if qualified := QUALIFIED.fullmatch(name):
        return f"{symbol(qualified[1])} ({plain(qualified[2])})"
    base, _, index = name.partition("_")
    if base in GREEK:
        base = "\\" + base
    elif len(base) > 1 and not re.fullmatch(r"[A-Z][a-z]+", base):
        return plain(name)
    if not re.fullmatch(r"\\?[A-Za-z]+", base) or not re.fullmatch(r"\w*", index):
        return plain(name)
    if len(base) > 1 and not base.startswith("\\"):
        base = rf"\mathrm{{{base}}}"
    return f"${base}_{{\\mathrm{{{index}}}}}$" if index else f"${base}$"


def point(coordinates: Mapping[str, str]) -> str:
    """Coordinates with their exact values."""
    return ", ".join(f"{symbol(name)} = {code(readable(value))}" for name, value in coordinates.items())


def place(text: str) -> str:
    """`a = 1, b = 2` with its symbols as formulas; any other text as it is."""
    parts = [ASSIGNMENT.fullmatch(part) for part in text.split(", ")]
    if not all(parts):
        return plain(readable(text))
    return point({part[1]: part[2] for part in parts if part})


def code(text: str) -> str:
    """Machine output as inline code, without the middle of very long numbers and what is over length."""
    short = LONG_NUMBER.sub(lambda number: f"{number[0][:12]}…{number[0][-6:]} ({len(number[0])} digits)", text)
    short = re.sub(r"\s+", " ", short).strip()
    if len(short) > SHOWN:
        short = short[:SHOWN].rstrip() + " …"
    ticks = "`" * (1 + max(map(len, re.findall(r"`+", short)), default=0))
    return f"{ticks}{short}{ticks}"
