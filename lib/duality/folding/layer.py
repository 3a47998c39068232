r"""The folded layer: any solver forward, the fixed point of an update map backward.

$$s^\star = U(s^\star, c), \qquad \frac{\partial s^\star}{\partial c} = (I-\Phi)^{-1}\Psi, \qquad
\Phi = \frac{\partial U}{\partial s}, \; \Psi = \frac{\partial U}{\partial c} \text{ at } (s^\star, c).$$

The solver runs without a graph. The gradient of a loss with $v = \partial\ell/\partial s^\star$ is $\Psi^\top w$ with
$(I-\Phi)^\top w = v$, and a backward rule finds w from products with $\Phi^\top$ (F, abstract).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from duality.folding.adjoint import fold
from duality.folding.errors import FoldingWarning, NotAFixedPoint
from duality.folding.rules import Rule, Solved
from duality.folding.update import UpdateMap, batch_size, lengths, rows

Solver = Callable[..., Tensor]
SHOWN = 8  # problems named in a message


@dataclass
class Report:
    """What the last call of a layer saw, one entry per problem.

    `distance` is how far U moves the solver's state, relative to the larger of 1 and the state's length; `solved` is
    whether that is within the tolerance. After a backward pass `backward` says for which of the solved problems
    the rule converged, in how many products, and the spectral radius where the rule sees it.
    """

    distance: Tensor
    solved: Tensor
    backward: Solved | None = None


class FoldedLayer(nn.Module):
    """A solver as a layer.

    `solver(*c)` returns states (B, n) and may be anything; `update` is a map whose fixed point they are; `rule` solves
    the linear system of the backward pass. Parameters have the problems along their first axis, size B or 1.
    Works in single and double precision, on any device, and can be differentiated twice.

    `tolerance` is how far U may move a solver's state (default: eps^(1/2), relative). Problems that it moves farther
    are marked in `report.solved`: their outputs are NaN, and so are their gradients unless the loss leaves them out.

    Raises
    ------
    ValueError
        for parameters or states of the wrong kind or shape.
    NotAFixedPoint
        when the tolerance is missed for every problem of a batch.
    NonContractive, NotConverged
        in the backward pass, when the rule finds no gradient for any problem of a batch. Where it fails for some, their
        gradients are NaN and a `FoldingWarning` names them.
    """

    def __init__(self, solver: Solver, update: UpdateMap, rule: Rule, tolerance: float | None = None) -> None:
        super().__init__()
        if tolerance is not None and not tolerance > 0:
            raise ValueError(f"tolerance = {tolerance} must be positive")
        self.solver, self.update, self.rule, self.tolerance = solver, update, rule, tolerance
        self.report: Report | None = None

    def forward(self, *c: Tensor) -> Tensor:
        """The solutions, (B, n)."""
        count = batch_size(c)
        given = tuple(value.detach() for value in c)
        watched = torch.is_grad_enabled()
        with torch.no_grad():
            state = self.solver(*given)
            if not isinstance(state, Tensor) or state.ndim != 2 or state.shape[0] not in (1, count):
                shown = tuple(state.shape) if isinstance(state, Tensor) else type(state).__name__
                raise ValueError(
                    f"the solver must return states of shape ({count}, n), not {shown}; the number of problems is that "
                    "of the parameters, which must include everything that differs between problems"
                )
            state = state.detach().to(given[0]).expand(count, -1)
            report = self.report = self._checked(state, given, watched)
        if bool(report.solved.all()):
            return self._solutions(state, c, report)
        kept = report.solved.nonzero()[:, 0]
        good = self._solutions(state[kept], rows(c, kept), report)
        lost = (~report.solved).nonzero()[:, 0]
        bad = _Lost.apply(len(lost), good.shape[-1], *rows(c, lost))
        return good.new_empty(count, good.shape[-1]).index_copy(0, kept, good).index_copy(0, lost, bad)

    def _solutions(self, state: Tensor, c: tuple[Tensor, ...], report: Report) -> Tensor:
        def seen(solved: Solved) -> None:
            report.backward = solved

        return self.update.solution(fold(self.update, self.rule, seen, state, *c), *c)

    def _checked(self, state: Tensor, c: tuple[Tensor, ...], watched: bool) -> Report:
        """How far U moves each state. Raises `NotAFixedPoint` when it is too far for all of them, and `ValueError` when
        U depends on something else that asks for a gradient, which it would not get."""
        tolerance = self.tolerance or torch.finfo(state.dtype).eps ** 0.5
        with torch.set_grad_enabled(watched):
            moved = self.update(state, *c)
        if moved.requires_grad:
            raise ValueError(
                "the update map uses a tensor that requires a gradient and is not among the parameters, such as the "
                "weights of a network: pass it to the layer, weight[None] where all problems share it"
            )
        if moved.shape != state.shape:
            raise ValueError(
                f"the update map turns states of shape {tuple(state.shape)} into {tuple(moved.shape)}; they must agree"
            )
        distance = lengths(moved - state) / lengths(state).clamp_min(1)
        solved = distance <= tolerance
        if not bool(solved.any()):
            raise NotAFixedPoint(
                f"the solver's states are no fixed points of the update map: one step moves them by "
                f"{_range(distance)} (relative), allowed is {tolerance:.1e}. Either the solver stops too early (lower "
                "its tolerance), or the map belongs to another problem (its fixed point must be what the solver finds)"
            )
        if not bool(solved.all()):
            warnings.warn(
                f"no solution for {_named(~solved)}: one step of the update map moves the state by "
                f"{_range(distance[~solved])}, allowed is {tolerance:.1e}. Their outputs are NaN; report.solved marks "
                "the others",
                FoldingWarning,
                stacklevel=3,
            )
        return Report(distance, solved)


class _Lost(torch.autograd.Function):
    """Solutions of problems that were not solved: NaN, with gradients NaN unless nothing asks for them."""

    @staticmethod
    def forward(ctx: Any, count: int, size: int, *c: Tensor) -> Tensor:
        ctx.save_for_backward(*c)
        return c[0].new_full((count, size), float("nan"))

    @staticmethod
    def backward(ctx: Any, v: Tensor) -> tuple[Tensor | None, ...]:
        asked = torch.where((v != 0).any(-1), float("nan"), 0.0).to(v)  # NaN is not 0 either
        found = []
        for value in ctx.saved_tensors:
            whole = asked.sum(0, keepdim=True) if value.shape[0] == 1 else asked
            one = 1 + 0 * torch.nan_to_num(value, posinf=0.0, neginf=0.0)  # so that second derivatives are NaN, too
            found.append(whole.reshape(-1, *[1] * (value.ndim - 1)) * one)
        return (None, None, *found)


def _named(chosen: Tensor) -> str:
    """Which problems are chosen, in words."""
    numbers = chosen.nonzero()[:, 0].tolist()
    more = f" and {len(numbers) - SHOWN} more" if len(numbers) > SHOWN else ""
    return f"{len(numbers)} of {len(chosen)} problems (number {', '.join(map(str, numbers[:SHOWN]))}{more})"


def _range(values: Tensor) -> str:
    if bool(values.isnan().any()):
        return "something that is not a number"
    low, high = float(values.min()), float(values.max())
    return f"{low:.1e}" if low == high else f"{low:.1e} to {high:.1e}"
