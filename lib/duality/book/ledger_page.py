"""The ledger as a page: every row, closed, with what a reader finds on opening it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from duality.book.boxes import Row, claim_link, evidence_line, scope, source, statement
from duality.book.markup import indented, inline, plain
from duality.book.points import place, point
from duality.book.verdicts import SYMBOLS, badge, counts, slug

INTRODUCTION = """\
# Ledger

Every claim of the sources has one row here, also those that nothing in this book settles yet. The verdict is
computed from the evidence each time the book is built; [how to read it](verdicts.md) is explained elsewhere.
Open a row for the statement, its hypotheses and what was done to break it. The same rows as data:
{download}`ledger.json <ledger.json>`."""

OPENING = 70  # characters of a statement that stand for the title of an open row


def ledger_page(rows: Sequence[Row], boxed: Mapping[str, str], code: Mapping[str, str]) -> str:
    """The page `ledger.md`; `boxed` maps claims to the page with their box, `code` to where the check is."""
    parts = [INTRODUCTION, counts_line(rows, ""), '<div id="ledger-controls" hidden></div>']
    for (section, title), group in groupby(rows, key=lambda row: (row["section"], row["section_title"])):
        parts.append(f"## {section}. {inline(title)}")
        parts += [ledger_row(row, boxed, code) for row in group]
    return "\n\n".join(parts) + "\n"


def counts_line(rows: Sequence[Row], prefix: str) -> str:
    """One line of badges with the number of rows of each verdict; each leads to those rows of the ledger."""
    items = "".join(
        f'<li><a class="verdict-link" href="{prefix}ledger.html#verdict-{slug(verdict)}">'
        f"{badge(verdict)} <strong>{number}</strong></a></li>"
        for verdict, number in counts(rows).items()
        if number
    )
    return f'<ul class="verdict-counts">{items}</ul>'


def ledger_row(row: Row, boxed: Mapping[str, str], code: Mapping[str, str]) -> str:
    """One row as a closed `details` element whose contents are MyST."""
    head = (
        f'<details class="ledger-row" id="row-{row["id"]}" data-verdict="{slug(row["verdict"])}" '
        f'data-section="{html.escape(row["section"])}">\n<summary>'
    )
    summary = f"{badge(row['verdict'])} **{title(row)}** `{row['id']}` {source(row)}"
    parts = [head, summary, "</summary>", *_details(row, boxed), _links(row, boxed, code), "</details>"]
    return "\n\n".join(part for part in parts if part)


def title(row: Row) -> str:
    """The title of a row. Nobody has given an open row one, so its statement begins it."""
    return plain(opening(row["statement"], OPENING)) if row["verdict"] == "open" else inline(row["title"])


def opening(text: str, length: int) -> str:
    """The first words of `text`, about `length` characters, no formula cut in two."""
    taken = ""
    for word in inline(text).split():
        whole = taken.count("$") % 2 == 0
        if taken and whole and len(taken) + len(word) >= length:
            return re.sub(r"[,;:.]?$", " …", taken, count=1)
        taken = f"{taken} {word}".strip()
    return taken


def _details(row: Row, boxed: Mapping[str, str]) -> list[str]:
    parts = []
    if row["hypotheses"]:
        parts.append("**Given** " + "; ".join(inline(text) for text in row["hypotheses"]) + ".")
    parts.append(statement(row))
    if row["counterexample"]:
        parts.append("**Counterexample:** " + point(row["counterexample"]) + ".")
    if row["broken_step"]:
        parts.append("**Broken step:** " + plain(row["broken_step"]))
    if row["repaired_by"]:
        parts.append("**Repaired by:** " + claim_link(row["repaired_by"], "ledger", boxed))
    parts += _slack(row)
    if row["scope"]:
        parts.append(scope(row))
    if row["evidence"]:
        parts.append("**Evidence**")
        parts.append("\n".join(f"{n}. {indented(evidence_line(item), 3)}" for n, item in enumerate(row["evidence"], 1)))
    return parts


def _slack(row: Row) -> list[str]:
    """What the search found; a lower bound for the supremum, so it is never called that."""
    where = place(row["slack_at"]) if row["slack_at"] else ""
    if row["slack"] is None:
        return [f"**Slack:** {where}."] if where else []
    at = f", at {where}" if where else ""
    return [f"**Slack:** the largest ratio of left side to right side that the search found is {row['slack']:.6g}{at}."]


def _links(row: Row, boxed: Mapping[str, str], code: Mapping[str, str]) -> str:
    """Where to read on: the chapter section, the code of the check, the row itself."""
    claim = row["id"]
    links = []
    if claim in boxed:
        links.append(f'<a href="{boxed[claim]}.html#claim-{claim}">in its chapter</a>')
    if claim in code:
        links.append(code[claim])
    links.append(f'<a href="#row-{claim}">link to this row</a>')
    return f'<p class="row-links">{" · ".join(links)}</p>'


def false_claims(rows: Sequence[Row], page: str, boxed: Mapping[str, str]) -> str:
    """One line per false claim: what it is, where it fails, what holds instead."""
    titles = {row["id"]: inline(row["title"]) for row in rows}
    lines = []
    for row in rows:
        if row["verdict"] != "false":
            continue
        line = f"- {badge('false')} {inline(row['title'])}, {claim_link(row['id'], page, boxed)} {source(row)}"
        if row["repaired_by"]:
            repair = row["repaired_by"]
            line += f" → {titles[repair]}, {claim_link(repair, page, boxed)}"
        lines.append(line)
    return "\n".join(lines) or f"No claim has the verdict {SYMBOLS['false']} false."
