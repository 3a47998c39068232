r"""A recurrent optimizer (Andrychowicz et al. 2016): one small LSTM turns each entry's gradient into its next step.

The network is the same for all entries, which have a state each. Gradients span many orders of magnitude and enter as
the paper's two numbers, (log|g|/p, sign g) or (-1, e^p g) for tiny g, p = 10. The variant with a soft threshold after
each step (RNN-l1 in T 7.7) can give zeros.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from duality.sparse.losses import LeastSquares, Loss
from duality.sparse.models.learned import Learned
from duality.sparse.penalties import positive, soft_threshold
from duality.sparse.problem import Problems

P = 10.0


def features(g: Tensor) -> Tensor:
    """The two numbers for every gradient, (..., 2)."""
    size = g.abs()
    large = size >= math.exp(-P)
    logarithm = torch.where(large, size.clamp_min(math.exp(-P)).log() / P, -1.0)
    return torch.stack([logarithm, torch.where(large, g.sign(), math.exp(P) * g)], -1)


class After(nn.Module, ABC):
    """What happens to an estimate after a step."""

    @abstractmethod
    def forward(self, beta: Tensor) -> Tensor:
        """The estimate (B, d)."""


class Nothing(After):
    """As in the paper."""

    def forward(self, beta: Tensor) -> Tensor:
        return beta


class Threshold(After):
    """A soft threshold with one learned bound, kept positive."""

    def __init__(self, bound: float = 0.01) -> None:
        super().__init__()
        self.log_bound = nn.Parameter(positive(torch.tensor(bound), "the threshold").log())

    def forward(self, beta: Tensor) -> Tensor:
        return soft_threshold(beta, self.log_bound.exp())


class Cell(nn.Module):
    """One step: the network, and what follows. Weights start at random by `seed`."""

    def __init__(self, hidden: int, scale: float, after: After, seed: int) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.first, self.second = nn.LSTMCell(2, hidden), nn.LSTMCell(hidden, hidden)
            self.output = nn.Linear(hidden, 1)
        self.scale, self.after = scale, after

    def forward(self, g: Tensor, beta: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """The next estimate (B, d) and state (4, B d, hidden), which holds h and c of both layers."""
        h1, c1 = self.first(features(g).reshape(-1, 2), (state[0], state[1]))
        h2, c2 = self.second(h1, (state[2], state[3]))
        move = self.output(h2).reshape(beta.shape)
        return self.after(beta + self.scale * move), torch.stack([h1, c1, h2, c2])


class RNN(Learned):
    """`steps` steps of a two-layer LSTM with `hidden` units; its output times `scale` is the step.

    Derivatives compute each step again, so that one state per step is all that is kept. Raises `ValueError` for sizes
    below 1.
    """

    def __init__(
        self,
        d: int,
        steps: int,
        after: After,
        hidden: int = 20,
        scale: float = 0.1,
        seed: int = 0,
        loss: Loss | None = None,
    ) -> None:
        super().__init__(d, loss or LeastSquares())
        if steps < 1 or hidden < 1:
            raise ValueError(f"the optimizer needs steps >= 1 and hidden >= 1, not {steps} and {hidden}")
        self.steps, self.hidden, self.cell = steps, hidden, Cell(hidden, scale, after, seed)

    def estimates(self, problems: Problems) -> Tensor:
        parameters: dict[str, Tensor] = dict(
            self.cell.named_parameters()
        )  # those of now, whenever a step is computed again

        def step(beta: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
            g = self.loss.gradient(problems, beta)
            return torch.func.functional_call(self.cell, parameters, (g, beta, state))

        beta, found = torch.zeros_like(problems.X[:, 0]), []
        state = beta.new_zeros(4, beta.numel(), self.hidden)
        for _ in range(self.steps):
            if torch.is_grad_enabled():
                beta, state = checkpoint(step, beta, state, use_reentrant=False)
            else:
                beta, state = step(beta, state)
            found.append(beta)
        return torch.stack(found, 1)


def rnn(d: int, steps: int, hidden: int = 20, seed: int = 0, loss: Loss | None = None) -> RNN:
    """The recurrent optimizer."""
    return RNN(d, steps, Nothing(), hidden, seed=seed, loss=loss)


def rnn_l1(d: int, steps: int, hidden: int = 20, seed: int = 0, loss: Loss | None = None) -> RNN:
    """The recurrent optimizer with a soft threshold."""
    return RNN(d, steps, Threshold(), hidden, seed=seed, loss=loss)
