r"""How many products with $\Phi$ a backward rule needs, for gradient descent on quadratics of given condition number.

$\Phi = I - sH$ with the spectrum of H in [1/kappa, 1]. The gradient of a loss in the linear term is $-sw$ with
$(I-\Phi)w = v$, so its relative error is that of w. All rules see H through products alone, and none of them changes
under rotations, so H is diagonal here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from duality.folding.rules import CG, GMRES, Rule
from duality.folding.update import lengths

NEVER = 1e-300  # a tolerance that no rule reaches, so that it runs to its last product


@dataclass(frozen=True)
class Diagonal:
    """A batch of diagonal matrices, (B, n) or (1, n)."""

    entries: Tensor

    def __call__(self, w: Tensor) -> Tensor:
        return self.entries * w

    def dense(self) -> Tensor:
        return torch.diag_embed(self.entries)


SPECTRA: Mapping[str, Callable[[float, int], np.ndarray]] = {
    "even in the logarithm": lambda kappa, n: np.geomspace(1 / kappa, 1, n),
    "even": lambda kappa, n: np.linspace(1 / kappa, 1, n),
}
STEPS: Mapping[str, Callable[[float], float]] = {
    "1/L": lambda kappa: 1.0,
    "2/(mu+L)": lambda kappa: 2 / (1 + 1 / kappa),
}


@dataclass(frozen=True)
class System:
    """(I - Phi) w = v for a batch of v (B, n), with s H (1, n) and the exact w."""

    curvature: Tensor
    v: Tensor

    @property
    def phi(self) -> Diagonal:
        return Diagonal(1 - self.curvature)

    @property
    def w(self) -> Tensor:
        return self.v / self.curvature

    def row(self, number: int) -> System:
        """One problem of the batch."""
        return System(self.curvature, self.v[number : number + 1])

    def single(self) -> System:
        """The same in single precision."""
        return System(self.curvature.float(), self.v.float())


def system(spectrum: str, step: str, kappa: float, n: int, draws: int, seed: int) -> System:
    """Random v, `draws` of them. Raises `KeyError` for an unknown spectrum or step."""
    h = torch.as_tensor(SPECTRA[spectrum](kappa, n) * STEPS[step](kappa))[None]
    return System(h, torch.as_tensor(np.random.default_rng(seed).standard_normal((draws, n))))


def ones(spectrum: str, step: str, kappa: float, n: int) -> System:
    """The loss is the sum of the solution: v is the vector of ones."""
    known = system(spectrum, step, kappa, n, 1, 0)
    return System(known.curvature, torch.ones_like(known.v))


def fixed_point_errors(problem: System, products: int) -> Tensor:
    """Relative errors (B,) of v + Phi v + ... + Phi^K v, in closed form: Phi^(K+1) w."""
    w = problem.w
    return lengths((1 - problem.curvature) ** (products + 1) * w) / lengths(w)


def rule_errors(rule: Rule, problem: System, exact: Tensor) -> Tensor:
    """Relative errors (B,) of a rule against the exact w."""
    return lengths(rule.solve(problem.phi, problem.v).w.double() - exact) / lengths(exact)


def needed(error: Callable[[int], float], goal: float, most: int) -> int:
    """The first K at which `error(K)`, which falls with K, is at most the goal; `most` + 1 when it is nowhere so.

    For symmetric positive systems the 2-norm errors of all three rules fall: those of CG (Hestenes and Stiefel 1952),
    of the smallest residual (Fong and Saunders 2012), and those of the fixed-point iteration entry by entry.
    """
    low, high = -1, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if error(middle) <= goal else (middle, high)
    return high


def error_of(rule: str, problem: System) -> Callable[[int], float]:
    """The relative error of one problem, B = 1, after K products of a rule. Raises `KeyError` for an unknown rule."""
    if rule == "fixed point":
        return lambda products: float(fixed_point_errors(problem, products))
    make, exact = MAKE[rule], problem.w
    return lambda products: float(rule_errors(make(products), problem, exact)) if products else 1.0


def gmres(products: int) -> Rule:
    return GMRES(NEVER, products)


def cg(products: int) -> Rule:
    return CG(NEVER, products)


MAKE: Mapping[str, Callable[[int], Rule]] = {"GMRES": gmres, "CG": cg}
RULES = ("fixed point", *MAKE)
