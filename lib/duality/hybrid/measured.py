r"""Properties of a trained hybrid model by automatic differentiation: the network column of T Table 1.3.

Derivatives are taken at the inputs of the samples; a Lipschitz constant over a set of inputs is at least that. Those in
Q and in the weights are divided by $\|\mathrm{Opt}(Q_\theta(x), b)\|_2$, as Stab and Sens of an algorithm are.
"""

from __future__ import annotations

import torch
from torch import Tensor

from duality.hybrid.layers import HybridModel, Samples
from duality.quadratic.layers import Properties, Unrolled, measured, tensor


def minimizers(model: HybridModel, data: Samples) -> Tensor:
    """Opt(Q_theta(x), b), what the model would answer with infinitely many steps, shape (n, 5)."""
    with torch.no_grad():
        return -torch.linalg.solve(model.energy(data.z, data.U), data.b)


def lengths(model: HybridModel, data: Samples) -> Tensor:
    """The lengths of those minimizers, shape (n,)."""
    return torch.linalg.vector_norm(minimizers(model, data), dim=-1)


def worst_over_b(model: HybridModel, data: Samples) -> list[Properties]:
    """Convergence, stability in b and sensitivity to phi on the energy of each sample, at worst over b."""
    with torch.no_grad():
        energies = model.energy(data.z, data.U)
    return [measured(model.solver, Q) for Q in energies]


def input_slopes(model: HybridModel, data: Samples) -> Tensor:
    """The spectral norms of d output / d b of the whole model at each sample, shape (n,)."""

    def output(b: Tensor, z: Tensor, U: Tensor) -> Tensor:
        return model(z[None], U[None], b[None])[0]

    slope = torch.func.vmap(torch.func.jacrev(output))(data.b, data.z, data.U)
    return torch.linalg.matrix_norm(slope.detach(), 2)


def energy_slopes(model: HybridModel, data: Samples, rounds: int = 20) -> Tensor:
    r"""How far the output moves per unit of change of the energy in spectral norm, over ‖Opt‖, shape (n,).

    The largest $\|D[E]\|_2$ over symmetric E of spectral norm 1, by alternating maximization: for a direction v of the
    output the best E is the sign of the symmetric matrix $D^\top v$; for an E the best v is along D[E]. Started at
    every coordinate direction, the best one is kept: a lower bound of the slope.
    """
    with torch.no_grad():
        Q = model.energy(data.z, data.U)
    solver = model.solver
    slope = torch.func.vmap(torch.func.jacrev(lambda Q, b: solver(Q, b[None])[0]))(Q, data.b).detach()
    slope = (slope + slope.mT) / 2  # (n, 5, 5, 5): only symmetric changes count
    n, d = data.b.shape
    v = torch.eye(d, dtype=torch.float64).expand(n, d, d)  # the starts, in the middle
    best = torch.zeros(n, d, dtype=torch.float64)
    for _ in range(rounds):
        lam, V = torch.linalg.eigh(torch.einsum("nsi,nijk->nsjk", v, slope))
        E = (V * torch.sign(lam)[..., None, :]) @ V.mT
        moved = torch.einsum("nijk,nsjk->nsi", slope, E)
        best = torch.linalg.vector_norm(moved, dim=-1)
        v = moved / best[..., None].clamp_min(1e-300)
    return best.max(dim=-1).values / lengths(model, data)


def weight_slopes(model: HybridModel, data: Samples) -> tuple[Tensor, Tensor]:
    r"""Spectral norms of d output / d theta over ‖Opt‖, and $\sup_{|d\theta|=1}\|dQ_\theta\|_2$, both of shape (n,).

    Eigenvectors do not depend on theta, so the second is the largest gradient of an eigenvalue.
    """
    weights = {name: p.detach() for name, p in model.named_parameters() if name.startswith("module.")}

    def output(weights: dict[str, Tensor], z: Tensor, U: Tensor, b: Tensor) -> Tensor:
        return torch.func.functional_call(model, weights, (z[None], U[None], b[None]))[0]

    def eigenvalues(weights: dict[str, Tensor], z: Tensor) -> Tensor:
        own = {name.removeprefix("module."): p for name, p in weights.items()}
        return torch.func.functional_call(model.module, own, (z[None],))[0]

    def flat(parts: dict[str, Tensor]) -> Tensor:
        return torch.cat([part.flatten(2) for part in parts.values()], dim=2).detach()

    of_output = flat(torch.func.vmap(torch.func.jacrev(output), (None, 0, 0, 0))(weights, data.z, data.U, data.b))
    of_energy = flat(torch.func.vmap(torch.func.jacrev(eigenvalues), (None, 0))(weights, data.z))
    whole = torch.linalg.matrix_norm(of_output, 2) / lengths(model, data)
    return whole, torch.linalg.vector_norm(of_energy, dim=-1).max(dim=-1).values


def errors_by_depth(model: HybridModel, data: Samples, k_max: int) -> Tensor:
    """P‖Alg^k(Q_theta, b) - Opt(Q_theta, b)‖ over P‖Opt‖ for k = 0, ..., k_max, shape (k_max + 1,)."""
    exact = minimizers(model, data)
    with torch.no_grad():
        Q = model.energy(data.z, data.U)
        outputs = [Unrolled(model.solver.layer, k)(Q, data.b[..., None, :])[..., 0, :] for k in range(k_max + 1)]
    errors = [torch.linalg.vector_norm(x - exact, dim=-1).mean() for x in outputs]
    return torch.stack(errors) / torch.linalg.vector_norm(exact, dim=-1).mean()


def weight_gradient(model: HybridModel, data: Samples) -> Tensor:
    """The derivative of the mean loss in every weight of the network, flattened: zero when k = 1."""
    loss = data.loss(model).mean()
    gradients = torch.autograd.grad(loss, list(model.module.parameters()), allow_unused=True, materialize_grads=True)
    return torch.cat([tensor(g).flatten() for g in gradients])
