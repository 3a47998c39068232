r"""The training step of sixteen models at once, compiled: forward, backward and optimizer in one pass.

The lanes are models that train on the same samples in the same order and use the same algorithm. They differ in
everything else: number of steps k, optimizer, rate, start. Five samples at a time go through the network. On an
eigenvalue $\lambda$ the algorithm layer is the number $g_k(\lambda)$ with $x_k = -g_k(Q)\,b$.

Arrays of lanes are flat and of single precision; entry `i` of the network of lane `l` lies at `16 * i + l`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from duality.ensemble.compiled import compiled
from duality.ensemble.fused_layer import exponential, layer, momentum, without_dust
from duality.ensemble.fused_tiles import TILE, add_product, fill, from_inputs, to_inputs, to_units
from duality.ensemble.models import BETA1, BETA2, EPSILON
from duality.ensemble.shuffle import shuffle
from duality.ensemble.simd import LANES, load, root, splat, store, where_less

LEARNED = 3  # eigenvalues that the network writes; two more are fixed
MEASURES = 5

f = np.float32


@compiled
def forward(P: Any, width: int, Z: Any, r: Any, units: Any, logits: Any) -> None:
    """Logits of five samples, and the hidden units on the way (none for width 0)."""
    inputs = Z.shape[1]
    none = splat(f(-np.inf))
    if width == 0:
        from_inputs(P, 0, inputs, LEARNED, Z, r, none, logits)
    else:
        from_inputs(P, 0, inputs, width, Z, r, splat(f(0.0)), units)
        second = LANES * width * (inputs + 1)
        fill(P, second + LANES * LEARNED * width, LEARNED, logits)
        add_product(P, second, width, LEARNED, units, 0, logits, 0)


@compiled
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


@compiled
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


@compiled
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


@compiled
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


@compiled
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
