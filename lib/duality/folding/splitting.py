r"""The error of an unrolled Jacobian and its two parts.

With $\Phi_j, \Psi_j$ the derivatives of the step at $x_j$, $J_{j+1} = \Phi_jJ_j + \Psi_j$ from $J_0 = 0$, and

$$J_K - J^\star = -\Phi_{K-1}\cdots\Phi_0J^\star + \sum_{j<K}\Phi_{K-1}\cdots\Phi_{j+1}r_j, \qquad
r_j = (\Phi_j-\Phi)J^\star + (\Psi_j-\Psi).$$

The first term is the backward part, the sum the forward part: it is there because the derivatives are taken at states
that are no solutions yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

Step = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Family:
    """A step x -> U(x, c) of one problem, x of length n and c of length p, at a parameter with its solution."""

    step: Step
    c: Tensor
    solution: Tensor

    def derivatives(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Phi (n, n) and Psi (n, p) at x."""
        found: tuple[Tensor, Tensor] = torch.func.jacrev(self.step, argnums=(0, 1))(x, self.c)
        return found

    def start(self, name: str) -> Tensor:
        """The start called "zero", "warm" (the solution) or "far" (nine times as far from the solution as zero)."""
        return self.solution * {"zero": 0.0, "warm": 1.0, "far": -8.0}[name]


@dataclass(frozen=True)
class Parts:
    """After K steps: the error of the state (n,), of the Jacobian (n, p), its parts, and J*."""

    state: Tensor
    total: Tensor
    forward: Tensor
    backward: Tensor
    J: Tensor


def parts(family: Family, start: Tensor) -> Iterator[Parts]:
    """For K = 0, 1, 2, ...; each part by its own recursion, the total from the unrolled Jacobian itself."""
    phi, psi = family.derivatives(family.solution)
    J_star = torch.linalg.solve(torch.eye(len(phi), dtype=phi.dtype) - phi, psi)
    x, J, forward, backward = start, torch.zeros_like(psi), torch.zeros_like(psi), -J_star
    while True:
        yield Parts(x - family.solution, J - J_star, forward, backward, J_star)
        phi_j, psi_j = family.derivatives(x)
        J = phi_j @ J + psi_j
        forward = phi_j @ forward + (phi_j - phi) @ J_star + (psi_j - psi)
        backward = phi_j @ backward
        x = family.step(x, family.c)


def _settled(step: Step, c: Tensor, n: int, steps: int = 5000) -> Tensor:
    x = c.new_zeros(n)
    for _ in range(steps):
        x = step(x, c)
    return x


def linear_term() -> Family:
    """1/2 x'Hx - c'x by gradient steps: neither Phi nor Psi depends on x."""
    h = torch.logspace(-1.3, 0, 6, dtype=torch.float64)
    c = torch.ones(6, dtype=torch.float64)
    return Family(lambda x, c: x - (h * x - c), c, c / h)


def curvature() -> Family:
    """1/2 sum exp(c_i) h_i x_i² - sum x_i by gradient steps: c bends the energy, and Psi depends on x."""
    h = torch.logspace(-1.3, 0, 6, dtype=torch.float64)
    return Family(lambda x, c: x - (torch.exp(c) * h * x - 1), torch.zeros_like(h), 1 / h)


def logistic() -> Family:
    """Ridge logistic regression, 12 samples and 4 features, in the features: Phi depends on x, too."""
    generator = torch.Generator().manual_seed(0)
    A = torch.randn(12, 4, generator=generator, dtype=torch.float64)
    y = (torch.arange(12) % 3 == 0).to(A)

    def step(x: Tensor, c: Tensor) -> Tensor:
        features = c.view(12, 4)
        return x - 1.5 * (features.mT @ (torch.sigmoid(features @ x) - y) / 12 + 0.03 * x)

    return Family(step, A.reshape(-1), _settled(step, A.reshape(-1), 4))


FAMILIES: Mapping[str, Callable[[], Family]] = {
    "linear term": linear_term,
    "curvature": curvature,
    "logistic": logistic,
}
