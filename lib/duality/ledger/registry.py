"""All rows of the ledger: the inventory of the sources and the claims that the topics settle."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, get_args

import duality

from .claim import Claim, Kind
from .report import open_row, row

PARTS = ("claims", "experiments")  # what makes a folder a topic


class TopicError(ValueError):
    """A topic is set up wrongly: one line that says what is wrong and what to do."""


@cache
def inventory() -> dict[str, Any]:
    """The claims of the sources, as `{"sections": {...}, "claims": {...}}`."""
    text = resources.files(__package__).joinpath("inventory.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def topic_modules(name: str) -> Iterator[Any]:
    """The module called `name` of every topic that has one, in alphabetical order of the topics.

    Raises `TopicError` for a folder that looks like a topic and is no package, which Python would pass over.
    """
    _refuse_unmarked_topics()
    for package in pkgutil.iter_modules(duality.__path__):
        if package.ispkg:
            qualified = f"duality.{package.name}.{name}"
            if importlib.util.find_spec(qualified) is not None:
                yield importlib.import_module(qualified)


def _refuse_unmarked_topics() -> None:
    for place in map(Path, duality.__path__):
        for folder in sorted(path for path in place.iterdir() if path.is_dir()):
            if (folder / "__init__.py").is_file():
                continue
            found = [n for n in PARTS if (folder / f"{n}.py").is_file() or (folder / n / "__init__.py").is_file()]
            if found:
                raise TopicError(
                    f"{folder} has {' and '.join(found)} but no __init__.py, so no import sees it: add one"
                )


def claims() -> dict[str, Claim]:
    """The claims that the topics settle, by id.

    Raises `TopicError` when two topics settle the same id, or when a claim is of a section or kind that does not
    exist, or moves an entry of the inventory to another section.
    """
    found: dict[str, Claim] = {}
    for module in topic_modules("claims"):
        for claim in module.CLAIMS:
            if claim.id in found:
                raise TopicError(f"claim '{claim.id}' is settled twice, the second time in {module.__name__}")
            _check_place(claim)
            found[claim.id] = claim
    return found


def _check_place(claim: Claim) -> None:
    sections, kinds = inventory()["sections"], get_args(Kind)
    if claim.section not in sections:
        raise TopicError(f"claim '{claim.id}' names section '{claim.section}'; sections are: {', '.join(sections)}")
    if claim.kind not in kinds:
        raise TopicError(f"claim '{claim.id}' is of kind '{claim.kind}'; kinds are: {', '.join(kinds)}")
    known = inventory()["claims"].get(claim.id)
    if known and known["section"] != claim.section:
        raise TopicError(f"claim '{claim.id}' belongs to section {known['section']}, not {claim.section}")


def known_ids() -> list[str]:
    """Every id: the inventory's in its order, each section followed by the claims beyond the print."""
    listed = inventory()["claims"]
    settled = claims()
    sections = inventory()["sections"]
    ids: list[str] = []
    for section in sections:
        ids += [i for i, entry in listed.items() if entry["section"] == section]
        ids += [i for i, claim in settled.items() if claim.section == section and i not in listed]
    return ids


def settle(ids: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Evaluate the claims `ids` (all of them by default) now and return their ledger rows, in ledger order.

    `chapter` is None in every row: where a box stands is known to the book, not to the ledger.
    Raises `KeyError` for an unknown id.
    """
    order = known_ids()
    wanted = set(order if ids is None else ids)
    if unknown := wanted - set(order):
        raise KeyError(f"unknown claim: {', '.join(sorted(unknown))}")
    settled, listed = claims(), inventory()["claims"]
    sections = inventory()["sections"]
    rows = []
    for claim_id in order:
        if claim_id in wanted:
            entry = row(settled[claim_id]) if claim_id in settled else open_row(claim_id, listed[claim_id])
            entry["section_title"] = sections[entry["section"]]["title"]
            entry["chapter"] = None
            rows.append(entry)
    return rows
