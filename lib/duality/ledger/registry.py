"""All rows of the ledger: the inventory of the sources and the claims that the topics settle."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import duality

from .claim import Claim
from .report import open_row, row

_BOX = re.compile(r"^:::\{claim\}\s+(\S+)", re.MULTILINE)


@cache
def inventory() -> dict[str, Any]:
    """The claims of the sources, as `{"sections": {...}, "claims": {...}}`."""
    text = resources.files(__package__).joinpath("inventory.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def topic_modules(name: str) -> Iterator[Any]:
    """The module called `name` of every topic that has one, in alphabetical order of the topics."""
    for package in pkgutil.iter_modules(duality.__path__):
        if package.ispkg:
            qualified = f"duality.{package.name}.{name}"
            if importlib.util.find_spec(qualified) is not None:
                yield importlib.import_module(qualified)


def claims() -> dict[str, Claim]:
    """The claims that the topics settle, by id.

    Raises `ValueError` when two topics settle the same id, or one in the inventory's name changes its section.
    """
    found: dict[str, Claim] = {}
    for module in topic_modules("claims"):
        for claim in module.CLAIMS:
            if claim.id in found:
                raise ValueError(f"claim '{claim.id}' is settled twice, the second time in {module.__name__}")
            known = inventory()["claims"].get(claim.id)
            if known and known["section"] != claim.section:
                raise ValueError(f"claim '{claim.id}' belongs to section {known['section']}, not {claim.section}")
            found[claim.id] = claim
    return found


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


def chapter_links(chapters: Path | None) -> dict[str, str]:
    """Where each claim's box stands: id to page and anchor, read off the chapter sources in `chapters`."""
    links: dict[str, str] = {}
    for source in sorted(chapters.glob("*.md")) if chapters and chapters.is_dir() else []:
        for claim_id in _BOX.findall(source.read_text(encoding="utf-8")):
            links[claim_id] = f"chapters/{source.stem}.html#claim-{claim_id}"
    return links


def default_chapters() -> Path:
    """The chapters folder of the checkout that this package is imported from."""
    return Path(duality.__file__).resolve().parents[2] / "chapters"


def settle(ids: Sequence[str] | None = None, chapters: Path | None = None) -> list[dict[str, Any]]:
    """Evaluate the claims `ids` (all of them by default) now and return their ledger rows, in ledger order.

    Raises `KeyError` for an unknown id.
    """
    order = known_ids()
    wanted = set(order if ids is None else ids)
    if unknown := wanted - set(order):
        raise KeyError(f"unknown claim: {', '.join(sorted(unknown))}")
    settled, listed = claims(), inventory()["claims"]
    sections = inventory()["sections"]
    links = chapter_links(chapters or default_chapters())
    rows = []
    for claim_id in order:
        if claim_id in wanted:
            entry = row(settled[claim_id]) if claim_id in settled else open_row(claim_id, listed[claim_id])
            entry["section_title"] = sections[entry["section"]]["title"]
            entry["chapter"] = links.get(claim_id)
            rows.append(entry)
    return rows
