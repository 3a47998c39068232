import pytest
from hypothesis import given
from hypothesis import strategies as st

from duality.book.errors import BuildError
from duality.book.markup import expand_blocks, fenced, inline, named_blocks, plain


def shout(argument: str, body: str) -> str:
    return f"<{argument}|{body}>"


def test_blocks_are_replaced_and_the_rest_kept() -> None:
    text = "one\n:::{claim} a-b\nmore\n:::\ntwo\n::::{note}\n:::{claim} c\n:::\n::::"
    assert expand_blocks(text, {"claim": shout}) == "one\n<a-b|more>\ntwo\n::::{note}\n<c|>\n::::"


def test_code_is_left_alone() -> None:
    text = "```\n:::{claim} a\n:::\n```\n~~~~\n```\n:::{claim} a\n:::\n~~~~"
    assert expand_blocks(text, {"claim": shout}) == text
    assert named_blocks(text, ["claim"]) == []


def test_inner_fences_belong_to_the_body() -> None:
    assert expand_blocks("::::{claim} a\n:::{note}\n:::\n::::", {"claim": shout}) == "<a|:::{note}\n:::>"


def test_a_block_that_stays_open_is_refused() -> None:
    with pytest.raises(BuildError, match=r"':::\{claim\} a' is never closed"):
        expand_blocks(":::{claim} a\nmore", {"claim": shout})


@given(st.lists(st.sampled_from(["text", "", "- item", "$$x$$", "# h"])))
def test_text_without_blocks_is_unchanged(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert expand_blocks(text, {"claim": shout}) == text


@given(st.integers(3, 9))
def test_fences_are_longer_than_what_they_hold(colons: int) -> None:
    inner = ":" * colons
    outer = fenced("note", "", [], f"{inner}{{tip}}\n{inner}").splitlines()
    assert outer[-1] == ":" * (colons + 1)
    assert outer[0] == outer[-1] + "{note}"


def test_inline_has_no_displayed_formulas_and_no_breaks() -> None:
    assert inline("for all\n\n$$\na = b\n$$\n\nand $c$") == "for all $a = b$ and $c$"


def test_plain_text_sets_subscripts_low_and_protects_the_rest() -> None:
    assert plain("c_k = a_{k−1}, k_max and x*") == r"c{sub}`k` = a{sub}`k−1`, k\_max and x\*"
    assert plain("$a_k$ and `a_k`") == "$a_k$ and `a_k`"
