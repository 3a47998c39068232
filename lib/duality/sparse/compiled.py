r"""The whole unrolled path of one problem after another in compiled code: least squares with l1, MCP and SCAD.

The plain version (`duality.sparse.unroll`) goes through all problems layer by layer, so every layer fetches all designs
from memory, and multiplies with all columns. Here one problem goes through all its layers while its design, 256 KiB at
n = 64 and d = 1024, stays in the cache. And most columns are not looked at. An entry that is zero stays zero as long
as $|X_j^\top r| \le n\lambda_j$ for the residual r; and $|X_j^\top r| \le |X_j^\top r_0| + \|X_j\|\,\|r - r_0\|$. So a
look at all columns at r_0 says which can move while r stays within some `margin` of r_0: only those are multiplied,
until r leaves that ball or lambda changes. What is skipped would have stayed zero, so this is exact.

Backwards only the entries that are not zero matter: the soft threshold stops the derivative of all others. The layers
of a block are computed again from its start, so that the memory is one block of one problem.

The compiler may assume that nothing is infinite. So a problem that diverges is given up while its numbers are still
finite, when a residual is longer than `FAR` where a block starts or has moved by that much within one; its estimates
from that block on, and its derivatives, are not numbers.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numba import njit
from torch import Tensor

FAR = 1e12
compiled = njit(fastmath=True, nogil=True, cache=True, error_model="numpy")


@compiled
def _dot(x, r):
    s = r[0] - r[0]  # zero, of the type of r
    for i in range(len(x)):
        s += x[i] * r[i]
    return s


@compiled
def _add(r, X, where, factors, count):
    """r += the sum of factors[c] X[where[c]] over c < count, four at a time."""
    whole = count - count % 4
    for c in range(0, whole, 4):
        f0, f1, f2, f3 = factors[c], factors[c + 1], factors[c + 2], factors[c + 3]
        x0, x1, x2, x3 = X[where[c]], X[where[c + 1]], X[where[c + 2]], X[where[c + 3]]
        for i in range(len(r)):
            r[i] += (f0 * x0[i] + f1 * x1[i]) + (f2 * x2[i] + f3 * x3[i])
    for c in range(whole, count):
        x, f = X[where[c]], factors[c]
        for i in range(len(r)):
            r[i] += f * x[i]


@compiled
def _update(beta, s, lam, count, rate, w2, w3, a, b, alpha):
    """The first `count` entries one step on: the soft threshold of beta - alpha (gradient + q'), without a branch."""
    zero = s[0] - s[0]
    inverse_b, inverse_a = 1 / b, 1 / (a - 1)
    for j in range(count):
        old, level = beta[j], lam[j]
        size = abs(old)
        q = w2 * min(size * inverse_b, level) + w3 * min(max(size - level, zero) * inverse_a, level)
        v = old - rate * s[j] + alpha * (q if old > zero else -q)
        beta[j] = max(v - alpha * level, zero) - max(-v - alpha * level, zero)


@compiled
def _movable(X, r, beta, lam, norms, margin, n, found):
    """Writes which entries can be other than zero while the residual is within `margin` of r, and returns how many."""
    count = 0
    for j in range(len(beta)):
        found[count] = j
        reach = (abs(_dot(X[j], r)) + norms[j] * margin) * X.dtype.type(1.00001)
        count += (beta[j] != 0) | (reach >= n * lam[j])
    return count


@compiled
def _block(X, y, n, beta, r, lam, norms, K, numbers, step, where, values, lengths):
    """One block of one problem: beta (d,) and r = X beta - y move on.

    `numbers` is (w2, w3, a, b, alpha), n the number of samples. Row k * step of `where` and `values` gets the entries
    of layer k that are not zero, and `lengths` how many they are. False for a problem that diverges.
    """
    d = len(beta)
    w2, w3, a, b, alpha = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
    rate = alpha / n
    found, small, level, s = np.empty(d + 1, np.int32), np.empty(d, X.dtype), np.empty(d, X.dtype), np.empty(d, X.dtype)
    centre = r.copy()
    size = _dot(r, r)
    if size > FAR**2:
        return False
    margin, count, age = X.dtype.type(0.05) * np.sqrt(size), 0, 0
    for k in range(K):
        away = r[0] - r[0]
        for i in range(len(r)):
            away += (r[i] - centre[i]) ** 2
        if away > FAR**2:
            return False
        if k == 0 or np.sqrt(away) > margin:
            for i in range(count):
                beta[found[i]] = small[i]
            if k > 0:
                margin *= X.dtype.type(2 if age < 6 else 0.7 if age > 24 else 1)
            centre[:] = r
            count, age = _movable(X, r, beta, lam, norms, margin, n, found), 0
            for i in range(count):
                small[i], level[i] = beta[found[i]], lam[found[i]]
        for i in range(count):
            s[i] = _dot(X[found[i]], r)
        _update(small, s, level, count, rate, w2, w3, a, b, alpha)
        row, active = k * step, 0
        for i in range(count):
            where[row, active], values[row, active] = found[i], small[i]
            active += small[i] != 0
        lengths[row] = active
        for i in range(len(r)):
            r[i] = -y[i]
        _add(r, X, where[row], values[row], active)
        age += 1
    for i in range(count):
        beta[found[i]] = small[i]
    return True


@compiled
def _forward(first, last, X, y, counts, lam, K, numbers, outputs, blocks):
    """Problems first..last through all blocks: X (B, d, n), lam (B, T, d).

    `outputs` (B, T, d) gets the ends of blocks, `blocks` (B,) how many they are: fewer than T for one that diverges.
    """
    d = X.shape[1]
    beta, norms = np.zeros(d, X.dtype), np.empty(d, X.dtype)
    where, values, lengths = np.empty((1, d + 1), np.int32), np.empty((1, d + 1), X.dtype), np.empty(1, np.int64)
    for p in range(first, last):
        for j in range(d):
            norms[j] = np.sqrt(_dot(X[p, j], X[p, j]))
        beta[:] = 0
        r, n = -y[p], X.dtype.type(counts[p])
        for t in range(lam.shape[1]):
            if not _block(X[p], y[p], n, beta, r, lam[p, t], norms, K, numbers, 0, where, values, lengths):
                break
            outputs[p, t] = beta
            blocks[p] += 1


@compiled
def _back(X, n, old, lam, numbers, where, values, active, before, past, g, u, moved, d_lam, d_numbers):
    """One layer of one problem backwards: g (d,) from the derivatives of its output to those of its input.

    `where`, `values`, `active` are the entries of the output that are not zero; `before` and `past` those of the input,
    which `old` (d,) holds in full. d_lam (d,) and d_numbers (3,), of w2, w3 and alpha, are added to. u is zero.
    """
    zero, one = g[0] - g[0], X.dtype.type(1)
    w2, w3, a, b, alpha = numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]
    for c in range(active):
        j = where[c]
        u[j] = g[j]
        g[j] = 0
        level, size = lam[j], abs(old[j])
        sign = one if values[c] > 0 else -one
        side = -one if old[j] > 0 else one
        d_numbers[2] -= u[j] * (sign * level + (old[j] - values[c] - sign * alpha * level) / alpha)
        part = sign
        if size > b * level:
            part += w2 * side
        if size > a * level:
            part += w3 * side
        elif size > level:
            part -= w3 * side / (a - 1)
        d_lam[j] -= alpha * u[j] * part
        d_numbers[0] -= alpha * u[j] * side * min(size / b, level)
        d_numbers[1] -= alpha * u[j] * side * min(max(size - level, zero) / (a - 1), level)
        values[c] = u[j]
    moved[:] = 0
    _add(moved, X, where, values, active)
    for c in range(past):
        j = before[c]
        size, bend = abs(old[j]), zero
        if size < b * lam[j]:
            bend -= w2 / b
        if lam[j] < size < a * lam[j]:
            bend -= w3 / (a - 1)
        g[j] = u[j] - alpha * (_dot(X[j], moved) / n + bend * u[j])
    for c in range(active):
        u[where[c]] = 0


