"""Machine output as mathematics in plain characters: mu <= sqrt(L) becomes μ ≤ √L.

Only for what programs print; sentences that people wrote are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable

NAMES = ["alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "kappa", "lambda"]
NAMES += ["mu", "nu", "rho", "sigma", "tau", "phi", "omega", "Lambda"]
LETTERS = dict(zip(NAMES, "αβγδεηθκλμνρστφωΛ", strict=True))
RAISED = str.maketrans("0123456789+-jkmn", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ʲᵏᵐⁿ")
LOWERED = str.maketrans("0123456789+-ijkmn", "₀₁₂₃₄₅₆₇₈₉₊₋ᵢⱼₖₘₙ")
STAR = "\0"  # of x*, which is no product
RELATIONS = {"<=": "≤", ">=": "≥", "!=": "≠", r"\|": "‖", " & ": " and ", " | ": " or "}
RELATIONS |= {"_star": STAR, "^*": STAR}

LETTER = re.compile(rf"(?<![A-Za-z])({'|'.join(LETTERS)})(?![A-Za-z])")
NORMALIZED = re.compile(r",? ?\\\|x_0-x\^\*\\\|_2 = 1(?=[,:;)]|$)")  # said once and for all in the notation
SIMPLE_ROOT = re.compile(r"sqrt\((\w+)\)")
SIMPLE_POWER = re.compile(r"(?:\*\*|\^)(?:(\d+|[jkmn])(?![\w.])|\(([\djkmn+\- ]+)\))")
POWER = re.compile(r"\*\*")
LOW = re.compile(r"(?<=[A-Za-zα-ωΛ‖])_([0-9]+|[ijkmn](?![A-Za-z])|[+-])")
PRODUCT = re.compile(r"(?<=[\w)\0|‖₀-₉₊₋⁰-⁹ʲᵏᵐⁿ])\*(?=[\w(|√‖α-ωΛ-])")
MINUS = re.compile(r"(?<![\w.])-(?=[\w(√|α-ωΛ])|(?<=[\0₀-₉])-(?=\w)")


def readable(text: str) -> str:
    """`text` with relations, roots, powers, Greek letters and subscripts as one prints them.

    The length of the starting error is 1 in every check and left out.
    """
    text = NORMALIZED.sub("", text)
    for written, printed in RELATIONS.items():
        text = text.replace(written, printed)
    text = _calls(text, "Abs", lambda inside: f"|{inside}|")
    text = _calls(text, "Eq", lambda inside: " = ".join(_arguments(inside)))
    text = _calls(text, "Ne", lambda inside: " ≠ ".join(_arguments(inside)))
    text = LETTER.sub(lambda name: LETTERS[name[0]], text)
    text = LOW.sub(lambda index: index[1].translate(LOWERED), text)
    text = SIMPLE_ROOT.sub(r"√\1", text).replace("sqrt(", "√(")
    text = SIMPLE_POWER.sub(lambda power: (power[1] or power[2].replace(" ", "")).translate(RAISED), text)
    text = PRODUCT.sub("·", POWER.sub("^", text))
    return MINUS.sub("−", text.replace(" - ", " − ")).replace(STAR, "*")


def _calls(text: str, name: str, printed: Callable[[str], str]) -> str:
    """`text` with each `name(…)` replaced by what `printed` makes of its inside, innermost last."""
    found = re.search(rf"\b{name}\(", text)
    while found:
        end = _closing(text, found.end())
        text = text[: found.start()] + printed(text[found.end() : end]) + text[end + 1 :]
        found = re.search(rf"\b{name}\(", text)
    return text


def _closing(text: str, start: int) -> int:
    """Where the bracket opened just before `start` closes; the end of the text when it was cut off."""
    depth = 1
    for index in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[index], 0)
        if depth == 0:
            return index
    return len(text)


def _arguments(inside: str) -> list[str]:
    """The parts of `inside` between commas that stand in no bracket."""
    parts, depth = [""], 0
    for character in inside:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]
