"""Small pieces of MyST: fences that nest, blocks found in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

COLONS = re.compile(r"^\s*(:{3,})", re.MULTILINE)
OPENING = re.compile(r"^(:{3,})\{(?P<name>[\w-]+)\}[ \t]*(?P<argument>[^\n]*)$")
CODE = re.compile(r"^\s*(`{3,}|~{3,})")


def fenced(directive: str, argument: str, options: Sequence[str], body: str) -> str:
    """A colon-fenced directive whose fence is longer than any inside `body`."""
    colons = ":" * (1 + max([2, *(len(found) for found in COLONS.findall(body))]))
    head = "\n".join([f"{colons}{{{directive}}} {argument}".rstrip(), *options])
    return f"{head}\n\n{body.strip()}\n{colons}"


def inline(text: str) -> str:
    """`text` on one line: displayed formulas become inline ones, line breaks become blanks."""
    return re.sub(r"\s+", " ", re.sub(r"\$\$\s*(.+?)\s*\$\$", r"$\1$", text, flags=re.DOTALL)).strip()


def indented(text: str, width: int) -> str:
    """`text` with every line but the first moved right, as list items need."""
    return text.replace("\n", "\n" + " " * width)


def expand_blocks(text: str, expanders: dict[str, Callable[[str, str], str]]) -> str:
    """Replace each `:::{name} argument` … `:::` at the start of a line by `expanders[name](argument, body)`.

    Directives with other names, and everything inside code fences, stay as they are.
    """
    lines = text.split("\n")
    written: list[str] = []
    code: str | None = None
    position = 0
    while position < len(lines):
        line = lines[position]
        position += 1
        fence = CODE.match(line)
        if fence:
            mark = fence.group(1)
            code = mark if code is None else None if mark.startswith(code) else code
        opening = None if code else OPENING.match(line)
        if opening is None or opening["name"] not in expanders:
            written.append(line)
            continue
        closing = (
            lines.index(opening.group(1), position) if opening.group(1) in lines[position:] else len(lines)
        )
        body = "\n".join(lines[position:closing])
        written.append(expanders[opening["name"]](opening["argument"].strip(), body))
        position = closing + 1
    return "\n".join(written)
