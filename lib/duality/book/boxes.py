"""Theorem boxes: a ledger row written out as the MyST that stands in a chapter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duality.book.errors import BuildError
from duality.book.markup import fenced, indented, inline, plain
from duality.book.points import code, point
from duality.book.readable import readable
from duality.book.verdicts import linked_badge, slug

# Kinds that sphinx-proof knows keep their name; a claim made in passing or by a picture is an observation.
BOX = {
    "theorem": "theorem",
    "lemma": "lemma",
    "definition": "definition",
    "remark": "remark",
    "statement": "observation",
    "table": "observation",
    "figure": "observation",
    "prose": "observation",
    "beyond": "proposition",
}
RANGED = ("certified", "supported")  # verdicts that hold over a stated range only

Row = Mapping[str, Any]


def ledger_address(claim: str, page: str) -> str:
    """Address of the ledger row of `claim`, seen from `page` (a path without suffix inside the site)."""
    return "../" * page.count("/") + f"ledger.html#row-{claim}"


def claim_box(row: Row, extra: str, page: str, boxed: Mapping[str, str]) -> str:
    """The box of one claim, labelled `claim-<id>`.

    `extra` is the chapter's own text, which goes below the statement; `boxed` maps claim ids to the page with
    their box, so that a repair is linked where a reader finds it.
    """
    parts = [f"{linked_badge(row['verdict'], ledger_address(row['id'], page))} {source(row)}"]
    if row["hypotheses"]:
        parts.append("**Given** " + "; ".join(inline(text) for text in row["hypotheses"]) + ".")
    parts.append(statement(row))
    parts += fault(row, page, boxed)
    if row["verdict"] in RANGED and row["scope"]:
        parts.append(scope(row))
    if extra.strip():
        parts.append(extra.strip())
    options = [f":label: claim-{row['id']}", f":class: claim box-{slug(row['verdict'])}"]
    if row["kind"] not in BOX:
        raise BuildError(f"claim '{row['id']}' is of unknown kind '{row['kind']}'; kinds are: {', '.join(BOX)}")
    return fenced(f"prf:{BOX[row['kind']]}", inline(row["title"]), options, "\n\n".join(parts))


def statement(row: Row) -> str:
    """The statement as MyST. What nothing settles yet is quoted from the inventory, which is plain text."""
    return plain(row["statement"]) if row["verdict"] == "open" else row["statement"].strip()


def source(row: Row) -> str:
    """Where the claim is printed, set apart from the text."""
    return f"[{plain(row['source'])}]{{.source}}"


def scope(row: Row) -> str:
    """The range over which the verdict holds."""
    return "**Scope:** " + plain(row["scope"])


def fault(row: Row, page: str, boxed: Mapping[str, str]) -> list[str]:
    """What is wrong with a false claim: where it fails, the step that breaks, what holds. Else nothing."""
    if row["verdict"] != "false":
        return []
    parts = []
    if row["counterexample"]:
        parts.append("**Fails at** " + point(row["counterexample"]) + ".")
    if row["broken_step"]:
        parts.append("**Broken step:** " + plain(row["broken_step"]))
    if row["repaired_by"]:
        parts.append("**Holds instead:** " + claim_link(row["repaired_by"], page, boxed))
    return parts


def claim_link(claim: str, page: str, boxed: Mapping[str, str]) -> str:
    """A link to the box of `claim` when a chapter has one, else to its ledger row."""
    if claim in boxed:
        return f"{{prf:ref}}`claim-{claim}` (`{claim}`)"
    return f'<a href="{ledger_address(claim, page)}"><code>{claim}</code></a>'


def proof_steps(row: Row) -> str:
    """A closed list of everything that was done to reach the verdict, with the outcome of each part."""
    evidence = row["evidence"]
    body = "\n".join(f"{number}. {indented(evidence_line(item), 3)}" for number, item in enumerate(evidence, 1))
    parts = "part" if len(evidence) == 1 else "parts"
    return fenced("dropdown", f"How this was checked: {len(evidence)} {parts}", [":class-container: evidence"], body)


def evidence_line(item: Row) -> str:
    """One piece of evidence as one paragraph: what was shown, by which method, how it came out."""
    sentence = readable(item["sentence"]) if item["type"] == "ablation" else item["sentence"]
    detail = f" {code(readable(item['detail']))}{{.machine}}" if item.get("detail") else ""
    outcome = f"[{item['type']}, {item['method']}: **{item['outcome']}**]{{.outcome}}"
    return f"{plain(sentence)} {outcome}{detail}"
