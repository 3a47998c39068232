import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from duality.book.markup import INDEX, plain
from duality.book.points import SHOWN, code, place, point, symbol


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("k", "$k$"),
        ("mu", r"$\mu$"),
        ("c_0", r"$c_{\mathrm{0}}$"),
        ("s_GD", r"$s_{\mathrm{GD}}$"),
        ("Cvg_NAG", r"$\mathrm{Cvg}_{\mathrm{NAG}}$"),
        (r"\|x_0-x^*\|_2", r"$\|x_0-x^*\|_2$"),
        ("|t-s|", "$|t-s|$"),
        ("left side", "left side"),
        ("lambda (NAG)", r"$\lambda$ (NAG)"),
        ("k_max", r"$k_{\mathrm{max}}$"),
        ("some_name", r"some\_name"),
    ],
)
def test_symbols_are_formulas_and_words_are_words(name: str, shown: str) -> None:
    assert symbol(name) == shown


def test_places_are_read_back() -> None:
    assert (
        place(r"mu = 1, \|x\|_2 = 1e+04")
        == r"$\mu$ = `1`, $\|x\|_2$ = `1e+04`"
        == point({"mu": "1", r"\|x\|_2": "1e+04"})
    )
    assert place("as k grows, everywhere") == "as k grows, everywhere"
    assert place("unbounded, near mu = 1") == "unbounded, near μ = 1"
    assert point({"left side": "sqrt(641)/128"}) == "left side = `√641/128`"


def test_long_numbers_lose_their_middle_and_say_so() -> None:
    assert code("1" * 40) == "`" + "1" * 40 + "`"
    assert code("a = " + "12" * 50 + "/7") == "`a = 121212121212…121212 (100 digits)/7`"
    assert len(code("x " * 5000)) < SHOWN + 5


@given(st.text(alphabet="ab *_[]<>&~{}\\|^#"))
def test_plain_text_is_shown_as_written(text: str) -> None:
    assume(not INDEX.search(text))
    (inline,) = [token for token in MarkdownIt().parse("x" + plain(text) + "x") if token.type == "inline"]
    assert {child.type for child in inline.children or []} <= {"text", "text_special"}
    assert "".join(child.content for child in inline.children or []) == f"x{' '.join(text.split())}x"


def test_formulas_and_code_survive() -> None:
    assert plain("so $a_1 * b$ and `x_y`, x_max") == r"so $a_1 * b$ and `x_y`, x\_max"


def test_indices_and_exponents_are_set_low_and_high() -> None:
    assert plain("‖Q‖_F² ≤ x^{-2} r^loc") == "‖Q‖{sub}`F`² ≤ x{sup}`-2` r{sup}`loc`"
    assert plain("x_1 = a_{k-1}") == "x{sub}`1` = a{sub}`k-1`"
