"""Compiled training steps where the energies are given and the algorithm is learned: a step size, or a recurrent cell.

Lanes, tiles and layouts are those of `fused`. The cell has no biases; its activations of all k steps are kept for the
way back, a few hundred kilobytes for sixteen models and five samples.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from duality.ensemble.compiled import compiled
from duality.ensemble.fused import update
from duality.ensemble.fused_layer import f, layer, momentum, without_dust
from duality.ensemble.fused_tiles import TILE, add_product
from duality.ensemble.shuffle import shuffle
from duality.ensemble.simd import LANES, load, root, splat, store, where_less

VECTOR = LANES * TILE  # one number for sixteen models and five samples


@compiled
def product(P: Any, at: int, inputs: int, outputs: int, units: Any, start: int, out: Any, to: int) -> None:
    """out = W h for five samples; h lies in `units` from `start` on, the result goes to `out` from `to` on."""
    for p in range(to, to + VECTOR * outputs, LANES):
        store(out, p, splat(f(0.0)))
    add_product(P, at, inputs, outputs, units, start, out, to)


@compiled
def backward(
    P: Any, G: Any, at: int, inputs: int, outputs: int, units: Any, start: int, slopes: Any, back: Any
) -> None:
    """Add the gradient of W to G and write the slopes of the inputs, W^T slopes, to `back`."""
    for i in range(inputs):
        h = start + VECTOR * i
        h0, h1, h2 = load(units, h), load(units, h + LANES), load(units, h + 2 * LANES)
        h3, h4 = load(units, h + 3 * LANES), load(units, h + 4 * LANES)
        a0 = a1 = a2 = a3 = a4 = splat(f(0.0))
        for j in range(outputs):
            to, d = at + LANES * (j * inputs + i), VECTOR * j
            d0, d1, d2 = load(slopes, d), load(slopes, d + LANES), load(slopes, d + 2 * LANES)
            d3, d4 = load(slopes, d + 3 * LANES), load(slopes, d + 4 * LANES)
            w = load(P, to)
            store(G, to, load(G, to) + d0 * h0 + d1 * h1 + d2 * h2 + d3 * h3 + d4 * h4)
            a0, a1, a2, a3, a4 = a0 + w * d0, a1 + w * d1, a2 + w * d2, a3 + w * d3, a4 + w * d4
        here = VECTOR * i
        store(back, here, a0)
        store(back, here + LANES, a1)
        store(back, here + 2 * LANES, a2)
        store(back, here + 3 * LANES, a3)
        store(back, here + 4 * LANES, a4)


@compiled
def rectify(units: Any, start: int, count: int) -> None:
    """max(h, 0) in place."""
    zero = splat(f(0.0))
    for p in range(start, start + VECTOR * count, LANES):
        h = load(units, p)
        store(units, p, where_less(h, zero, zero, h))


@compiled
def switched_off(units: Any, start: int, count: int, slopes: Any) -> None:
    """Slopes before the rectifier, in place: 0 where the unit is 0."""
    zero = splat(f(0.0))
    for p in range(0, VECTOR * count, LANES):
        store(slopes, p, where_less(zero, load(units, start + p), without_dust(load(slopes, p)), zero))


@compiled
def unroll(P: Any, width: int, Q: Any, b: Any, rows: Any, k: Any, k_high: int, cells: Any, y: Any) -> None:
    """y = the k-th iterate of five samples; the inputs and hidden units of every cell are kept in `cells`."""
    d = b.shape[1]
    each, wide = VECTOR * (2 * d + 3 * width), VECTOR * width
    W2 = LANES * 2 * d * width
    W3, V = W2 + LANES * width * width, W2 + 2 * LANES * width * width
    for p in range(0, VECTOR * d, LANES):
        store(y, p, splat(f(0.0)))
    for t in range(k_high):
        first = t * each
        for i in range(d):
            for s in range(TILE):
                n, total = rows[s], splat(b[rows[s], i])
                for j in range(d):
                    total = total + splat(Q[n, i, j]) * load(y, VECTOR * j + LANES * s)
                store(cells, first + VECTOR * i + LANES * s, load(y, VECTOR * i + LANES * s))
                store(cells, first + VECTOR * (d + i) + LANES * s, total)
        h1 = first + VECTOR * 2 * d
        product(P, 0, 2 * d, width, cells, first, cells, h1)
        rectify(cells, h1, width)
        product(P, W2, width, width, cells, h1, cells, h1 + wide)
        rectify(cells, h1 + wide, width)
        product(P, W3, width, width, cells, h1 + wide, cells, h1 + 2 * wide)
        rectify(cells, h1 + 2 * wide, width)
        product(P, V, width, d, cells, h1 + 2 * wide, y, 0)
        now = splat(f(t))
        for p in range(0, VECTOR * d, LANES):
            store(y, p, where_less(now, k, load(y, p), load(cells, first + p)))


@compiled
def reverse(
    P: Any, G: Any, width: int, Q: Any, rows: Any, k: Any, k_high: int, cells: Any, y: Any, one: Any, two: Any
) -> None:  # noqa: E501
    """Add the gradient to G, from the slopes of the last iterate in `y`, back through all cells."""
    d = Q.shape[1]
    each, wide = VECTOR * (2 * d + 3 * width), VECTOR * width
    W2 = LANES * 2 * d * width
    W3, V = W2 + LANES * width * width, W2 + 2 * LANES * width * width
    zero = splat(f(0.0))
    for t in range(k_high - 1, -1, -1):
        first, now = t * each, splat(f(t))
        h1 = first + VECTOR * 2 * d
        for p in range(0, VECTOR * d, LANES):  # lanes that had stopped hand their slopes on as they are
            slope = load(y, p)
            store(one, p, where_less(now, k, slope, zero))
            store(y, p, where_less(now, k, zero, slope))
        backward(P, G, V, width, d, cells, h1 + 2 * wide, one, two)
        switched_off(cells, h1 + 2 * wide, width, two)
        backward(P, G, W3, width, width, cells, h1 + wide, two, one)
        switched_off(cells, h1 + wide, width, one)
        backward(P, G, W2, width, width, cells, h1, one, two)
        switched_off(cells, h1, width, two)
        backward(P, G, 0, 2 * d, width, cells, first, two, one)
        for s in range(TILE):
            n = rows[s]
            for i in range(d):
                total = load(y, VECTOR * i + LANES * s) + load(one, VECTOR * i + LANES * s)
                for j in range(d):
                    total = total + splat(Q[n, j, i]) * load(one, VECTOR * (d + j) + LANES * s)
                store(two, VECTOR * i + LANES * s, total)
        for p in range(0, VECTOR * d, LANES):
            store(y, p, load(two, p))


@compiled
def distance(target: Any, rows: Any, y: Any, sample: int) -> Any:
    """How far the iterate of one sample is from its minimizer, in each lane."""
    total = splat(f(0.0))
    for i in range(target.shape[1]):
        error = load(y, VECTOR * i + LANES * sample) - splat(target[rows[sample], i])
        total = total + error * error
    return root(total)


@compiled
def train_recurrent(
    P, first, second, corrections, done, steps, width, Q, b, target, batch, seed, ks, adam, rate, decay, low, high
):  # type: ignore[no-untyped-def] # noqa: E501
    """Advance sixteen recurrent models by `steps` optimizer steps, the first of which has the number `done`.

    Q is (n, d, d), b and target (n, d): the energies and their minimizers. The rest is as in `fused.train`.
    """
    n, d = b.shape
    per_epoch, k, k_high = n // batch, load(ks, 0), int(ks.max())
    G, order = np.zeros_like(P), np.zeros(n, np.int64)
    cells = np.zeros(VECTOR * (2 * d + 3 * width) * k_high, np.float32)
    y = np.zeros(VECTOR * d, np.float32)
    one, two = np.zeros(VECTOR * max(width, 2 * d), np.float32), np.zeros(VECTOR * max(width, 2 * d), np.float32)
    share, tiny = splat(f(1 / batch)), splat(f(1e-30))
    for step in range(done, done + steps):
        within = step % per_epoch
        if within == 0 or step == done:
            shuffle(order, seed, step // per_epoch)
        for p in range(0, len(P), LANES):
            store(G, p, splat(f(0.0)))
        for start in range(within * batch, (within + 1) * batch, TILE):
            rows = order[start : start + TILE]
            unroll(P, width, Q, b, rows, k, k_high, cells, y)
            for s in range(TILE):
                scale = share / (distance(target, rows, y, s) + tiny)
                for i in range(d):
                    here = VECTOR * i + LANES * s
                    store(y, here, (load(y, here) - splat(target[rows[s], i])) * scale)
            reverse(P, G, width, Q, rows, k, k_high, cells, y, one, two)
        update(
            P, G, first, second, corrections, load(adam, 0), load(rate, 0), decay, load(low, 0), load(high, 0), False
        )


@compiled
def measure_recurrent(P, width, Q, b, target, ks, sums):  # type: ignore[no-untyped-def]
    """Add up the loss and its square over all samples, for each lane, into `sums` of shape (2, 16)."""
    n, d = b.shape
    k, k_high = load(ks, 0), int(ks.max())
    cells = np.zeros(VECTOR * (2 * d + 3 * width) * k_high, np.float32)
    y, loss = np.zeros(VECTOR * d, np.float32), np.zeros(LANES, np.float32)
    for start in range(0, n, TILE):
        rows = np.arange(start, start + TILE)
        unroll(P, width, Q, b, rows, k, k_high, cells, y)
        for s in range(TILE):
            store(loss, 0, distance(target, rows, y, s))
            for lane in range(LANES):
                sums[0, lane] += loss[lane]
                sums[1, lane] += np.float64(loss[lane]) ** 2


@compiled
def remaining(
    s: Any, beta: Any, dbeta: Any, lam: Any, weight: Any, n: int, k: Any, accelerated: bool, k_low: int, k_high: int
) -> Any:  # noqa: E501
    """The loss of sample n after k steps of GD or NAG, and half the derivative of its square in the step size."""
    square, slope = splat(f(0.0)), splat(f(0.0))
    for i in range(lam.shape[1]):
        g, _, gs = layer(splat(lam[n, i]), s, beta, dbeta, k, accelerated, k_low, k_high)
        error = g - splat(f(1.0) / lam[n, i])
        square = square + splat(weight[n, i]) * error * error
        slope = slope + splat(weight[n, i]) * error * gs
    return root(square), slope


@compiled
def train_step(
    P, first, second, corrections, done, steps, lam, weight, batch, seed, ks, accelerated, mu, adam, rate, low, high
):  # type: ignore[no-untyped-def] # noqa: E501
    """The same for models whose only parameter is the step size of GD or NAG.

    lam and weight are (n, d): the eigenvalues, and the squares of b in the eigenvectors.
    """
    n = len(lam)
    per_epoch, k, k_low, k_high = n // batch, load(ks, 0), int(ks.min()), int(ks.max())
    G, order, tiny, share = np.zeros_like(P), np.zeros(n, np.int64), splat(f(1e-30)), splat(f(1 / batch))
    for step in range(done, done + steps):
        within = step % per_epoch
        if within == 0 or step == done:
            shuffle(order, seed, step // per_epoch)
        s, total = load(P, 0), splat(f(0.0))
        beta, dbeta = momentum(s, mu)
        for at in range(within * batch, (within + 1) * batch):
            loss, slope = remaining(s, beta, dbeta, lam, weight, order[at], k, accelerated, k_low, k_high)
            total = total + slope / (loss + tiny)
        store(G, 0, total * share)
        update(P, G, first, second, corrections, load(adam, 0), load(rate, 0), 0.0, load(low, 0), load(high, 0), True)


@compiled
def measure_step(P, lam, weight, ks, accelerated, mu, sums):  # type: ignore[no-untyped-def]
    """Add up the loss and its square over all samples, for each lane, into `sums` of shape (2, 16)."""
    k, k_low, k_high, loss = load(ks, 0), int(ks.min()), int(ks.max()), np.zeros(LANES, np.float32)
    s = load(P, 0)
    beta, dbeta = momentum(s, mu)
    for n in range(len(lam)):
        store(loss, 0, remaining(s, beta, dbeta, lam, weight, n, k, accelerated, k_low, k_high)[0])
        for lane in range(LANES):
            sums[0, lane] += loss[lane]
            sums[1, lane] += np.float64(loss[lane]) ** 2
