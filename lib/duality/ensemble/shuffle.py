"""The order in which the samples of a training set are visited: the same in every engine.

The order of an epoch is a function of a seed and of the epoch alone, so training can stop anywhere and go on.
"""

from __future__ import annotations

import numpy as np

from duality.ensemble.compiled import compiled

_STEP = np.uint64(0x9E3779B97F4A7C15)  # the increment and the two multipliers of splitmix64
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S32 = np.uint64(27), np.uint64(30), np.uint64(31), np.uint64(32)


@compiled
def _mixed(x: np.uint64) -> np.uint64:
    x = (x ^ (x >> _S30)) * _FIRST
    x = (x ^ (x >> _S27)) * _SECOND
    return x ^ (x >> _S31)


@compiled
def shuffle(order: np.ndarray, seed: int, epoch: int) -> None:
    """Write a random permutation of 0, ..., n-1 into `order`, an int64 array of length n < 2^31."""
    n = len(order)
    state = _mixed(np.uint64(seed) * _STEP + np.uint64(epoch)) + _STEP
    for i in range(n):
        order[i] = i
    for i in range(n - 1, 0, -1):
        state += _STEP
        j = np.int64(((_mixed(state) >> _S32) * np.uint64(i + 1)) >> _S32)
        order[i], order[j] = order[j], order[i]
