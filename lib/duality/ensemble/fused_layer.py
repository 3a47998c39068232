"""The algorithm layer on one eigenvalue, compiled: GD in closed form, NAG by its differentiated recursion."""

from __future__ import annotations

from typing import Any

import numpy as np

from duality.ensemble.compiled import compiled
from duality.ensemble.simd import power_of_two, root, splat, truncated, where_less

f = np.float32


@compiled
def without_dust(x: Any) -> Any:
    """x with what lies between ±1e-18 swept to 0.

    Products of such numbers leave the range of normal floating-point numbers, where processors are a hundred times
    slower. A unit that no sample excites would get there: its moments halve forever and never arrive at zero.
    """
    zero, tiny = splat(f(0.0)), splat(f(1e-18))
    return where_less(x, tiny, where_less(zero - tiny, x, zero, x), x)


@compiled
def exponential(x: Any) -> Any:
    """exp in each lane, to about 2e-7 relative; arguments are cut off at ±40."""
    x = where_less(x, splat(f(-40.0)), splat(f(-40.0)), where_less(splat(f(40.0)), x, splat(f(40.0)), x))
    half = where_less(x, splat(f(0.0)), splat(f(-0.5)), splat(f(0.5)))
    n = truncated(x * splat(f(1.4426950408889634)) + half)
    r = x - n * splat(f(0.693145751953125)) - n * splat(f(1.4286068203094172e-06))  # ln 2 in two parts
    p = splat(f(1 / 5040))
    for c in (f(1 / 720), f(1 / 120), f(1 / 24), f(1 / 6), f(1 / 2), f(1.0), f(1.0)):
        p = p * r + splat(c)
    return p * power_of_two(n)


@compiled
def power(h: Any, exponent: Any, bits: int) -> Any:
    """h**exponent in each lane by repeated squaring; exponents are whole numbers below 2**bits."""
    two, half = splat(f(2.0)), splat(f(0.5))
    result = splat(f(1.0))
    for _ in range(bits):
        rest = truncated(exponent * half)
        result = without_dust(where_less(rest * two, exponent, result * h, result))
        h = without_dust(h * h)
        exponent = rest
    return result


@compiled
def descend(lam: Any, s: Any, k: Any, bits: int) -> Any:
    """g_k of gradient descent with its derivatives in lam and in s.

    g_1 = s does not depend on lam; Adam would make a walk of what rounding leaves of that zero.
    """
    zero, one = splat(f(0.0)), splat(f(1.0))
    h = one - s * lam
    q = power(h, k - one, bits)
    g = (one - h * q) / lam
    return g, where_less(one, k, (k * s * q - g) / lam, zero), k * q


@compiled
def accelerate(lam: Any, s: Any, beta: Any, dbeta: Any, k: Any, k_low: int, k_high: int) -> Any:
    """g_k of NAG with its derivatives in lam and in s; lanes with k below k_high stop on the way."""
    zero, one = splat(f(0.0)), splat(f(1.0))
    h = one - s * lam
    g, gl, gs = s, zero, one  # after the first step
    gp, glp, gsp = zero, zero, zero
    for j in range(1, k_high):
        move = g - gp
        y = g + beta * move
        yl = gl + beta * (gl - glp)
        ys = gs + beta * (gs - gsp) + dbeta * move
        gn, gln, gsn = y * h + s, yl * h - s * y, ys * h - lam * y + one
        if j >= k_low:
            now = splat(f(j))
            gn, gln, gsn = where_less(now, k, gn, g), where_less(now, k, gln, gl), where_less(now, k, gsn, gs)
        gp, glp, gsp = g, gl, gs
        g, gl, gs = gn, gln, gsn
    return g, gl, gs


@compiled
def layer(lam: Any, s: Any, beta: Any, dbeta: Any, k: Any, accelerated: bool, k_low: int, k_high: int) -> Any:
    """g_k with its two derivatives, of NAG or of gradient descent."""
    if accelerated:
        return accelerate(lam, s, beta, dbeta, k, k_low, k_high)
    bits = 0
    while k_high - 1 >> bits:
        bits += 1
    return descend(lam, s, k, bits)


@compiled
def momentum(s: Any, mu: float) -> Any:
    """NAG's momentum and its derivative in the step size."""
    one = splat(f(1.0))
    u = root(s * splat(f(mu)))
    beta = (one - u) / (one + u)
    return beta, (splat(f(0.0)) - u) / (s * (one + u) * (one + u))
