r"""The backward pass of a folded layer, itself differentiable.

Two functions: `_Fold` is the identity on the solver's state, with the gradient $\Psi^\top w$ in the parameters;
`_Adjoint` is $w(v, s, c) = (I-\Phi(s, c))^{-\top}v$. The gradient of the second needs the transposed system, so a
second derivative costs one more solve with the same rule. Where no second derivative is asked for, one evaluation of U
serves all products.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from duality.folding.errors import FoldingWarning, NonContractive, NotConverged
from duality.folding.rules import FixedPoint, Rule, Solved
from duality.folding.update import UpdateMap

Seen = Callable[[Solved], None]


def fold(update: UpdateMap, rule: Rule, seen: Seen, state: Tensor, *c: Tensor) -> Tensor:
    """`state`, with the derivative that a fixed point of `update` has in c. `seen` is told how the rule did."""
    return _Fold.apply(update, rule, seen, state, *c)


class Jacobian:
    """Phi, or its transpose, at the states of a batch, by products."""

    def __init__(self, update: UpdateMap, state: Tensor, c: tuple[Tensor, ...], wanted: Sequence[int] = ()) -> None:
        with torch.enable_grad():
            self._at = state.detach().requires_grad_()
            here = [value.detach().requires_grad_(number in wanted) for number, value in enumerate(c)]
            self._image = update(self._at, *here)
            self._constant = not self._image.requires_grad  # U depends on nothing
            self._wanted = [here[number] for number in wanted]

    def transposed(self, w: Tensor) -> Tensor:
        """Phiᵀ w for each row of w."""
        return self._pulled([self._at], w)[0]

    def gradients(self, w: Tensor) -> tuple[Tensor, ...]:
        """Psiᵀ w in each of the parameters that were `wanted`."""
        return self._pulled(self._wanted, w)

    def _pulled(self, at: list[Tensor], w: Tensor) -> tuple[Tensor, ...]:
        if self._constant:
            return tuple(map(torch.zeros_like, at))
        return torch.autograd.grad(self._image, at, w, retain_graph=True, allow_unused=True, materialize_grads=True)

    def product(self, h: Tensor) -> Tensor:
        """Phi h for each row of h, as the derivative of Phiᵀ u in u."""
        if self._constant:
            return torch.zeros_like(h)
        u = torch.zeros_like(self._image, requires_grad=True)
        with torch.enable_grad():
            pulled = torch.autograd.grad(
                self._image, self._at, u, create_graph=True, allow_unused=True, materialize_grads=True
            )[0]
        if not pulled.requires_grad:
            return torch.zeros_like(h)
        return torch.autograd.grad(pulled, u, h)[0]

    def matrix(self) -> Tensor:
        """Phi, (B, n, n), all its rows in one pass."""
        count, n = self._at.shape
        if self._constant:
            return self._at.new_zeros(count, n, n)
        units = torch.eye(n, dtype=self._at.dtype, device=self._at.device)[:, None].expand(n, count, n)
        rows = torch.autograd.grad(
            self._image, self._at, units, retain_graph=True, is_grads_batched=True, allow_unused=True
        )[0]
        return self._at.new_zeros(count, n, n) if rows is None else rows.transpose(0, 1)


class Transposed:
    """Phiᵀ as a linear map: what a backward pass solves with."""

    def __init__(self, jacobian: Jacobian) -> None:
        self.jacobian = jacobian

    def __call__(self, w: Tensor) -> Tensor:
        return self.jacobian.transposed(w)

    def dense(self) -> Tensor:
        return self.jacobian.matrix().mT


class Straight:
    """Phi as a linear map: what its derivative solves with."""

    def __init__(self, jacobian: Jacobian) -> None:
        self.jacobian = jacobian

    def __call__(self, w: Tensor) -> Tensor:
        return self.jacobian.product(w)

    def dense(self) -> Tensor:
        return self.jacobian.matrix()


class _Fold(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, update: UpdateMap, rule: Rule, seen: Seen, state: Tensor, *c: Tensor) -> Tensor:
        ctx.update, ctx.rule, ctx.seen = update, rule, seen
        found = state.clone()
        ctx.save_for_backward(found, *c)
        return found

    @staticmethod
    def backward(ctx: Any, v: Tensor) -> tuple[Tensor | None, ...]:
        state, *c = ctx.saved_tensors
        wanted = [number for number, value in enumerate(c) if ctx.needs_input_grad[4 + number]]
        if torch.is_grad_enabled():
            w = _Adjoint.apply(ctx.update, ctx.rule, ctx.seen, v, state, *c)
            # a view of each parameter, so that the gradient is taken along U and not through the state
            here = [value.view_as(value) for value in c]
            image = ctx.update(state, *here)
            pulled = tuple(torch.zeros_like(here[number]) for number in wanted)
            if image.requires_grad:
                at = [here[number] for number in wanted]
                pulled = torch.autograd.grad(image, at, w, create_graph=True, allow_unused=True, materialize_grads=True)
        else:
            jacobian = Jacobian(ctx.update, state, tuple(c), wanted)
            solved = ctx.rule.solve(Transposed(jacobian), v)
            ctx.seen(solved)
            pulled = jacobian.gradients(_trusted(ctx.rule, solved, v))
        gradients: list[Tensor | None] = [None] * len(c)
        for number, gradient in zip(wanted, pulled, strict=True):
            gradients[number] = gradient
        return (None, None, None, None, *gradients)


class _Adjoint(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, update: UpdateMap, rule: Rule, seen: Seen, v: Tensor, state: Tensor, *c: Tensor) -> Tensor:
        ctx.update, ctx.rule = update, rule
        solved = rule.solve(Transposed(Jacobian(update, state, tuple(c))), v.detach())
        seen(solved)
        w = _trusted(rule, solved, v)
        ctx.save_for_backward(w, state, *c)
        return w

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        w, state, *c = ctx.saved_tensors
        h = _trusted(ctx.rule, ctx.rule.solve(Straight(Jacobian(ctx.update, state, tuple(c))), g), g)
        with torch.enable_grad():
            at = [value.detach().requires_grad_() for value in (state, *c)]
            pulled = torch.autograd.grad(
                ctx.update(*at), at[0], w, create_graph=True, allow_unused=True, materialize_grads=True
            )[0]
            total = (pulled * h).sum()
            moved: tuple[Tensor | None, ...] = (None,) * len(at)
            if total.requires_grad:
                moved = torch.autograd.grad(total, at, allow_unused=True)
        return (None, None, None, h, *moved)


def _trusted(rule: Rule, solved: Solved, v: Tensor) -> Tensor:
    """The solution, NaN for problems that the rule did not solve. Raises when it solved none that matters."""
    if bool(solved.converged.all()):
        return solved.w
    lost = ~solved.converged
    radius = solved.radius[lost]
    growing = bool((radius >= 1).any())
    if growing:
        problem = (
            f"the fixed-point rule does not converge for {int(lost.sum())} of {len(lost)} problems: the spectral "
            f"radius of Phi is about {float(radius.nan_to_num().max()):.4g}, and at 1 or more its terms do not fall"
        )
    elif isinstance(rule, FixedPoint):
        problem = (
            f"the fixed-point rule has not converged for {int(lost.sum())} of {len(lost)} problems after "
            f"{solved.products} products; the spectral radius of Phi is about {float(radius.nan_to_num().max()):.6g}"
        )
    else:
        problem = (
            f"{type(rule).__name__} did not reach its tolerance for {int(lost.sum())} of {len(lost)} problems in "
            f"{solved.products} products"
        )
    message = f"{problem}: {rule.advice()}"
    asked = (v != 0).any(-1)
    if bool((lost | ~asked).all()) and bool(asked.any()):
        raise NonContractive(message) if growing else NotConverged(message)
    marked = torch.where(lost[:, None], torch.where(asked, float("nan"), 0.0).to(v)[:, None], solved.w)
    if bool((lost & asked).any()):
        warnings.warn(f"{message}. The gradients of these problems are NaN", FoldingWarning, stacklevel=2)
    return marked
