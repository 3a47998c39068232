"""Ledger rows: one JSON-able dictionary per claim, and their text form for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .claim import Ablation, Claim, Criterion, Search, Step, verdict


def row(claim: Claim) -> dict[str, Any]:
    """Evaluate `claim` and lay its evidence out as a ledger row."""
    evidence = claim.evaluate()
    outcome = verdict(evidence)
    example = evidence.counterexample
    parts: list[Step | Search | Criterion | Ablation] = [
        *evidence.steps,
        *evidence.support,
        *evidence.searches,
        *evidence.criteria,
        *evidence.ablations,
    ]
    return {
        "id": claim.id,
        "section": claim.section,
        "kind": claim.kind,
        "title": claim.title,
        "source": claim.source,
        "statement": claim.statement.markdown(),
        "hypotheses": [f"${h.latex()}$" for h in claim.statement.hypotheses],
        "verdict": outcome,
        "evidence": [_part(p) for p in parts],
        "slack": evidence.slack,
        "slack_at": evidence.slack_at,
        "scope": evidence.scope or None,
        "counterexample": None if example is None else _counterexample(example),
        "broken_step": example.broken_step if example else None,
        "repaired_by": claim.repaired_by if outcome == "false" else None,
    }


def open_row(claim_id: str, entry: Mapping[str, str]) -> dict[str, Any]:
    """The row of a claim that nothing settles yet."""
    return {
        "id": claim_id,
        "section": entry["section"],
        "kind": entry["kind"],
        "title": claim_id.replace("-", " "),
        "source": entry["source"],
        "statement": entry["statement"],
        "hypotheses": [],
        "verdict": "open",
        "evidence": [],
        "slack": None,
        "slack_at": None,
        "scope": None,
        "counterexample": None,
        "broken_step": None,
        "repaired_by": None,
    }


def _counterexample(example: Any) -> dict[str, str]:
    sides = {"left side": example.lhs, "right side": example.rhs}
    return {name: str(value) for name, value in (dict(example.point) | sides).items()}


def _part(part: Step | Search | Criterion | Ablation) -> dict[str, Any]:
    match part:
        case Step():
            entry = {"type": "step", "sentence": part.sentence, "method": part.method, "detail": part.detail}
            return entry | {"outcome": part.outcome, "model": dict(part.model) if part.model else None}
        case Search():
            at = ", ".join(f"{n} = {v:.6g}" if isinstance(v, float) else f"{n} = {v}" for n, v in part.at.items())
            detail = f"{part.evaluations} evaluations, seed {part.seed}, best lhs/rhs {part.best:.6g} at {at}"
            entry = {"type": "search", "sentence": part.sentence, "method": "adversarial search", "detail": detail}
            return entry | {"outcome": part.outcome, "best": part.best, "budget": part.evaluations, "seed": part.seed}
        case Criterion():
            entry = {"type": "experiment", "sentence": part.sentence, "method": "declared criterion"}
            return entry | {"detail": part.detail, "outcome": "met" if part.met else "not met"}
        case Ablation():
            at = ", ".join(f"{n} = {v}" for n, v in part.point.items())
            detail = f"at {at}: left side {part.lhs}, right side {part.rhs}"
            entry = {"type": "ablation", "sentence": f"Without the hypothesis {part.hypothesis}.", "method": "exact"}
            return entry | {"detail": detail, "outcome": part.outcome}


def text(entry: Mapping[str, Any]) -> str:
    """One row as readable text for the terminal."""
    lines = [
        f"{entry['id']}: {entry['verdict']}",
        f"  {entry['title']} ({entry['source']})",
        *("  " + line for line in entry["statement"].splitlines() if line.strip()),
    ]
    lines += [f"  hypothesis: {h}" for h in entry["hypotheses"]]
    for part in entry["evidence"]:
        lines.append(f"  [{part['outcome']}] {part['sentence']} ({part['method']})")
        if part["type"] != "step":
            lines.append(f"      {part['detail']}")
    if entry["slack"] is not None:
        lines.append(f"  slack: {entry['slack']:.6g} at {entry['slack_at']}")
    if entry["counterexample"]:
        lines.append("  counterexample: " + ", ".join(f"{n} = {v}" for n, v in entry["counterexample"].items()))
        lines.append(f"  broken step: {entry['broken_step']}")
    if entry["repaired_by"]:
        lines.append(f"  repaired by: {entry['repaired_by']}")
    if entry["chapter"]:
        lines.append(f"  read: {entry['chapter']}")
    return "\n".join(lines)
