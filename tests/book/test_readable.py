import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duality.book.readable import readable


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("s <= 4/(3L+mu)", "s ≤ 4/(3L+μ)"),
        ("25/128 + sqrt(641)/128", "25/128 + √641/128"),
        ("sqrt(mu*s)", "√(μ·s)"),
        ("z_+**3 - z_-**2", "z₊³ − z₋²"),
        ("(-lambda*s + 1)**(k - 1)", "(−λ·s + 1)ᵏ⁻¹"),
        ("x**(2*k)", "x^(2·k)"),
        ("Abs(r - Abs(x_0)) <= E", "|r − |x₀|| ≤ E"),
        ("Eq(a*(b, c), Max(0, d))", "a·(b, c) = Max(0, d)"),
        ("(y >= 2) | (Abs(x - 1) < 1)", "(y ≥ 2) or (|x − 1| < 1)"),
        ("-s*Q1*x1 + 4.0e-10", "−s·Q1·x1 + 4.0e-10"),
        (r"at k = 3, \|x_0-x^*\|_2 = 1, nu = 2: left side 27", "at k = 3, ν = 2: left side 27"),
        (r"\|x_0-x^*\|_2 = 2, \|Q_1-Q_2\|_2 = 9999", "‖x₀−x*‖₂ = 2, ‖Q₁−Q₂‖₂ = 9999"),
        ("-lambda*x_star + x_star*s", "−λ·x* + x*·s"),
        ("1033 evaluations, seed 0, multi-start", "1033 evaluations, seed 0, multi-start"),
    ],
)
def test_machine_output_reads_as_mathematics(written: str, printed: str) -> None:
    assert readable(written) == printed


@given(st.text(alphabet="Abs(Eq,)x_1*- <=sqrt"))
def test_anything_is_accepted(text: str) -> None:
    assert not {"<=", "Abs(", "**"} & set(re.findall(r"<=|Abs\(|\*\*", readable(text)))
