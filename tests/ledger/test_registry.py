"""The ledger shows every claim, and chapters settle what they say they settle."""

import hashlib
import json
from collections import Counter

import pytest

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


def test_no_row_is_open_while_a_chapter_settles_it(rows):
    open_but_shown = [r["id"] for r in rows if r["verdict"] == "open" and r["chapter"]]
    assert open_but_shown == []


def test_chapter_boxes_name_known_claims():
    links = registry.chapter_links(registry.default_chapters())
    assert links and set(links) <= set(registry.known_ids())


def test_section_a_is_settled(rows):
    section = [r for r in rows if r["section"] == "A"]
    assert len(section) > 18
    assert [r["id"] for r in section if r["verdict"] == "open"] == []
    assert [r["id"] for r in section if not r["chapter"]] == []


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


def test_a_row_reads_well_in_the_terminal(rows):
    shown = text(next(r for r in rows if r["id"] == "nag-power-bound"))
    assert shown.startswith("nag-power-bound: false") and "repaired by: nag-power-sharp" in shown


def test_the_inventory_is_complete():
    """A lost, renamed or added row changes the count of its section or the fingerprint of all ids."""
    listed = registry.inventory()["claims"]
    per_section = Counter(entry["section"] for entry in listed.values())
    assert per_section == {"A": 19, "B": 5, "C": 14, "D": 7, "E": 7, "F": 17, "G": 10, "H": 17, "I": 8, "J": 3}
    assert hashlib.sha256("\n".join(sorted(listed)).encode()).hexdigest()[:16] == "4d64d24464d9badf"
