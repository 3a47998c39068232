"""Small pieces of MyST: fences that nest, blocks found in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from duality.book.errors import BuildError

COLONS = re.compile(r"^\s*(:{3,})", re.MULTILINE)
OPENING = re.compile(r"^(:{3,})\{(?P<name>[\w-]+)\}[ \t]*(?P<argument>[^\n]*)$")
FORMULA_OR_CODE = re.compile(r"(\$[^$]+\$|`[^`]+`)")
SPECIAL = re.compile(r"[\\*_\[\]<>&~{}$`]")
# a_{k-1} and a_k but not k_max, x^{-2} and r^loc: what is raised or lowered as in formulas
INDEX = re.compile(
    r"(?<=[^\W_]|[‖)|])(?:_(?:\{([^{}`]+)\}|([^\W_])(?![A-Za-z0-9_]))|\^(?:\{([^{}`]+)\}|([A-Za-z0-9]+)))"
)
CODE = re.compile(r"(\$[^$]+\$|`[^`]+`)")
SPECIAL = re.compile(r"[\\*_\[\]<>&~{}$`]")
SUBSCRIPT = re.compile(r"(?<=[^\W_])_(?:\{([^{}`]+)\}|([^\W_])(?!\w))")  # a_{k-1} and a_k, not k_max
CODE = re.compile(r"^\s*(`{3,}|~{3,})")


def fenced(directive: str, argument: str, options: Sequence[str], body: str) -> str:
    """A colon-fenced directive whose fence is longer than any inside `body`."""
    colons = ":" * (1 + max([2, *(len(found) for found in COLONS.findall(body))]))
    head = "\n".join([f"{colons}{{{directive}}} {argument}".rstrip(), *options])
    return f"{head}\n\n{body.strip()}\n{colons}"


def inline(text: str) -> str:
    """`text` on one line: displayed formulas become inline ones, line breaks become blanks."""
    return re.sub(r"\s+", " ", re.sub(r"\$\$\s*(.+?)\s*\$\$", r"$\1$", text, flags=re.DOTALL)).strip()


def plain(text: str) -> str:
    """`text` on one line, with everything outside formulas and code protected from being read as markup.

    Subscripts written as in formulas, a_{k-1} or a_k, are set low, exponents such as x^{-2} high.
    """
    pieces = FORMULA_OR_CODE.split(inline(text))
    return "".join(piece if index % 2 else _protected(piece) for index, piece in enumerate(pieces))


def _protected(text: str) -> str:
    parts, end = [], 0
    for found in INDEX.finditer(text):
        low, high = found[1] or found[2], found[3] or found[4]
        parts += [SPECIAL.sub(r"\\\g<0>", text[end : found.start()]), f"{{sub}}`{low}`" if low else f"{{sup}}`{high}`"]
        end = found.end()
    return "".join([*parts, SPECIAL.sub(r"\\\g<0>", text[end:])])


def indented(text: str, width: int) -> str:
    """`text` with every line but the first moved right, as list items need."""
    return text.replace("\n", "\n" + " " * width)


@dataclass(frozen=True)
class Block:
    """A directive written as a colon fence at the start of a line."""

    name: str
    argument: str
    body: str


def pieces(text: str, names: Collection[str]) -> Iterator[str | Block]:
    """The lines of `text` one by one, with each directive of `names` as one `Block`.

    Directives with other names, and everything inside code fences, stay lines. Raises `BuildError` when a
    block is not closed.
    """
    lines = iter(text.split("\n"))
    code: str | None = None
    for line in lines:
        fence = CODE.match(line)
        if fence:
            mark = fence.group(1)
            code = mark if code is None else None if mark.startswith(code) else code
        opening = None if code else OPENING.match(line)
        if opening is None or opening["name"] not in names:
            yield line
            continue
        body: list[str] = []
        for inner in lines:
            if inner.rstrip() == opening.group(1):
                break
            body.append(inner)
        else:
            raise BuildError(f"'{line.strip()}' is never closed; end it with a line '{opening.group(1)}'")
        yield Block(opening["name"], opening["argument"].strip(), "\n".join(body))


def expand_blocks(text: str, expanders: Mapping[str, Callable[[str, str], str]]) -> str:
    """Replace each `:::{name} argument` … `:::` by `expanders[name](argument, body)`."""
    return "\n".join(
        expanders[piece.name](piece.argument, piece.body) if isinstance(piece, Block) else piece
        for piece in pieces(text, expanders)
    )


def named_blocks(text: str, names: Collection[str]) -> list[Block]:
    """The directives of `names` in `text`, in order."""
    return [piece for piece in pieces(text, names) if isinstance(piece, Block)]
