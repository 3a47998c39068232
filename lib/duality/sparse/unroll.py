r"""The layers of T Algorithm 6 and three ways to run a path of blocks: plainly, with little memory, and compiled.

A way takes a loss, a penalty, problems, a path of levels lam (B, T, d), the step alpha and K, and returns the estimates
at the ends of the T blocks, (B, T, d). It only says how the numbers are computed; all give the same up to rounding.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from duality.sparse.compiled import Path
from duality.sparse.losses import LeastSquares, Loss
from duality.sparse.penalties import L1, MCP, SCAD, Mixture, Penalty, soft_threshold
from duality.sparse.problem import Problems


def layer(loss: Loss, penalty: Penalty, problems: Problems, beta: Tensor, lam: Tensor, alpha: Tensor | float) -> Tensor:
    r"""One layer, a step of APF (T eq. 7.3): $\mathcal T_{\alpha\lambda}(\beta - \alpha(\nabla L_n + q'))$, (B, d).

    beta is (B, d), lam broadcasts with it, alpha is a number or (B, 1).
    """
    g = loss.gradient(problems, beta) + penalty.concave_slope(lam, beta)
    return soft_threshold(beta - alpha * g, alpha * lam)


def block(
    loss: Loss, penalty: Penalty, problems: Problems, beta: Tensor, lam: Tensor, alpha: Tensor | float, K: int
) -> Tensor:
    """K layers at one lam (T Algorithm 6), (B, d)."""
    for _ in range(K):
        beta = layer(loss, penalty, problems, beta, lam, alpha)
    return beta


class Unroll(ABC):
    """A way to run a path of blocks from zero."""

    @abstractmethod
    def __call__(self, loss: Loss, penalty: Mixture, problems: Problems, lam: Tensor, alpha: Tensor, K: int) -> Tensor:
        """The ends of the blocks, (B, T, d), for lam (B, T, d) and alpha ()."""


class Plain(Unroll):
    """As printed; automatic differentiation keeps everything."""

    def __call__(self, loss: Loss, penalty: Mixture, problems: Problems, lam: Tensor, alpha: Tensor, K: int) -> Tensor:
        beta, ends = torch.zeros_like(lam[:, 0]), []
        for level in lam.unbind(1):
            beta = self.block(loss, penalty, problems, beta, level, alpha, K)
            ends.append(beta)
        return torch.stack(ends, 1)

    def block(
        self, loss: Loss, penalty: Mixture, problems: Problems, beta: Tensor, lam: Tensor, alpha: Tensor, K: int
    ) -> Tensor:
        """One block."""
        return block(loss, penalty, problems, beta, lam, alpha, K)


class Checkpointed(Plain):
    """Only the ends of blocks are kept; what lies between is computed again on the way back. Memory T + K, not T K."""

    def block(
        self, loss: Loss, penalty: Mixture, problems: Problems, beta: Tensor, lam: Tensor, alpha: Tensor, K: int
    ) -> Tensor:
        if not torch.is_grad_enabled():
            return block(loss, penalty, problems, beta, lam, alpha, K)

        def run(beta: Tensor, lam: Tensor, alpha: Tensor, weights: Tensor) -> Tensor:
            return block(loss, Mixture(penalty.parts, weights), problems, beta, lam, alpha, K)

        return checkpoint(run, beta, lam, alpha, penalty.weights, use_reentrant=False)


class Compiled(Unroll):
    """One problem after another in compiled code (`duality.sparse.compiled`).

    For least squares with l1, MCP and SCAD in this order on the CPU; derivatives of first order, in lam, the weights
    and alpha. Raises `ValueError` for anything else, and for lam of another shape or floating type than the problems.
    """

    def __call__(self, loss: Loss, penalty: Mixture, problems: Problems, lam: Tensor, alpha: Tensor, K: int) -> Tensor:
        if not self.fits(loss, penalty, problems):
            raise ValueError(
                "compiled blocks are for least squares with l1, MCP and SCAD on the CPU in single or double precision"
            )
        B, d, kind = len(problems), problems.d, problems.X.dtype
        if lam.ndim != 3 or lam.shape[::2] != (B, d) or lam.dtype != kind:
            raise ValueError(f"lambda must be ({B}, T, {d}) of {kind}, not {tuple(lam.shape)} of {lam.dtype}")
        (mcp,) = (part for part in penalty.parts if isinstance(part, MCP))
        (scad,) = (part for part in penalty.parts if isinstance(part, SCAD))
        X = problems.X.detach().mT.contiguous()
        data = (X, problems.y.detach().contiguous(), problems.counts.contiguous())
        numbers = (lam.contiguous(), penalty.weights.to(lam.dtype), alpha.to(lam.dtype))
        return Path.apply(*data, *numbers, K, scad.a, mcp.b)

    @staticmethod
    def fits(loss: Loss, penalty: Mixture, problems: Problems) -> bool:
        """Whether this way is open."""
        kinds = [type(part) for part in penalty.parts]
        native = problems.X.device.type == "cpu" and problems.X.dtype in (torch.float32, torch.float64)
        return isinstance(loss, LeastSquares) and kinds == [L1, MCP, SCAD] and native


class Best(Unroll):
    """`Compiled` where it fits, else `Checkpointed`."""

    def __call__(self, loss: Loss, penalty: Mixture, problems: Problems, lam: Tensor, alpha: Tensor, K: int) -> Tensor:
        way = Compiled() if Compiled.fits(loss, penalty, problems) else Checkpointed()
        return way(loss, penalty, problems, lam, alpha, K)
