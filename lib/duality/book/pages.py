"""Generated pages beside the ledger: the gallery of recorded figures and the execution times."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from duality.book.boxes import claim_link
from duality.book.layout import Project
from duality.book.markup import fenced, inline
from duality.book.readable import readable


def records(project: Project) -> list[dict[str, Any]]:
    """The records of all recorded figures, by name."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(project.figures.glob("*/record.json"))]


def gallery_page(found: Sequence[Mapping[str, Any]], boxed: Mapping[str, str]) -> str:
    """The page `gallery.md`: each recorded figure with the claims it serves and the run it comes from."""
    parts = [
        "# Gallery",
        "Figures drawn from recorded full-size runs. Each can be made again with the command below it; the "
        "chapters show the same results with fresh points of the quick profile over them.",
    ]
    for record in found:
        parts.append(f"## {inline(record['title'])}")
        options = [f":name: gallery-{record['id']}", f":alt: {inline(record['alt'])}", ":class: recorded"]
        drawing = f"figures/{record['id']}/{record['id']}.svg"
        served = ", ".join(claim_link(claim, "gallery", boxed) for claim in record["claims"]) or "none"
        caption = f"{inline(readable(record['alt']))} Claims: {served}."
        parts.append(fenced("figure", drawing, options, caption))
        parts.append(
            f"{record['rows']} rows in {record['seconds']:g} s on {record['processor']}, profile "
            f"{record['profile']}.\n"
            f"Again: `duality figure {record['id']} --profile {record['profile']}`"
        )
        if record["parameters"]:
            settings = "\n".join(f"- `{name} = {value}`" for name, value in record["parameters"].items())
            parts.append(fenced("dropdown", "Parameters", [":class-container: evidence"], settings))
    if not found:
        parts.append("Nothing is recorded yet.")
    return "\n\n".join(parts) + "\n"


def times_page(chapters: Mapping[str, float], found: Sequence[Mapping[str, Any]], profile: str) -> str:
    """The page `times.md`; `chapters` maps names to the seconds that their last run took."""
    total = sum(chapters.values())
    rows = [f"| [](chapters/{name}) | {seconds:.1f} |" for name, seconds in chapters.items()]
    parts = [
        "# Execution times",
        f"Seconds that each chapter took when it last ran, profile {profile}, one numerical thread each. "
        "Chapters run side by side, and only when something they depend on has changed.",
        "\n".join(["| Chapter | Seconds |", "|:--|--:|", *rows, f"| **All** | **{total:.1f}** |"]),
    ]
    if found:
        recorded = [
            f"| [{inline(r['title'])}](#gallery-{r['id']}) | {r['profile']} | {r['seconds']:.1f} |" for r in found
        ]
        parts.append("Recorded figures, run once at full size:")
        parts.append("\n".join(["| Figure | Profile | Seconds |", "|:--|:--|--:|", *recorded]))
    return "\n\n".join(parts) + "\n"
