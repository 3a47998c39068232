r"""T Table 1.2 in PyTorch, both directions: an algorithm's step as a layer, a layer as an algorithm's step.

A layer of a feed-forward network is $x_t = \sigma(Wx_{t-1} + c)$. One step of gradient descent on
$f(x)=\tfrac12x^\top Qx+b^\top x$ is such a layer with $W = I-sQ$, $c = -sb$ and no activation. Conversely a
layer with the activation max(0, .) and a symmetric $W$ below the identity is one step of projected gradient
descent with step size 1 on $Q = I-W$, $b = -c$ over the vectors $x \ge 0$.

Shapes: Q and W are (d, d), b, c and x are (..., d); everything is in double precision.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from duality.quadratic.arithmetic import NumberSystem
from duality.quadratic.methods import Coefficients, ConstantSchedule, GradientDescent, Nesterov
from duality.quadratic.problem import Quadratic, check_parameters

State = tuple[Tensor, Tensor]


def tensor(value: Any) -> Tensor:
    """`value` in double precision; a tensor keeps its place in the computation graph."""
    return torch.as_tensor(value, dtype=torch.float64)


TENSOR = NumberSystem("tensors", tensor, torch.sqrt)


class StepLayer(nn.Module, ABC):
    """One iteration as a layer. Its only weight is the step size; the problem (Q, b) is part of its input.

    The state is the pair of the newest iterate and the one before. Raises `ValueError` unless s > 0.
    """

    def __init__(self, s: float) -> None:
        super().__init__()
        check_parameters(s=s)
        self.s = nn.Parameter(tensor(s))

    @abstractmethod
    def schedule(self) -> ConstantSchedule:
        """The method whose step this layer takes, with the weight `s` as its step size."""

    def coefficients(self) -> Coefficients:
        """The coefficients of the step as tensors that depend on `s`."""
        return self.schedule().step(TENSOR)

    def forward(self, state: State, Q: Tensor, b: Tensor) -> State:
        s, beta, gamma, _, _ = self.coefficients()
        x, previous = state
        y = x + gamma * (x - previous)
        return x + beta * (x - previous) - s * (y @ Q + b), x


class GradientLayer(StepLayer):
    """A step of gradient descent (R eq. 9, left)."""

    def schedule(self) -> ConstantSchedule:
        return GradientDescent(self.s)


class NesterovLayer(StepLayer):
    """A step of the accelerated method (R eq. 9, right). Its momentum follows the step size."""

    def __init__(self, mu: float, s: float) -> None:
        super().__init__(s)
        check_parameters(mu=mu)
        self.mu = mu

    def schedule(self) -> ConstantSchedule:
        return Nesterov(self.mu, self.s)


class Unrolled(nn.Module):
    """k stacked copies of one layer with shared weights: input (Q, b), output the k-th iterate from zero.

    Q must be symmetric. Raises `ValueError` unless k is an integer >= 0.
    """

    def __init__(self, layer: StepLayer, k: int) -> None:
        super().__init__()
        check_parameters(k=k)
        self.layer = layer
        self.k = k

    def forward(self, Q: Tensor, b: Tensor) -> Tensor:
        state = (0 * b, 0 * b)
        for _ in range(self.k):
            state = self.layer(state, Q, b)
        return state[0]


def weights(layer: StepLayer, Q: Any, b: Any) -> tuple[Tensor, Tensor]:
    """W of shape (2d, 2d) and c of shape (2d,) of the step on the stacked state (x_k, x_{k-1}).

    b has shape (d,). For gradient descent the upper left block is I - sQ, the upper right one is zero.
    """
    s, beta, gamma, _, _ = (value.detach() for value in layer.coefficients())
    Q, b = tensor(Q), tensor(b)
    one, zero = torch.eye(len(b), dtype=torch.float64), torch.zeros(len(b), len(b), dtype=torch.float64)
    W = torch.cat(
        [
            torch.cat([(1 + beta) * one - s * (1 + gamma) * Q, s * gamma * Q - beta * one], dim=1),
            torch.cat([one, zero], dim=1),
        ]
    )
    return W, torch.cat([-s * b, 0 * b])


def dense(W: Any, c: Any, activation: nn.Module) -> nn.Sequential:
    """The layer x -> activation(W x + c) of T Table 1.2, from PyTorch's own parts. W is (d, d), c is (d,)."""
    W, c = tensor(W), tensor(c)
    linear = nn.Linear(len(c), len(c), dtype=torch.float64)
    with torch.no_grad():
        linear.weight.copy_(W)
        linear.bias.copy_(c)
    return nn.Sequential(linear, activation)


