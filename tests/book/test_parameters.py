import pytest

from duality.book.errors import BuildError, InputError
from duality.book.parameters import Parameter, check, declared, merge, parse

CELL = """\
mu: float = 0.1  # smallest eigenvalue
k_max: int = 30
shift: float = -1.5
accelerate: bool = True
profile: str = "quick"
"""
PARAMETERS = declared(CELL, "chapter")


def refuse_large(**values: float) -> None:
    if values["mu"] > 1:
        raise ValueError("mu must not exceed 1\nmore")


def test_declared_reads_names_types_and_defaults() -> None:
    assert [(p.name, p.type, p.default) for p in PARAMETERS] == [
        ("mu", "float", 0.1), ("k_max", "int", 30), ("shift", "float", -1.5),
        ("accelerate", "bool", True), ("profile", "str", "quick"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "cell",
    ["mu = 1.0", "import numpy", "mu: float = 1", "k: int = True", "k: int = f()", "q: list = []", "k: int"],
)
def test_declared_refuses_other_cells(cell: str) -> None:
    with pytest.raises(BuildError, match="chapter"):
        declared(cell, "chapter")


def test_merge_overrides_and_keeps_defaults() -> None:
    assert merge(PARAMETERS, {"mu": "1e-3", "k_max": "5", "accelerate": "false"}) == {
        "mu": 1e-3, "k_max": 5, "shift": -1.5, "accelerate": False, "profile": "quick",
    }  # fmt: skip


def test_unknown_name_lists_the_closest_first() -> None:
    with pytest.raises(InputError, match=r"unknown parameter 'kmax'; there is: k_max, "):
        merge(PARAMETERS, {"kmax": "3"})


def test_unknown_profile_is_refused() -> None:
    with pytest.raises(InputError, match=r"unknown profile 'ful'; there is: full, quick"):
        merge(PARAMETERS, {"profile": "ful"})


@pytest.mark.parametrize(
    ("name", "text"),
    [("k_max", "3.5"), ("k_max", "many"), ("mu", "small"), ("mu", "nan"), ("mu", "inf"), ("accelerate", "2")],
)
def test_values_of_the_wrong_type_are_refused(name: str, text: str) -> None:
    with pytest.raises(InputError, match=rf"^parameter '{name}' must be .* not '{text}'$"):
        merge(PARAMETERS, {name: text})


def test_text_is_taken_as_it_is() -> None:
    assert parse(Parameter("name", "str", "x"), "0.5") == "0.5"


def test_checker_speaks_in_one_line() -> None:
    check({"mu": 0.5}, f"{__name__}:refuse_large", "chapter")
    with pytest.raises(InputError, match=r"^mu must not exceed 1$"):
        check({"mu": 2.0}, f"{__name__}:refuse_large", "chapter")


@pytest.mark.parametrize("checker", ["no_such_module:f", "duality.book.errors:no_such_function", "duality"])
def test_missing_checker_is_named(checker: str) -> None:
    with pytest.raises(BuildError, match=checker):
        check({}, checker, "chapter")
