r"""The parameters that the capacity theorem of PLISA promises, made for given problems, and the runs with them.

T Theorem 7.4.1 says that there is a theta; Lemma 7.5.1 says which one it has in mind: the step alpha = 1/rho_+, ratios
sigma(eta) >= .9, a penalty with xi < rho_-, and targets lambda*_j of at least 8 |grad L(beta*)_j| in every problem.
Problems are least squares of double precision with a known truth and strongly convex: n >= d.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor

from duality.sparse.audit import FACTOR, satisfying
from duality.sparse.losses import LeastSquares
from duality.sparse.models.levels import recursion
from duality.sparse.penalties import Mixture, printed
from duality.sparse.problem import Population, Problems
from duality.sparse.unroll import Plain, block

SCAD_A = 3.7
LOSS = LeastSquares()
SETTLED = 1e-15  # where the contraction is stopped that gives a minimizer


@dataclass(frozen=True)
class Promised:
    """theta with the constants that belong to it: rho_- and rho_+ over the problems, b of MCP, weights (3,)."""

    alpha: float
    ratio: float
    target: Tensor
    weights: Tensor
    b: float
    rho: float
    rho_plus: float

    @property
    def penalty(self) -> Mixture:
        return printed(SCAD_A, self.b, self.weights)

    @property
    def xi(self) -> float:
        return self.penalty.concavity

    @property
    def factor(self) -> float:
        """e^(-C_theta) of the proved rate."""
        return 1 - self.alpha * (self.rho - self.xi)


def truth_of(problems: Problems) -> Tensor:
    """beta* (B, d). Raises `ValueError` where it is not known."""
    if problems.truth is None:
        raise ValueError("the promised parameters are made from problems with a known truth")
    return problems.truth


def noise(problems: Problems) -> Tensor:
    """|grad L(beta*)|, (B, d)."""
    return LOSS.gradient(problems, truth_of(problems)).abs()


def promised(
    problems: Problems, eps: float, weights: Sequence[float], b: float, ratio: float = 0.9, shared: bool = False
) -> Promised:
    """theta for these problems; b is in units of 1/rho_-. With `shared` all entries have the largest target.

    Raises `ValueError` for problems that are not strongly convex, and for a penalty with xi >= rho_-.
    """
    spectrum = torch.linalg.eigvalsh(LOSS.hessian(problems, truth_of(problems)))
    rho, rho_plus = float(spectrum.min()), float(spectrum.max())
    if rho <= 1e-9 * rho_plus:
        raise ValueError(f"the problems must be strongly convex; rho_- is {rho:g}")
    target = (FACTOR * noise(problems).amax(0)).clamp(min=eps)
    if shared:
        target = target.max().expand_as(target)
    found = Promised(1 / rho_plus, ratio, target, torch.tensor(weights, dtype=target.dtype), b / rho, rho, rho_plus)
    if found.xi >= rho:
        raise ValueError(f"the penalty bends by {found.xi:g}, more than rho_- = {rho:g}")
    return found


def levels(problems: Problems, theta: Promised, T: int) -> Tensor:
    """lambda_1 to lambda_T from the absolute gradient at zero, (B, T, d)."""
    full = torch.full_like(theta.target, theta.ratio)
    return recursion(LOSS.at_zero(problems).abs(), full, theta.target, T)


def estimates(problems: Problems, theta: Promised, K: int, T: int) -> Tensor:
    """beta_1 to beta_T, (B, T, d)."""
    alpha = torch.tensor(theta.alpha, dtype=theta.target.dtype)
    return Plain()(LOSS, theta.penalty, problems, levels(problems, theta, T), alpha, K)


def arrival(problems: Problems, theta: Promised) -> int:
    """t_0: the blocks before the first one in which every entry has its target."""
    start = LOSS.at_zero(problems).abs() / theta.target
    return max(math.ceil(math.log(float(start.max())) / -math.log(theta.ratio) - 1e-12), 1) - 1


def minimizer(problems: Problems, theta: Promised, lam: Tensor | None = None) -> Tensor:
    """The minimizer at the targets, or at lam, by as many layers as the contraction asks for, (B, d)."""
    layers = math.ceil(math.log(SETTLED) / math.log(max(theta.factor, SETTLED)))
    at = theta.target if lam is None else lam
    return block(LOSS, theta.penalty, problems, torch.zeros_like(truth_of(problems)), at, theta.alpha, layers)


def floors(problems: Problems, theta: Promised) -> Tensor:
    """The statistical error of the proved rate, |(|grad L(beta*)| + p'(|beta*|))_S*| / (rho_- - xi), (B,)."""
    truth = truth_of(problems)
    residual = (noise(problems) + theta.penalty.slope(theta.target, truth.abs())) * (truth != 0)
    return torch.linalg.vector_norm(residual, dim=-1) / (theta.rho - theta.xi)


def exact_family(d: int, s_star: int, noises: Sequence[float]) -> Problems:
    """Problems that satisfy Assumption 7.4.1 exactly (`audit.satisfying`), one for each relative size of the noise."""
    parts = [satisfying(d, s_star, noise=Fraction(value)).arrays() for value in noises]
    X, y, truth = (torch.stack([torch.as_tensor(part[i]) for part in parts]) for i in range(3))
    return Problems(X, y, torch.full((len(X),), X.shape[1]), truth)


def random_family(d: int, n: int, s_star: int, m: int, noise: float, seed: int) -> Problems:
    """m Gaussian designs of independent features, n >= d samples each, truths as in T 7.7.1."""
    law = Population(d=d, n=n, sparsity=s_star, union=d, correlation=0.0, noise=noise)
    return law.draw(m, seed, torch.float64)


def orthogonal_family(d: int, s_star: int, m: int, noise: float, seed: int) -> Problems:
    """m problems with X'X/n = I, n = d, whose gradient at the truth has independent entries of size `noise`."""
    generator = torch.Generator().manual_seed(seed)
    law = Population(d=d, n=d, sparsity=s_star, union=d, correlation=0.0, noise=1.0)
    truth = law.truths(m, generator, torch.float64)
    gradient = noise * torch.randn(m, d, generator=generator, dtype=torch.float64)
    X = math.sqrt(d) * torch.eye(d, dtype=torch.float64)
    return Problems(X.expand(m, d, d), math.sqrt(d) * (truth - gradient), torch.full((m,), d), truth)
