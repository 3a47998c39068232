r"""The training step of sixteen models at once, compiled: forward, backward and optimizer in one pass.

The lanes are models that train on the same samples in the same order and use the same algorithm. They differ in
everything else: number of steps k, optimizer, rate, start. Five samples at a time go through the network, so that
a weight is read once for five of them. On an eigenvalue $\lambda$ the algorithm layer is the number $g_k(\lambda)$ with
$x_k = -g_k(Q)\,b$; its derivatives in $\lambda$ and in the step size come from a closed form for gradient descent and
from the differentiated recursion for NAG.

Arrays of lanes are flat and of single precision; entry `i` of the network of lane `l` lies at `16 * i + l`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from duality.ensemble.shuffle import shuffle
from duality.ensemble.simd import (
    LANES,
    load,
    power_of_two,
    root,
    splat,
    store,
    truncated,
    where_less,
)

TILE = 5  # samples that share one reading of the weights
LEARNED, ENDS = 3, 2  # eigenvalues that the network writes, and eigenvalues that are fixed
MEASURES = 5
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8  # Adam's usual constants

f = np.float32
_compiled = njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})


@_compiled
def without_dust(x: Any) -> Any:
    """x with what lies between ±1e-18 swept to 0.

    Products of such numbers leave the range of normal floating-point numbers, where processors are a hundred times
    slower. A unit that no sample excites would get there: its moments halve forever and never arrive at zero.
    """
    zero, tiny = splat(f(0.0)), splat(f(1e-18))
    return where_less(x, tiny, where_less(zero - tiny, x, zero, x), x)


@_compiled
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


@_compiled
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


@_compiled
def descend(lam: Any, s: Any, k: Any, bits: int) -> Any:
    """g_k of gradient descent with its derivatives in lam and in s.

    g_1 = s does not depend on lam; Adam would make a walk of what rounding leaves of that zero.
    """
    zero, one = splat(f(0.0)), splat(f(1.0))
    h = one - s * lam
    q = power(h, k - one, bits)
    g = (one - h * q) / lam
    return g, where_less(one, k, (k * s * q - g) / lam, zero), k * q


@_compiled
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


@_compiled
def layer(lam: Any, s: Any, beta: Any, dbeta: Any, k: Any, accelerated: bool, k_low: int, k_high: int) -> Any:
    """g_k with its two derivatives, of NAG or of gradient descent."""
    if accelerated:
        return accelerate(lam, s, beta, dbeta, k, k_low, k_high)
    bits = 0
    while k_high - 1 >> bits:
        bits += 1
    return descend(lam, s, k, bits)


@_compiled
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


@_compiled
def from_units(P: Any, at: int, inputs: int, outputs: int, units: Any, out: Any) -> None:
    """out = W h + c for the five samples whose hidden units lie in `units`."""
    for j in range(outputs):
        a0 = a1 = a2 = a3 = a4 = load(P, at + LANES * (outputs * inputs + j))
        for i in range(inputs):
            w, h = load(P, at + LANES * (j * inputs + i)), LANES * TILE * i
            a0 = a0 + w * load(units, h)
            a1 = a1 + w * load(units, h + LANES)
            a2 = a2 + w * load(units, h + 2 * LANES)
            a3 = a3 + w * load(units, h + 3 * LANES)
            a4 = a4 + w * load(units, h + 4 * LANES)
        to = LANES * TILE * j
        store(out, to, a0)
        store(out, to + LANES, a1)
        store(out, to + 2 * LANES, a2)
        store(out, to + 3 * LANES, a3)
        store(out, to + 4 * LANES, a4)


@_compiled
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


@_compiled
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


@_compiled
def forward(P: Any, width: int, Z: Any, r: Any, units: Any, logits: Any) -> None:
    """Logits of five samples, and the hidden units on the way (none for width 0)."""
    inputs = Z.shape[1]
    none = splat(f(-np.inf))
    if width == 0:
        from_inputs(P, 0, inputs, LEARNED, Z, r, none, logits)
    else:
        from_inputs(P, 0, inputs, width, Z, r, splat(f(0.0)), units)
        from_units(P, LANES * width * (inputs + 1), width, LEARNED, units, logits)


@_compiled
def shares(logits: Any, b: int, softmax: bool) -> Any:
    """The three numbers in [0, 1] that place the eigenvalues of sample b between mu and L."""
    one = splat(f(1.0))
    x = load(logits, LANES * b)
    y = load(logits, LANES * (TILE + b))
    z = load(logits, LANES * (2 * TILE + b))
    if softmax:
        top = where_less(x, y, y, x)
        top = where_less(top, z, z, top)
        x, y, z = exponential(x - top), exponential(y - top), exponential(z - top)
        total = x + y + z
        return x / total, y / total, z / total
    zero = splat(f(0.0))
    return (
        one / (one + exponential(zero - x)),
        one / (one + exponential(zero - y)),
        one / (one + exponential(zero - z)),
    )


@_compiled
def momentum(s: Any, mu: float) -> Any:
    """NAG's momentum and its derivative in the step size."""
    one = splat(f(1.0))
    u = root(s * splat(f(mu)))
    beta = (one - u) / (one + u)
    return beta, (splat(f(0.0)) - u) / (s * (one + u) * (one + u))