@compiled
def _backward(first, last, X, y, counts, lam, K, numbers, outputs, blocks, given, d_lam, d_numbers):
    """Derivatives from `given` (B, T, d), those of the outputs: d_lam (B, T, d) and d_numbers (B, 3).

    Those of problems that diverge stay zero.
    """
    d = X.shape[1]
    beta, old, norms = np.zeros(d, X.dtype), np.zeros(d, X.dtype), np.empty(d, X.dtype)
    g, u, moved = np.zeros(d, X.dtype), np.zeros(d, X.dtype), np.empty(X.shape[2], X.dtype)
    where, values = np.empty((K + 1, d + 1), np.int32), np.empty((K + 1, d + 1), X.dtype)
    lengths = np.zeros(K + 1, np.int64)
    for p in range(first, last):
        for j in range(d):
            norms[j] = np.sqrt(_dot(X[p, j], X[p, j]))
        if blocks[p] < lam.shape[1]:
            continue
        n = X.dtype.type(counts[p])
        g[:] = 0
        for t in range(lam.shape[1] - 1, -1, -1):
            lengths[0], beta[:] = 0, 0
            if t > 0:
                beta[:] = outputs[p, t - 1]
                for j in range(d):
                    where[0, lengths[0]], values[0, lengths[0]] = j, beta[j]
                    lengths[0] += beta[j] != 0
            r = -y[p]
            _add(r, X[p], where[0], values[0], lengths[0])
            _block(X[p], y[p], n, beta, r, lam[p, t], norms, K, numbers, 1, where[1:], values[1:], lengths[1:])
            for c in range(lengths[K]):
                g[where[K, c]] += given[p, t, where[K, c]]
            for k in range(K, 0, -1):
                for c in range(lengths[k - 1]):
                    old[where[k - 1, c]] = values[k - 1, c]
                _back(
                    X[p], n, old, lam[p, t], numbers, where[k], values[k], lengths[k], where[k - 1], lengths[k - 1],
                    g, u, moved, d_lam[p, t], d_numbers[p],
                )  # fmt: skip
                for c in range(lengths[k - 1]):
                    old[where[k - 1, c]] = 0


