"""The ledger shows every claim, and chapters settle what they say they settle."""

import hashlib
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import duality
from duality.book.chapters import read_chapters
from duality.book.layout import Project
from duality.book.stage import boxes_of
from duality.ledger import registry
from duality.ledger.report import text


@pytest.fixture(scope="module")
def rows():
    return registry.settle()


def test_every_claim_of_the_inventory_has_one_row_in_order(rows):
    listed = list(registry.inventory()["claims"])
    ids = [r["id"] for r in rows]
    assert len(ids) == len(set(ids))
    assert [i for i in ids if i in set(listed)] == [
        i
        for section in registry.inventory()["sections"]
        for i in listed
        if registry.inventory()["claims"][i]["section"] == section
    ]


def test_rows_have_the_agreed_fields_and_are_json(rows):
    fields = {
        "id",
        "section",
        "section_title",
        "kind",
        "title",
        "source",
        "statement",
        "hypotheses",
        "verdict",
        "evidence",
        "slack",
        "slack_at",
        "scope",
        "counterexample",
        "broken_step",
        "repaired_by",
        "chapter",
    }
    assert all(set(r) == fields for r in rows)
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


@pytest.fixture(scope="module")
def boxed():
    return boxes_of(read_chapters(Project(Path(__file__).resolve().parents[2])))


def test_no_row_is_open_while_a_chapter_settles_it(rows, boxed):
    assert [r["id"] for r in rows if r["verdict"] == "open" and r["id"] in boxed] == []


def test_chapter_boxes_name_known_claims(boxed):
    assert boxed and set(boxed) <= set(registry.known_ids())


def test_the_ledger_knows_no_chapters(rows):
    assert {r["chapter"] for r in rows} == {None}


def test_section_a_is_settled(rows, boxed):
    section = [r for r in rows if r["section"] == "A"]
    assert len(section) > 18
    assert [r["id"] for r in section if r["verdict"] == "open"] == []
    assert [r["id"] for r in section if r["id"] not in boxed] == []


def test_every_false_claim_has_an_exact_counterexample_and_a_proved_repair(rows):
    by_id = {r["id"]: r for r in rows}
    false = [r for r in rows if r["verdict"] == "false"]
    assert false
    for entry in false:
        assert entry["counterexample"] and entry["broken_step"]
        assert not any("." in value.replace("1.", "") for value in entry["counterexample"].values())
        assert by_id[entry["repaired_by"]]["verdict"] in ("proved", "certified")


def test_evidence_states_its_own_outcomes(rows):
    for entry in rows:
        assert entry["verdict"] == "open" or entry["evidence"]
        for part in entry["evidence"]:
            assert part["sentence"] and part["outcome"]


def test_unknown_claims_are_refused():
    with pytest.raises(KeyError, match="no-such-claim"):
        registry.settle(["no-such-claim"])


def test_two_settlements_of_one_claim_are_refused(monkeypatch):
    class Twice:
        __name__ = "twice"
        CLAIMS = (next(iter(registry.claims().values())),)

    monkeypatch.setattr(registry, "topic_modules", lambda name: iter([Twice, Twice]))
    with pytest.raises(ValueError, match="settled twice"):
        registry.claims()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "new", "section": "K"}, "claim 'new' names section 'K'; sections are: A, B, "),
        ({"id": "new", "kind": "corollary"}, "claim 'new' is of kind 'corollary'; kinds are: theorem, lemma, "),
        ({"section": "B"}, "claim '.+' belongs to section A, not B"),
    ],
)
def test_claims_outside_the_sections_and_kinds_are_refused(monkeypatch, change, message):
    class Topic:
        __name__ = "topic"
        CLAIMS = (replace(registry.claims()["gd-convergence"], **change),)

    monkeypatch.setattr(registry, "topic_modules", lambda name: iter([Topic]))
    with pytest.raises(registry.TopicError, match=message) as caught:
        registry.claims()
    assert "\n" not in str(caught.value)


def test_a_topic_without_init_is_not_passed_over(monkeypatch, tmp_path):
    (tmp_path / "waves").mkdir()
    (tmp_path / "waves" / "claims.py").write_text("CLAIMS = ()\n")
    monkeypatch.setattr(duality, "__path__", [str(tmp_path)])
    with pytest.raises(registry.TopicError, match=r"waves has claims but no __init__\.py"):
        list(registry.topic_modules("experiments"))
    (tmp_path / "waves" / "__init__.py").write_text("")
    assert list(registry.topic_modules("experiments")) == []


def test_a_row_reads_well_in_the_terminal(rows):
    shown = text(next(r for r in rows if r["id"] == "nag-power-bound"))
    assert shown.startswith("nag-power-bound: false") and "repaired by: nag-power-sharp" in shown


def test_the_inventory_is_complete():
    """A lost, renamed or added row changes the count of its section or the fingerprint of all ids."""
    listed = registry.inventory()["claims"]
    per_section = Counter(entry["section"] for entry in listed.values())
    assert per_section == {"A": 19, "B": 5, "C": 14, "D": 7, "E": 7, "F": 17, "G": 10, "H": 17, "I": 8, "J": 3}
    assert hashlib.sha256("\n".join(sorted(listed)).encode()).hexdigest()[:16] == "4d64d24464d9badf"
