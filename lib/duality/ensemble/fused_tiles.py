"""Products with a weight matrix for sixteen models and five samples at once, and their gradients, compiled.

Five samples share one reading of the weights. `units`, `slopes` and results hold one number for each lane and each of
the five samples; entry `i` of sample `b` in lane `l` lies at `80 * i + 16 * b + l`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from duality.ensemble.compiled import compiled
from duality.ensemble.simd import LANES, load, splat, store, where_less

f = np.float32
TILE = 5  # samples that share one reading of the weights


@compiled
def from_inputs(P: Any, at: int, inputs: int, outputs: int, Z: Any, r: Any, floor: Any, out: Any) -> None:
    """out = max(W z + c, floor) for the five rows `r` of the samples Z."""
    r0, r1, r2, r3, r4 = r
    for j in range(outputs):
        a0 = a1 = a2 = a3 = a4 = load(P, at + LANES * (outputs * inputs + j))
        for i in range(inputs):
            w = load(P, at + LANES * (j * inputs + i))
            a0 = a0 + w * splat(Z[r0, i])
            a1 = a1 + w * splat(Z[r1, i])
            a2 = a2 + w * splat(Z[r2, i])
            a3 = a3 + w * splat(Z[r3, i])
            a4 = a4 + w * splat(Z[r4, i])
        to = LANES * TILE * j
        store(out, to, where_less(a0, floor, floor, a0))
        store(out, to + LANES, where_less(a1, floor, floor, a1))
        store(out, to + 2 * LANES, where_less(a2, floor, floor, a2))
        store(out, to + 3 * LANES, where_less(a3, floor, floor, a3))
        store(out, to + 4 * LANES, where_less(a4, floor, floor, a4))


@compiled
def fill(P: Any, at: int, count: int, out: Any) -> None:
    """Write each of `count` numbers per model, found in P from `at` on, for all five samples."""
    for j in range(count):
        value = load(P, at + LANES * j)
        for b in range(TILE):
            store(out, LANES * (TILE * j + b), value)


@compiled
def add_product(P: Any, at: int, inputs: int, outputs: int, units: Any, start: int, out: Any, to: int) -> None:
    """Add W h for five samples to what lies in `out` from `to` on; h lies in `units` from `start` on."""
    for j in range(outputs):
        here = to + LANES * TILE * j
        a0, a1, a2 = load(out, here), load(out, here + LANES), load(out, here + 2 * LANES)
        a3, a4 = load(out, here + 3 * LANES), load(out, here + 4 * LANES)
        for i in range(inputs):
            w, h = load(P, at + LANES * (j * inputs + i)), start + LANES * TILE * i
            a0 = a0 + w * load(units, h)
            a1 = a1 + w * load(units, h + LANES)
            a2 = a2 + w * load(units, h + 2 * LANES)
            a3 = a3 + w * load(units, h + 3 * LANES)
            a4 = a4 + w * load(units, h + 4 * LANES)
        store(out, here, a0)
        store(out, here + LANES, a1)
        store(out, here + 2 * LANES, a2)
        store(out, here + 3 * LANES, a3)
        store(out, here + 4 * LANES, a4)


@compiled
def to_inputs(G: Any, at: int, inputs: int, outputs: int, Z: Any, r: Any, slopes: Any) -> None:
    """Add what five samples contribute to the gradient of the layer that reads Z."""
    r0, r1, r2, r3, r4 = r
    for j in range(outputs):
        d = LANES * TILE * j
        d0, d1, d2 = load(slopes, d), load(slopes, d + LANES), load(slopes, d + 2 * LANES)
        d3, d4 = load(slopes, d + 3 * LANES), load(slopes, d + 4 * LANES)
        for i in range(inputs):
            to = at + LANES * (j * inputs + i)
            first = load(G, to) + d0 * splat(Z[r0, i]) + d1 * splat(Z[r1, i]) + d2 * splat(Z[r2, i])
            store(G, to, first + d3 * splat(Z[r3, i]) + d4 * splat(Z[r4, i]))
        to = at + LANES * (outputs * inputs + j)
        store(G, to, load(G, to) + d0 + d1 + d2 + d3 + d4)


@compiled
def to_units(P: Any, G: Any, at: int, inputs: int, outputs: int, units: Any, slopes: Any, back: Any) -> None:
    """The same for the layer that reads hidden units; `back` becomes the slopes before the rectifier."""
    zero = splat(f(0.0))
    for i in range(inputs):
        for b in range(TILE):
            here = LANES * (TILE * i + b)
            total = zero
            for j in range(outputs):
                total = total + load(P, at + LANES * (j * inputs + i)) * load(slopes, LANES * (TILE * j + b))
            store(back, here, where_less(zero, load(units, here), total, zero))
        for j in range(outputs):
            to = at + LANES * (j * inputs + i)
            total = load(G, to)
            for b in range(TILE):
                total = total + load(slopes, LANES * (TILE * j + b)) * load(units, LANES * (TILE * i + b))
            store(G, to, total)
    for j in range(outputs):
        to = at + LANES * (outputs * inputs + j)
        total = load(G, to)
        for b in range(TILE):
            total = total + load(slopes, LANES * (TILE * j + b))
        store(G, to, total)
