"""Sixteen single-precision numbers that move together: the lanes of the fused training kernel.

Compiled code sees a `Lanes` value as one vector register (or several, on processors with narrower ones). Every
operation acts on each lane by itself, so a result does not depend on the width of the hardware.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import float32, types
from numba.core import cgutils
from numba.core.extending import intrinsic, lower_builtin, models, register_model, type_callable

LANES = 16
REAL = ir.VectorType(ir.FloatType(), LANES)
WHOLE = ir.VectorType(ir.IntType(32), LANES)
CONTRACT = ("contract",)  # a product and the sum after it may be rounded once


class LanesType(types.Type):
    """The compiler's name for sixteen lanes."""

    def __init__(self) -> None:
        super().__init__(name="Lanes")


Lanes = LanesType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, REAL)


def _binary(symbol: Callable[..., Any], build: Callable[..., ir.Value]) -> None:
    """Give the Python operator `symbol` a meaning for two Lanes."""

    @type_callable(symbol)
    def typer(context: Any) -> Any:
        def typed(a: Any, b: Any) -> Any:
            return Lanes if a is Lanes and b is Lanes else None

        return typed

    @lower_builtin(symbol, Lanes, Lanes)
    def lower(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        return build(builder, *arguments)


_binary(operator.add, lambda builder, a, b: builder.fadd(a, b, flags=CONTRACT))
_binary(operator.sub, lambda builder, a, b: builder.fsub(a, b, flags=CONTRACT))
_binary(operator.mul, lambda builder, a, b: builder.fmul(a, b, flags=CONTRACT))
_binary(operator.truediv, lambda builder, a, b: builder.fdiv(a, b))


def _place(context: Any, builder: ir.IRBuilder, array_type: Any, array: ir.Value, index: ir.Value) -> ir.Value:
    data = cgutils.create_struct_proxy(types.Array(float32, 1, "C"))(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), REAL.as_pointer())


@intrinsic
def load(typing: Any, array: Any, index: Any) -> Any:
    """The sixteen numbers of a flat float32 array from `index` on."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        return builder.load(_place(context, builder, array, *arguments), align=4, typ=REAL)

    return Lanes(array, types.intp), generate


@intrinsic
def store(typing: Any, array: Any, index: Any, value: Any) -> Any:
    """Write sixteen numbers to a flat float32 array from `index` on."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        target, at, written = arguments
        builder.store(written, _place(context, builder, array, target, at), align=4)
        return context.get_dummy_value()

    return types.void(array, types.intp, Lanes), generate


@intrinsic
def splat(typing: Any, number: Any) -> Any:
    """The same number in every lane."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        first = builder.insert_element(ir.Constant(REAL, ir.Undefined), arguments[0], ir.Constant(ir.IntType(32), 0))
        return builder.shuffle_vector(first, ir.Constant(REAL, ir.Undefined), ir.Constant(WHOLE, [0] * LANES))

    return Lanes(float32), generate


@intrinsic
def where_less(typing: Any, a: Any, b: Any, then: Any, otherwise: Any) -> Any:
    """`then` in the lanes with a < b, `otherwise` in the others."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        left, right, yes, no = arguments
        return builder.select(builder.fcmp_ordered("<", left, right), yes, no)

    return Lanes(Lanes, Lanes, Lanes, Lanes), generate


@intrinsic
def root(typing: Any, x: Any) -> Any:
    """The square root in each lane."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        kind = ir.FunctionType(REAL, [REAL])
        function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.sqrt.v{LANES}f32")
        return builder.call(function, arguments)

    return Lanes(Lanes), generate


@intrinsic
def power_of_two(typing: Any, x: Any) -> Any:
    """2**n in each lane, n being x without its fraction (towards zero); x must lie between -126 and 127."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        exponent = builder.add(builder.fptosi(arguments[0], WHOLE), ir.Constant(WHOLE, [127] * LANES))
        return builder.bitcast(builder.shl(exponent, ir.Constant(WHOLE, [23] * LANES)), REAL)

    return Lanes(Lanes), generate


@intrinsic
def truncated(typing: Any, x: Any) -> Any:
    """x without its fraction (towards zero)."""

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> ir.Value:
        return builder.sitofp(builder.fptosi(arguments[0], WHOLE), REAL)

    return Lanes(Lanes), generate