@dataclass(frozen=True)
class Run:
    """A layer repeated until it stops moving its input: the last output, and the length of every move."""

    x: Tensor
    moves: tuple[float, ...]
    settled: bool

    @property
    def depth(self) -> int:
        """The number of layers that were used."""
        return len(self.moves)


def iterate(layer: nn.Module, x: Tensor, tolerance: float, max_depth: int) -> Run:
    """Apply `layer` to its own output until a move is at most `tolerance` long, at most `max_depth` times.

    A run that does not settle is returned with `settled` False, also when it leaves the finite numbers.
    """
    if not tolerance > 0:
        raise ValueError(f"tolerance = {tolerance} must be positive: a move of length 0 may never come")
    check_parameters(k_max=max_depth)
    moves: list[float] = []
    with torch.no_grad():
        while len(moves) < max_depth and (not moves or tolerance < moves[-1] < float("inf")):
            after = layer(x)
            moves.append(float(torch.linalg.vector_norm(after - x)))
            x = after
    return Run(x, tuple(moves), bool(moves) and moves[-1] <= tolerance)


def problem_of(W: Any, c: Any) -> Quadratic:
    """The quadratic whose gradient step with step size 1 is x -> W x + c: Q = I - W, b = -c, as arrays.

    Raises `ValueError` when there is none: W must be symmetric with all eigenvalues below 1.
    """
    W, c = tensor(W), tensor(c)
    if not torch.allclose(W, W.T, rtol=0, atol=1e-12):
        raise ValueError("W is not symmetric, so x - (W x + c) is not the gradient of any function")
    largest = float(torch.linalg.eigvalsh(W)[-1])
    if not largest < 1:
        raise ValueError(f"W has the eigenvalue {largest:.6g}; below 1 is needed for a strongly convex problem")
    return Quadratic((torch.eye(len(c), dtype=torch.float64) - W).numpy(), (-c).numpy())


def optimality_gap(problem: Quadratic, x: Tensor) -> float:
    """The largest entry of |min(x, Qx + b)|, x of shape (d,): how far x is from minimal over x >= 0.

    It is zero exactly when x >= 0, Qx + b >= 0 and in every entry one of the two is zero.
    """
    gradient = torch.as_tensor(problem.gradient(x.numpy()))
    return float(torch.minimum(x, gradient).abs().max())


class Properties(NamedTuple):
    """The three quantities of T Table 1.3 on one matrix Q, worst case over b."""

    cvg: float
    stab_b: float
    sens_s: float


def measured(network: Unrolled, Q: Any) -> Properties:
    """Convergence, stability in b and sensitivity to s of a network on Q, by automatic differentiation.

    The d problems b = -Q e_i have the unit vectors as minimizers, and outputs are linear in b; so the
    spectral norms of (output - minimizer), d output / d b and d output / d s, taken over all d of them, are
    the worst cases over b with a minimizer of length one.
    """
    Q = tensor(Q)
    minimizers = torch.eye(len(Q), dtype=torch.float64)
    slope = torch.func.jacrev(lambda b: network(Q, b))(torch.zeros(len(Q), dtype=torch.float64))

    def outputs(s: Tensor) -> Tensor:
        return torch.func.functional_call(network, {"layer.s": s}, (Q, -Q))

    s = network.layer.s.detach()
    change = torch.func.jacrev(outputs)(s)
    matrices = (outputs(s) - minimizers, slope, change)
    return Properties(*(float(torch.linalg.matrix_norm(matrix.detach(), 2)) for matrix in matrices))