@_compiled
def gradient(P, G, width, Z, weight, target, rows, k, accelerated, k_low, k_high, mu, L, softmax, units, logits, back):  # type: ignore[no-untyped-def] # noqa: E501
    """Write the gradient of the mean loss over the samples `rows` into G; returns that mean in each lane."""
    inputs, zero, size = Z.shape[1], splat(f(0.0)), len(P)
    last = size - LANES
    s, low, span = load(P, last), splat(f(mu)), splat(f(L - mu))
    beta, dbeta = momentum(s, mu)
    at_mu, _, at_mu_s = layer(low, s, beta, dbeta, k, accelerated, k_low, k_high)
    at_L, _, at_L_s = layer(splat(f(L)), s, beta, dbeta, k, accelerated, k_low, k_high)
    error_mu, error_L = at_mu - splat(f(1 / mu)), at_L - splat(f(1 / L))
    for p in range(0, size, LANES):
        store(G, p, zero)
    total, total_s, tiny = zero, zero, splat(f(1e-30))
    for start in range(0, len(rows), TILE):
        r = rows[start], rows[start + 1], rows[start + 2], rows[start + 3], rows[start + 4]
        forward(P, width, Z, r, units, logits)
        for b in range(TILE):
            n = rows[start + b]
            p0, p1, p2 = shares(logits, b, softmax)
            g0, l0, s0 = layer(low + span * p0, s, beta, dbeta, k, accelerated, k_low, k_high)
            g1, l1, s1 = layer(low + span * p1, s, beta, dbeta, k, accelerated, k_low, k_high)
            g2, l2, s2 = layer(low + span * p2, s, beta, dbeta, k, accelerated, k_low, k_high)
            e0, e1, e2 = g0 - splat(target[n, 0]), g1 - splat(target[n, 1]), g2 - splat(target[n, 2])
            c0, c1, c2 = splat(weight[n, 0]) * e0, splat(weight[n, 1]) * e1, splat(weight[n, 2]) * e2
            c3, c4 = splat(weight[n, 3]) * error_mu, splat(weight[n, 4]) * error_L
            loss = root(c0 * e0 + c1 * e1 + c2 * e2 + c3 * error_mu + c4 * error_L)
            total = total + loss
            inverse = splat(f(1.0)) / (loss + tiny)
            total_s = total_s + (c0 * s0 + c1 * s1 + c2 * s2 + c3 * at_mu_s + c4 * at_L_s) * inverse
            d0, d1, d2 = c0 * l0 * inverse * span, c1 * l1 * inverse * span, c2 * l2 * inverse * span
            if softmax:
                mean = p0 * d0 + p1 * d1 + p2 * d2
                d0, d1, d2 = p0 * (d0 - mean), p1 * (d1 - mean), p2 * (d2 - mean)
            else:
                d0, d1, d2 = d0 * (p0 - p0 * p0), d1 * (p1 - p1 * p1), d2 * (p2 - p2 * p2)
            store(logits, LANES * b, d0)
            store(logits, LANES * (TILE + b), d1)
            store(logits, LANES * (2 * TILE + b), d2)
        if width == 0:
            to_inputs(G, 0, inputs, LEARNED, Z, r, logits)
        else:
            to_units(P, G, LANES * width * (inputs + 1), width, LEARNED, units, logits, back)
            to_inputs(G, 0, inputs, width, Z, r, back)
    share = splat(f(1 / len(rows)))
    store(G, last, total_s)
    for p in range(0, size, LANES):
        store(G, p, load(G, p) * share)
    return total * share


@_compiled
def update(P, G, first, second, corrections, adam, rate, decay, low, high, learn_step):  # type: ignore[no-untyped-def]
    """One step of Adam or of plain gradient descent in each lane; the step size is projected to [low, high]."""
    corrections[0] *= BETA1
    corrections[1] *= BETA2
    one, zero = splat(f(1.0)), splat(f(0.0))
    b1, b2, smallest = splat(f(BETA1)), splat(f(BETA2)), splat(f(1e-36))
    scale1, scale2 = splat(f(1 / (1 - corrections[0]))), splat(f(1 / (1 - corrections[1])))
    size = len(P)
    last = size - LANES
    for p in range(0, size if learn_step else last, LANES):
        w = load(P, p)
        g = load(G, p)
        if p < last:
            g = g + splat(f(decay)) * w
        g = without_dust(g)
        m = without_dust(b1 * load(first, p) + (one - b1) * g)
        v = b2 * load(second, p) + (one - b2) * (g * g)
        v = where_less(v, smallest, zero, v)
        store(first, p, m)
        store(second, p, v)
        move = m * scale1 / (root(v * scale2) + splat(f(EPSILON)))
        w = w - rate * where_less(zero, adam, move, g)
        if p == last:
            w = where_less(w, low, low, where_less(high, w, high, w))
        store(P, p, w)


