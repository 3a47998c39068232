"""Parameters of a chapter: declared in one cell, checked by name, type and range before anything runs."""

from __future__ import annotations

import ast
import importlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from duality.book.errors import BuildError, InputError, choose
from duality.book.figures import PROFILES

Value = bool | int | float | str
TYPES: dict[str, type[Value]] = {"bool": bool, "int": int, "float": float, "str": str}


@dataclass(frozen=True)
class Parameter:
    """One annotated assignment `name: type = default` of the parameter cell."""

    name: str
    type: str
    default: Value


def declared(cell: str, where: str) -> tuple[Parameter, ...]:
    """Read the parameter cell. Raises `BuildError` unless every line is `name: type = literal`."""
    found = []
    for node in ast.parse(cell).body:
        match node:
            case ast.AnnAssign(ast.Name(id=name), ast.Name(id=kind), ast.expr() as value):
                found.append(Parameter(name, kind, _literal(value, kind, f"{where}: parameter '{name}'")))
            case _:
                line = cell.splitlines()[node.lineno - 1].strip()
                raise BuildError(f"{where}: '{line}' in the parameter cell is not name: type = value")
    return tuple(found)


def _literal(node: ast.expr, kind: str, where: str) -> Value:
    if kind not in TYPES:
        raise BuildError(f"{where} has type {kind}; allowed are {', '.join(TYPES)}")
    try:
        value = ast.literal_eval(node)
    except ValueError:
        raise BuildError(f"{where} has a default that is not a literal") from None
    expected = TYPES[kind]
    if type(value) is not expected:
        raise BuildError(f"{where} is declared {kind} but its default is {value!r}")
    return expected(value)


def parse(parameter: Parameter, text: str) -> Value:
    """The value that `text` stands for. Raises `InputError` when it is not of the declared type."""
    try:
        match parameter.type:
            case "bool":
                return {"true": True, "false": False}[text.lower()]
            case "int":
                return int(text)
            case "float":
                number = float(text)
                if not math.isfinite(number):
                    raise ValueError
                return number
            case _:
                return text
    except (ValueError, KeyError):
        allowed = {"bool": "true or false", "int": "a whole number", "float": "a finite number"}
        wanted = allowed[parameter.type]
        raise InputError(
            f"parameter '{parameter.name}' must be {wanted} (default {parameter.default}), not '{text}'"
        ) from None


def merge(parameters: Iterable[Parameter], given: Mapping[str, str]) -> dict[str, Value]:
    """Defaults overridden by `given`, name to text. Raises `InputError` on an unknown name or a bad value."""
    by_name = {parameter.name: parameter for parameter in parameters}
    values = {name: parameter.default for name, parameter in by_name.items()}
    for name, text in given.items():
        parameter = by_name[choose("parameter", name, by_name)]
        values[name] = parse(parameter, text)
    if "profile" in values:
        choose("profile", str(values["profile"]), PROFILES)
    return values


def check(values: Mapping[str, Any], checker: str | None, where: str) -> None:
    """Call the chapter's own checker, `module:function`, with the merged values as keywords.

    Raises `InputError` with the first line of what the checker objects to, `BuildError` when there is no such
    checker.
    """
    if checker is None:
        return
    module, _, function = checker.partition(":")
    try:
        judge = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise BuildError(f"{where}: the parameter check '{checker}' cannot be loaded ({error})") from None
    try:
        judge(**values)
    except ValueError as error:
        raise InputError(str(error).splitlines()[0]) from None