def _spread(kernel: Any, count: int, *arguments: Any) -> None:
    """Run a kernel on all problems, in as many threads as torch uses; no result depends on how they are divided."""
    threads = min(torch.get_num_threads(), count)
    if threads <= 1:
        kernel(0, count, *arguments)
        return
    ends = [count * i // threads for i in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(kernel, *pair, *arguments) for pair in zip(ends[:-1], ends[1:], strict=True)]:
            done.result()


class Path(torch.autograd.Function):
    """apply(X (B, d, n), y, counts, lam (B, T, d), w (3,), alpha (), K, a, b) gives the ends of all blocks, (B, T, d).

    Differentiable once, in lam, w and alpha. All of one floating type, on the CPU and contiguous; lam is positive.
    """

    @staticmethod
    def forward(
        ctx: Any,
        X: Tensor,
        y: Tensor,
        counts: Tensor,
        lam: Tensor,
        w: Tensor,
        alpha: Tensor,
        K: int,
        a: float,
        b: float,
    ) -> Tensor:
        outputs, blocks = torch.empty_like(lam), torch.zeros(len(lam), dtype=torch.int64)
        numbers = torch.cat([w[1:], torch.stack([w.new_tensor(a), w.new_tensor(b), alpha])])
        _spread(_forward, len(lam), *_arrays(X, y, counts, lam), K, numbers.numpy(), *_arrays(outputs, blocks))
        outputs.masked_fill_((torch.arange(lam.shape[1]) >= blocks[:, None])[..., None], math.nan)
        ctx.save_for_backward(X, y, counts, lam, numbers, outputs, blocks)
        ctx.K = K
        return outputs

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor | None, ...]:
        X, y, counts, lam, numbers, outputs, blocks = ctx.saved_tensors
        d_lam, d_numbers = torch.zeros_like(lam), lam.new_zeros(len(lam), 3)
        found = _arrays(outputs, blocks, given.contiguous(), d_lam, d_numbers)
        _spread(_backward, len(lam), *_arrays(X, y, counts, lam), ctx.K, numbers.numpy(), *found)
        for part in (d_lam, d_numbers):
            part[blocks < lam.shape[1]] = math.nan
        w2, w3, alpha = d_numbers.sum(0)
        return None, None, None, d_lam, torch.stack([torch.zeros_like(w2), w2, w3]), alpha, None, None, None


def _arrays(*tensors: Tensor) -> tuple[np.ndarray, ...]:
    return tuple(value.detach().numpy() for value in tensors)
