r"""Gradient methods for quadratics: one step, and a schedule of its coefficients.

Every method here reads, with $x_{-1} = x_0 = 0$,

$$y_k = x_k + \gamma_k (x_k - x_{k-1}), \qquad x_{k+1} = x_k + \beta_k (x_k - x_{k-1}) - s_k (Q y_k + b).$$

Gradient descent (R eq. 21) has $\beta=\gamma=0$; the accelerated method (R eq. 9 and 24) has
$\beta=\gamma=(1-\sqrt{\mu s})/(1+\sqrt{\mu s})$; heavy ball has $\gamma=0$; the Chebyshev semi-iteration has
$\gamma=0$ and coefficients that change with $k$.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, NamedTuple

from duality.quadratic.arithmetic import FLOAT, NumberSystem
from duality.quadratic.problem import Spectrum, check_parameters


class Coefficients(NamedTuple):
    """Step size, the two momentum coefficients, and the derivatives of those two in the step size."""

    s: Any
    beta: Any
    gamma: Any
    dbeta: Any
    dgamma: Any


class Schedule(ABC):
    """The coefficients of the first steps, in any number system."""

    @abstractmethod
    def coefficients(self, system: NumberSystem, k: int) -> list[Coefficients]:
        """The coefficients of the steps 0, ..., k-1."""


class ConstantSchedule(Schedule):
    """A schedule with the same coefficients in every step."""

    @abstractmethod
    def step(self, system: NumberSystem) -> Coefficients:
        """The coefficients of any one step."""

    def coefficients(self, system: NumberSystem, k: int) -> list[Coefficients]:
        return [self.step(system)] * k


@dataclass(frozen=True)
class GradientDescent(ConstantSchedule):
    """R eq. 21: no momentum."""

    s: Any

    def step(self, system: NumberSystem) -> Coefficients:
        zero = system.number(0)
        return Coefficients(system.number(self.s), zero, zero, zero, zero)


def nag_momentum(u: Any) -> Any:
    """The momentum (1 - u)/(1 + u) of R eq. 24 at u = sqrt(mu s), in any numbers."""
    return (1 - u) / (1 + u)


@dataclass(frozen=True)
class Nesterov(ConstantSchedule):
    """R eq. 24: the momentum is tied to the step size, so it moves when the step size does."""

    mu: Any
    s: Any

    def step(self, system: NumberSystem) -> Coefficients:
        s = system.number(self.s)
        u = system.sqrt(system.number(self.mu) * s)
        beta = nag_momentum(u)
        slope = -u / (s * (1 + u) * (1 + u))
        return Coefficients(s, beta, beta, slope, slope)


@dataclass(frozen=True)
class HeavyBall(ConstantSchedule):
    """Polyak's method with the coefficients that are best for [mu, L]; the momentum does not follow the step
    size.
    """

    spectrum: Spectrum

    def step(self, system: NumberSystem) -> Coefficients:
        mu, L = system.number(self.spectrum.mu), system.number(self.spectrum.L)
        root, zero = system.sqrt(mu * L), system.number(0)
        total = mu + L + 2 * root
        return Coefficients(4 / total, (mu + L - 2 * root) / total, zero, zero, zero)


@dataclass(frozen=True)
class Chebyshev(Schedule):
    r"""The method whose residual is $T_k(t(\lambda))/T_k(t_0)$, $t(\lambda)=(L+\mu-2\lambda)/(L-\mu)$,
    $t_0=t(0)$.

    With $q_k = T_{k-1}(t_0)/T_k(t_0)$ the recursion $T_{k+1} = 2tT_k - T_{k-1}$, divided by $T_{k+1}(t_0)$,
    says $q_{k+1} = 1/(2t_0-q_k)$, $\beta_k = q_k q_{k+1}$, $s_k = 4q_{k+1}/(L-\mu)$; below, cleared of the
    factor $L-\mu$.
    """

    spectrum: Spectrum

    def coefficients(self, system: NumberSystem, k: int) -> list[Coefficients]:
        mu, L, zero = system.number(self.spectrum.mu), system.number(self.spectrum.L), system.number(0)
        q = (L - mu) / (L + mu)
        steps = [Coefficients(2 / (L + mu), zero, zero, zero, zero)]
        for _ in range(1, k):
            scale = 1 / (2 * (L + mu) - (L - mu) * q)
            q_next = (L - mu) * scale
            steps.append(Coefficients(4 * scale, q * q_next, zero, zero, zero))
            q = q_next
        return steps[:k]


@dataclass(frozen=True)
class Method:
    """A schedule, the spectrum it is judged on, and a name for tables and figures."""

    name: str
    spectrum: Spectrum
    schedule: Schedule

    def coefficients(self, system: NumberSystem, k: int) -> list[Coefficients]:
        """The coefficients of the steps 0, ..., k-1. Raises `ValueError` unless k is an integer >= 0."""
        check_parameters(k=k)
        return self.schedule.coefficients(system, k)


def gradient_descent(spectrum: Spectrum, s: Any) -> Method:
    """Gradient descent with step size s > 0 (also outside the range in which it converges)."""
    check_parameters(s=s)
    return Method("GD", spectrum, GradientDescent(s))


def nesterov(spectrum: Spectrum, s: Any) -> Method:
    """Nesterov's accelerated gradient with step size s > 0 and the momentum of R eq. 24."""
    check_parameters(s=s)
    return Method("NAG", spectrum, Nesterov(spectrum.mu, s))


def heavy_ball(spectrum: Spectrum) -> Method:
    """Heavy ball with its best coefficients for the spectrum."""
    return Method("heavy ball", spectrum, HeavyBall(spectrum))


def chebyshev(spectrum: Spectrum) -> Method:
    """The Chebyshev semi-iteration for the spectrum."""
    return Method("Chebyshev", spectrum, Chebyshev(spectrum))


def iterates(method: Method, Q: Any, b: Any, k: int) -> list[Any]:
    """x_0 = 0, ..., x_k for Q of shape (..., d, d) and b of shape (..., d), NumPy arrays or torch tensors."""
    x = previous = 0 * b
    path = [x]
    for s, beta, gamma, _, _ in method.coefficients(FLOAT, k):
        y = x + gamma * (x - previous)
        gradient = (Q @ y[..., None])[..., 0] + b
        x, previous = x + beta * (x - previous) - s * gradient, x
        path.append(x)
    return path
