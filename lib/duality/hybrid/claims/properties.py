"""T Table 1.3 on one trained hybrid model: properties of the network against the exact ones of its algorithm."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from duality.hybrid import measured
from duality.hybrid.layers import Samples, Trained, samples, train
from duality.hybrid.problem import population
from duality.ledger.claim import Claim, Criterion, Evidence, Statement, only
from duality.ledger.tex import Quantity
from duality.quadratic.exact import cvg, sens_s, stab_b
from duality.quadratic.stability_bounds import stab_q

NETWORK, PROPERTY = Quantity(r"\text{property of the network}"), Quantity(r"\text{property of the algorithm}")
STATEMENT = Statement(
    sp.Le(NETWORK, PROPERTY, evaluate=False),
    (),
    "Approximation efficiency is convergence, robustness is stability, sharpness is sensitivity: for a hybrid model, "
    "at the step size it has learned,{relation}in each of the three pairs, and tightly; and in the weights of the "
    "neural module the Lipschitz constant of the model is at most Stab times that of $Q_\\theta$.",
)
ALGORITHM, K, WIDTH, SEED = "GD", 10, 16, 0
TRAINING, INPUTS = 100, 40  # pairs to train on, further inputs at which properties are measured
DEPTHS = 41
ROUNDING = 1e-9
ATTAINED, CLOSE, HALF, SOME = 0.999, 0.9, 0.5, 0.1  # how tight, declared: part of the bound that must be reached


def trained_model() -> tuple[Trained, Samples]:
    """The model that is measured, and the inputs at which it is."""
    data = population(TRAINING + INPUTS, SEED)
    model = train(ALGORITHM, WIDTH, K, data, samples(data, slice(0, TRAINING)), seed=SEED)
    return model, samples(data, slice(TRAINING, None))


def between(sentence: str, value: float, bound: float, tight: float) -> Criterion:
    """value <= bound, and at least the part `tight` of it."""
    met = tight * bound <= value <= bound * (1 + ROUNDING)
    return Criterion(sentence, met, f"measured {value:.6g}, bound {bound:.6g}, ratio {value / bound:.4f}")


def criteria(trained: Trained, inputs: Samples, factor: float) -> Iterator[Criterion]:
    """The declared criteria, `factor` times a property of the algorithm being the claimed bound."""
    model, method, k = trained.model, trained.method, trained.model.solver.k
    in_b, in_phi = (factor * quantity(method, k).upper for quantity in (stab_b, sens_s))
    in_q = factor * stab_q(method, k).upper
    yield between(
        "Robustness in b: the largest slope of the whole model is at most Stab_b(k), and at least 0.999 of it.",
        float(measured.input_slopes(model, inputs).max()),
        in_b,
        ATTAINED,
    )
    yield between(
        "Robustness in Q: the largest slope found is at most Stab_Q(k), and at least 0.9 of it.",
        float(measured.energy_slopes(model, inputs).max()),
        in_q,
        CLOSE,
    )
    yield between(
        "Sharpness in φ: the largest slope, at worst over b, is at most Sens(k; φ), and at least 0.999 of it.",
        max(found.sens_s for found in measured.worst_over_b(model, inputs)),
        in_phi,
        ATTAINED,
    )
    whole, module = measured.weight_slopes(model, inputs)
    yield between(
        "Sharpness in θ: slope of the model over slope of Q_θ is at most Stab_Q(k) at every input, and at one at least "
        "0.1 of it.",
        float((whole / module).max()),
        in_q,
        SOME,
    )
    errors = measured.errors_by_depth(model, inputs, DEPTHS).tolist()
    rates = [factor * cvg(method, depth).upper for depth in range(DEPTHS + 1)]
    worst = max(error / rate for error, rate in zip(errors, rates, strict=True))
    least = min(error / rate for error, rate in zip(errors, rates, strict=True))
    yield Criterion(
        f"Approximation: the error after k steps over that of none is at most Cvg(k) for k = 0 to {DEPTHS}, and at "
        "least half of it.",
        least >= HALF and worst <= 1 + ROUNDING,
        f"error over Cvg between {least:.4f} and {worst:.4f}",
    )
    measured_rate, exact_rate = errors[-1] / errors[-2], rates[-1] / rates[-2]
    yield Criterion(
        "Approximation efficiency: the last factor by which that error falls is within 1% of that of Cvg.",
        abs(measured_rate / exact_rate - 1) <= 0.01,
        f"{measured_rate:.5f} and {exact_rate:.5f}",
    )


def duality_properties(statement: Statement) -> Evidence:
    """The criteria on a freshly trained model."""
    factor = float(statement.coefficient(PROPERTY))
    trained, inputs = trained_model()
    scope = (
        f"one model: {ALGORITHM}, k = {K}, {WIDTH} hidden units, {TRAINING} pairs, {len(trained.losses) - 1} steps of "
        f"Adam, loss {trained.losses[0]:.3g} to {trained.losses[-1]:.3g}, learned φ = {trained.model.phi:.4g}; "
        f"{INPUTS} new inputs"
    )
    return Evidence(criteria=tuple(criteria(trained, inputs, factor)), scope=scope)


CLAIMS = (
    Claim(
        "duality-properties",
        "J",
        "statement",
        "Robustness is stability, sharpness is sensitivity",
        "T Table 1.3",
        STATEMENT,
        only(sp.LessThan, duality_properties),
    ),
)
