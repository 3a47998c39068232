import pytest

from duality.book.boxes import claim_box, claim_link, ledger_address, proof_steps
from duality.book.errors import BuildError
from duality.book.ledger_page import counts_line, false_claims, ledger_page, opening, title
from duality.book.verdicts import SYMBOLS, badge, counts
from small_book import STEP, row, settle

PAGE = "chapters/02-x"
BOXED = {"holds": PAGE, "mended": "chapters/01-y"}


def test_box_shows_title_source_hypotheses_statement_and_badge() -> None:
    text = claim_box(row("holds"), "Chapter's own words.", PAGE, BOXED)
    head, label = text.splitlines()[:2]
    assert head == ":::{prf:theorem} About holds"
    assert label == ":label: claim-holds"
    for part in (
        "R Thm 1",
        "$0 < a$",
        "a \\le b",
        "Chapter's own words.",
        "../ledger.html#row-holds",
        "proved",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("kind", "box"),
    [("lemma", "lemma"), ("definition", "definition"), ("table", "observation"), ("beyond", "proposition")],
)
def test_kinds_have_their_boxes(kind: str, box: str) -> None:
    assert claim_box(row("a", kind=kind), "", PAGE, {}).startswith(f":::{{prf:{box}}}")


def test_false_box_shows_where_why_and_what_instead() -> None:
    text = claim_box(settle()[1], "", PAGE, BOXED)
    assert "$a$ = `3/2`, $b$ = `1`" in text
    assert "The sign of $b$." in text
    assert "{prf:ref}`claim-mended`" in text


def test_a_repair_without_box_leads_to_its_row() -> None:
    assert 'href="../ledger.html#row-mended"' in claim_link("mended", PAGE, {})
    assert ledger_address("x", "index") == "ledger.html#row-x"


def test_the_range_of_a_verdict_stands_in_the_box_where_there_is_one() -> None:
    for verdict, shown in (("certified", True), ("supported", True), ("proved", False)):
        assert ("**Scope:** k up to 60" in claim_box(row("a", verdict, scope="k up to 60"), "", PAGE, {})) is shown


def test_boxes_hold_fences_of_the_chapter() -> None:
    assert claim_box(row("a"), ":::{note}\nx\n:::", PAGE, {}).startswith("::::{prf:")


def test_proof_steps_list_every_piece_with_its_outcome() -> None:
    text = proof_steps(row("a", evidence=[STEP, STEP | {"outcome": "undecided", "detail": "30 s"}]))
    assert "2 parts" in text
    assert "1. Both sides agree: $a = a$. [step, identity: **holds**]{.outcome}" in text
    assert "2. Both sides agree: $a = a$. [step, identity: **undecided**]{.outcome} `30 s`{.machine}" in text


def test_ablations_are_printed_as_mathematics() -> None:
    dropped = {"type": "ablation", "method": "exact", "outcome": "breaks"}
    item = dropped | {"sentence": "Without the hypothesis mu <= lambda.", "detail": r"at \|x_0-x^*\|_2 = 1: sqrt(2)"}
    text = proof_steps(row("a", evidence=[item]))
    assert "Without the hypothesis μ ≤ λ. [ablation, exact: **breaks**]{.outcome} `at: √2`{.machine}" in text


def test_open_rows_begin_with_their_statement() -> None:
    entry = row("gd-x", "open", statement="The bound $a + b \\le c$ holds for every, and each, of the k")
    assert opening(entry["statement"], 8) == "The …"
    assert opening(entry["statement"], 10) == "The bound …"
    assert opening("The $a + b$, then", 6) == "The $a + b$ …"
    assert title(entry).startswith("The bound $a + b \\le c$ holds")
    assert title(row("gd-x")) == "About gd-x"


def test_a_slack_without_number_says_where() -> None:
    page = ledger_page([row("a", "false", slack_at="unbounded, near mu = 1")], {}, {})
    assert "**Slack:** unbounded, near μ = 1." in page


def test_every_verdict_has_a_word_and_its_own_symbol() -> None:
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)
    for verdict in SYMBOLS:
        assert verdict in badge(verdict) and SYMBOLS[verdict] in badge(verdict)
    with pytest.raises(BuildError, match="unknown verdict 'true'"):
        badge("true")


def test_counts_add_up() -> None:
    assert sum(counts(settle()).values()) == len(settle())
    line = counts_line(settle(), "../")
    assert 'href="../ledger.html#verdict-false"' in line
    assert "reproduced" not in line


def test_ledger_page_has_every_row_once_in_its_section() -> None:
    page = ledger_page(settle(), BOXED, {"holds": "<code>lib/x.py:3</code>"})
    for claim in ("holds", "fails", "mended", "waits"):
        assert page.count(f'id="row-{claim}"') == 1
    assert page.index("## A. First section") < page.index('id="row-mended"') < page.index("## B. Second section")
    assert 'href="chapters/02-x.html#claim-holds"' in page
    assert "lib/x.py:3" in page
    assert "the search found is 0.5, at $a$ = `1`" in page and "supremum" not in page


def test_false_claims_name_their_repair() -> None:
    line = false_claims(settle(), "index", BOXED)
    assert line.count("\n") == 0
    assert "About fails" in line and "About mended" in line
    assert "No claim" in false_claims([row("holds")], "index", {})
