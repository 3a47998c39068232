r"""ALISTA (Liu, Chen, Wang and Yin 2019): the weight matrix is computed, only steps and thresholds are learned.

$$\beta^k = \mathcal T_{\theta_k,p_k}\bigl(\beta^{k-1} - \gamma_k W^\top(X\beta^{k-1} - y)\bigr),$$

where W solves $\min_W \|W^\top X\|_F$ subject to $w_j^\top x_j = 1$. Each problem has its own X here, so each has its
own W. Column by column the minimum is $w_j = G^{-1}x_j / (x_j^\top G^{-1}x_j)$ with $G = XX^\top$ (Lagrange), one
factorization of an (n, n) matrix for a problem. The threshold lets the largest $p_k$ of the entries pass unshrunk.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from duality.sparse.losses import LeastSquares, predictions
from duality.sparse.models.learned import Learned
from duality.sparse.penalties import positive, soft_threshold
from duality.sparse.problem import Problems


def weight_matrix(problems: Problems, ridge: float | None = None) -> Tensor:
    """W of every problem, (B, n, d), like X; the columns of variables that are zero are zero.

    `ridge` times the mean of the eigenvalues, one per sample, is added to G, by default the square root of the rounding
    unit times it: G is singular where there are more samples than variables, and has rows of zeros where a problem is
    padded. Raises `ValueError` for a negative ridge.
    """
    if ridge is not None and not 0 <= ridge < math.inf:
        raise ValueError(f"a ridge is finite and at least 0, not {ridge}")
    X = problems.X
    G = X @ X.mT
    scale = (G.diagonal(dim1=-2, dim2=-1).sum(-1) / problems.counts).clamp_min(torch.finfo(X.dtype).tiny)
    lift = (torch.finfo(X.dtype).eps ** 0.5 if ridge is None else ridge) * scale
    factor = torch.linalg.cholesky(G + lift[:, None, None] * torch.eye(X.shape[1], dtype=X.dtype, device=X.device))
    W = torch.cholesky_solve(X, factor)
    length = (W * X).sum(1, keepdim=True)
    return torch.where(length > 0, W / length.clamp_min(torch.finfo(X.dtype).tiny), 0)


def support_threshold(v: Tensor, bound: Tensor, free: int) -> Tensor:
    """The soft threshold of v (B, d), except that in every row the `free` largest entries pass if above the bound."""
    shrunk = soft_threshold(v, bound)
    if free == 0:
        return shrunk
    size = v.abs()
    least = size.topk(free, dim=-1).values[:, -1:]
    return torch.where((size >= least) & (size > bound), v, shrunk)


class ALISTA(Learned):
    """`layers` layers; gamma_k and theta_k are learned, kept positive, and the same for all entries.

    In layer k the share of entries that pass unshrunk is k `share` per layer, at most `most` (as in the paper's code,
    1.2 % and 13 %). For least squares. Raises `ValueError` for no layers and for values that are not positive.
    """

    def __init__(
        self, d: int, layers: int, step: float = 0.5, threshold: float = 0.1, share: float = 0.012, most: float = 0.13
    ) -> None:
        super().__init__(d, LeastSquares())
        if layers < 1:
            raise ValueError("ALISTA needs a layer")
        if not 0 <= share <= 1 or not 0 <= most <= 1:
            raise ValueError("shares of entries lie in [0, 1]")
        self.log_step = nn.Parameter(positive(torch.full((layers,), step), "the step size").log())
        self.log_threshold = nn.Parameter(positive(torch.full((layers,), threshold), "the threshold").log())
        self.free = [int(min(k * share, most) * d) for k in range(1, layers + 1)]

    def log_steps(self) -> list[nn.Parameter]:
        return [self.log_step]

    def estimates(self, problems: Problems) -> Tensor:
        with torch.no_grad():
            W = weight_matrix(problems)
        beta, found = torch.zeros_like(problems.X[:, 0]), []
        for gamma, theta, free in zip(self.log_step.exp(), self.log_threshold.exp(), self.free, strict=True):
            r = predictions(problems, beta) - problems.y
            beta = support_threshold(beta - gamma * torch.bmm(r[:, None], W)[:, 0], theta, free)
            found.append(beta)
        return torch.stack(found, 1)