@_compiled
def train(
    P,
    first,
    second,
    corrections,
    done,
    steps,
    width,
    Z,
    weight,
    target,
    batch,
    seed,
    ks,
    accelerated,
    mu,
    L,
    softmax,
    adam,
    rate,
    decay,
    low,
    high,
    learn_step,
):  # type: ignore[no-untyped-def] # noqa: E501
    """Advance sixteen models by `steps` optimizer steps, the first of which has the number `done`.

    P, first, second are (size * 16,), the parameters with the step size last and Adam's two moments; corrections
    (2,) are the powers of Adam's two constants. Z (n, inputs), weight (n, 5), target (n, 3) are the samples. ks, adam,
    rate, low, high are (16,). All are changed in place.
    """
    n = len(Z)
    per_epoch = n // batch
    G = np.zeros_like(P)
    units, back = np.zeros(LANES * TILE * max(width, 1), np.float32), np.zeros(LANES * TILE * max(width, 1), np.float32)
    logits = np.zeros(LANES * TILE * LEARNED, np.float32)
    order = np.zeros(n, np.int64)
    k, k_low, k_high = load(ks, 0), int(ks.min()), int(ks.max())
    for step in range(done, done + steps):
        within = step % per_epoch
        if within == 0 or step == done:
            shuffle(order, seed, step // per_epoch)
        rows = order[within * batch : (within + 1) * batch]
        gradient(
            P, G, width, Z, weight, target, rows, k, accelerated, k_low, k_high, mu, L, softmax, units, logits, back
        )  # fmt: skip
        update(
            P, G, first, second, corrections, load(adam, 0), load(rate, 0), decay, load(low, 0), load(high, 0),
            learn_step,
        )  # fmt: skip


@_compiled
def measure(P, width, Z, weight, target, lam, ks, accelerated, mu, L, softmax, sums):  # type: ignore[no-untyped-def]
    """Add up five measures over all samples, for each lane, into `sums` of shape (5, 16).

    They are the loss, its square, and for the error of the eigenvalues (the error of Q_theta) the Frobenius norm,
    its square, and the spectral norm. `lam` is (n, 3): the true eigenvalues.
    """
    units = np.zeros(LANES * TILE * max(width, 1), np.float32)
    logits = np.zeros(LANES * TILE * LEARNED, np.float32)
    part = np.zeros(LANES * MEASURES, np.float32)
    k, k_low, k_high = load(ks, 0), int(ks.min()), int(ks.max())
    s, low, span = load(P, len(P) - LANES), splat(f(mu)), splat(f(L - mu))
    beta, dbeta = momentum(s, mu)
    at_mu, _, _ = layer(low, s, beta, dbeta, k, accelerated, k_low, k_high)
    at_L, _, _ = layer(splat(f(L)), s, beta, dbeta, k, accelerated, k_low, k_high)
    error_mu, error_L = at_mu - splat(f(1 / mu)), at_L - splat(f(1 / L))
    for start in range(0, len(Z), TILE):
        forward(P, width, Z, (start, start + 1, start + 2, start + 3, start + 4), units, logits)
        for b in range(TILE):
            n = start + b
            p0, p1, p2 = shares(logits, b, softmax)
            lam0, lam1, lam2 = low + span * p0, low + span * p1, low + span * p2
            e0 = layer(lam0, s, beta, dbeta, k, accelerated, k_low, k_high)[0] - splat(target[n, 0])
            e1 = layer(lam1, s, beta, dbeta, k, accelerated, k_low, k_high)[0] - splat(target[n, 1])
            e2 = layer(lam2, s, beta, dbeta, k, accelerated, k_low, k_high)[0] - splat(target[n, 2])
            square = splat(weight[n, 0]) * e0 * e0 + splat(weight[n, 1]) * e1 * e1 + splat(weight[n, 2]) * e2 * e2
            square = square + splat(weight[n, 3]) * error_mu * error_mu + splat(weight[n, 4]) * error_L * error_L
            q0, q1, q2 = lam0 - splat(lam[n, 0]), lam1 - splat(lam[n, 1]), lam2 - splat(lam[n, 2])
            q0, q1, q2 = q0 * q0, q1 * q1, q2 * q2
            largest = where_less(q0, q1, q1, q0)
            largest = where_less(largest, q2, q2, largest)
            store(part, 0, root(square))
            store(part, LANES, square)
            store(part, 2 * LANES, root(q0 + q1 + q2))
            store(part, 3 * LANES, q0 + q1 + q2)
            store(part, 4 * LANES, root(largest))
            for i in range(MEASURES):
                for lane in range(LANES):
                    sums[i, lane] += part[i * LANES + lane]
