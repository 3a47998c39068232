"""Measured Rademacher complexities: exact references, feasibility, refusals, and the small exact classes."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch

from duality.book import figures
from duality.hybrid import lipschitz, numeric_bounds, rademacher
from duality.hybrid.experiments.complexity import COMPLEXITY, measure
from duality.hybrid.experiments.contraction import CONTRACTION
from duality.hybrid.problem import LEARNED, PRINTED, population
from duality.hybrid.small import PATTERNS, SmallClass, signed_supremum
from duality.hybrid.turning import Turning, binned_complexity, bounds_of_net
from duality.quadratic.methods import gradient_descent, iterates, nesterov
from duality.quadratic.residual import solutions

K = 5
METHODS = {"GD": gradient_descent(PRINTED, 1.0), "NAG": nesterov(PRINTED, 1.0)}
DATA = population(40, seed=3)


@pytest.fixture(scope="module", params=METHODS)
def model(request):
    return rademacher.losses(DATA, METHODS[request.param], K, 0)


@pytest.mark.parametrize("name", METHODS)
def test_the_table_is_the_polynomial(name):
    lam = torch.linspace(0.1, 1.0, 313, dtype=torch.float64)
    for k in (1, 7, 30):
        exact = solutions(METHODS[name], lam.numpy(), k)[-1]
        assert np.allclose(rademacher.tabulate(METHODS[name], k)(lam), exact, atol=1e-9)


@pytest.mark.parametrize("name", METHODS)
def test_the_slopes_are_derivatives(name):
    lam, h = np.linspace(0.1, 1.0, 9), 1e-6
    difference = (solutions(METHODS[name], lam + h, 6)[-1] - solutions(METHODS[name], lam - h, 6)[-1]) / (2 * h)
    assert np.allclose(lipschitz.slopes(METHODS[name], lam, 6), difference, rtol=1e-6, atol=1e-6)
    assert lipschitz.largest_slope(METHODS[name], 6) == pytest.approx(abs(lipschitz.slopes(METHODS[name], lam, 6)[0]))


@pytest.mark.parametrize("name", METHODS)
def test_losses_are_those_of_the_whole_model(name):
    model = rademacher.losses(DATA, METHODS[name], K, 4)
    weights = rademacher.start_weights(4, 2, np.random.default_rng(0), scale=2.0)
    lam = model.eigenvalues(weights)[1].numpy()
    Q = DATA.matrices(np.concatenate([lam, DATA.lam[:, LEARNED:]], axis=1))
    outputs = iterates(METHODS[name], Q, DATA.b, K)[-1]
    assert np.allclose(model(weights)[1], np.linalg.norm(outputs - DATA.minimizers, axis=1), atol=1e-6)


def pool(count=600):
    rng = np.random.default_rng(5)
    return torch.cat([rademacher.start_weights(0, count, rng, scale) for scale in (1.0, 3.0)])


def test_ascent_stays_below_the_exact_supremum_and_comes_close(model):
    problems = rademacher.draw(len(DATA), 3, 40, 1e9, np.random.default_rng(1))
    found = rademacher.ascend(model, problems, rademacher.screened(model, problems, pool()), 200, 0.1)
    exact = rademacher.decoupled(model, problems)
    assert (found <= exact + 1e-6).all()
    home = rademacher.start_weights(0, 1, np.random.default_rng(0))[0]
    base = (problems.signs * model(home.expand(40, -1), problems.rows)).mean(-1)
    assert float((found - base).mean()) > 0.8 * float((exact - base).mean())


def test_only_feasible_points_count(model):
    smallest, weights = rademacher.smallest_rms(model, 2, 150, 0.1, np.random.default_rng(0))
    assert smallest == pytest.approx(float(rademacher.rms(model(weights[None]))))
    one = rademacher.draw(len(DATA), 8, 8, 1.05 * smallest, np.random.default_rng(1))
    free = rademacher.Problems(one.rows, one.signs, torch.full((8,), 1e9, dtype=torch.float64))
    both = rademacher.together([one, free])
    values = rademacher.complexity(model, both, weights, pool(), 100, 0.1)
    local, whole = values[:8], values[8:]
    assert (local >= 0).all() and float(local.mean()) < float(whole.mean())
    tight = rademacher.Problems(one.rows, one.signs, torch.full((8,), 0.5 * smallest, dtype=torch.float64))
    assert torch.isinf(rademacher.ascend(model, tight, pool(4), 20, 0.1)).all()


def test_weights_to_start_from_must_be_feasible(model):
    problems = rademacher.draw(len(DATA), 4, 2, 1e-3, np.random.default_rng(0))
    weights = rademacher.start_weights(0, 1, np.random.default_rng(0))[0]
    with pytest.raises(ValueError, match="violate the level"):
        rademacher.complexity(model, problems, weights, pool(4), 5, 0.1)


def test_one_function_has_complexity_zero_and_every_sign_has_half_the_range():
    assert signed_supremum([(Fraction(1), Fraction(5), Fraction(2))]) == 0
    rows = [tuple(map(Fraction, row)) for row in PATTERNS["every sign"](3)]
    assert signed_supremum(rows) == 1


def test_the_norms_of_two_constants_are_one_function_but_the_losses_are_not():
    small = SmallClass(Fraction(1, 2), Fraction(2, 5), PATTERNS["two constants"](3), 2, (Fraction(1),))
    assert small.norm_complexity == 0 and small.loss_complexity == Fraction(1, 5)
    assert small.stab == 1 and small.sens == 0


def test_the_turning_class_is_as_stated():
    turning = Turning()
    assert (turning.left, turning.stab) == (Fraction(4, 5), 2)
    with pytest.raises(ValueError, match="must lie in"):
        Turning(e=Fraction(1, 2))
    # one bin per sample or more: the supremum decouples
    value, error = binned_complexity(turning, 20, 20_000, 300, np.random.default_rng(0))
    assert abs(value - 0.8) < 4 * error
    assert bounds_of_net(turning, 50, 3) < bounds_of_net(turning, 50, None)


def test_nets_of_the_circle_cover_it():
    turning, n = Turning(), 400
    points = round(np.exp(bounds_of_net(turning, n, 1)))
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = np.sqrt(2) * float(turning.e)
    farthest = 2 * radius * np.sin(np.pi / points / 2)  # half-way between two neighbours
    assert len(angles) == points and farthest <= n**-0.5


def test_quick_rows_of_the_turning_class_lie_in_the_recorded_band():
    recorded, _ = figures.load("contraction")
    fresh = figures.run(CONTRACTION, CONTRACTION.quick)
    assert figures.disagreements(CONTRACTION, recorded, fresh) == []
    assert len(recorded.merge(fresh, on=list(CONTRACTION.keys))) == len(fresh)


@pytest.mark.parametrize("part", ["bounds", "nets"])
def test_cheap_rows_of_the_complexities_lie_in_the_recorded_band(part):
    recorded, record = figures.load("complexity")
    fresh = pd.DataFrame(measure(part, 10, 20, 0, record["parameters"]["seed"]))
    assert figures.disagreements(COMPLEXITY, recorded, fresh) == []
    wrong = fresh.assign(value=2 * fresh["value"])
    assert figures.disagreements(COMPLEXITY, recorded, wrong)


@pytest.mark.parametrize(
    ("experiment", "wrong"),
    [(COMPLEXITY, {"factors": [1.0]}), (CONTRACTION, {"ns": [0]}), (CONTRACTION, {"bins": [-1]})],
)
def test_parameters_out_of_range_are_refused(experiment, wrong):
    with pytest.raises(ValueError):
        experiment.pieces(**experiment.parameters("quick") | wrong)


def test_recorded_complexities_respect_what_is_known():
    recorded, _ = figures.load("complexity")
    measured = recorded[recorded["algorithm"].isin(METHODS) & ~recorded["part"].isin(["bounds", "nets"])]
    assert (measured["value"] < PRINTED_TRIVIAL).all()
    keys = ["part", "algorithm", "k", "n", "width", "factor"]
    classes = measured.pivot(index=keys, columns="class", values="value")
    assert (classes["own level"] <= classes["global"] * 1.1 + 0.1).all()  # a part of the class, up to the ascent


PRINTED_TRIVIAL = numeric_bounds.LENGTH / float(PRINTED.mu) / 2


def test_the_bounds_fall_with_n_and_grow_with_the_cover():
    for method in METHODS.values():
        for kind in ("global net", "repaired", "printed"):
            sizes = [numeric_bounds.values(method, K, n, 1.0, 5.0)[kind] for n in (10, 100, 1000)]
            assert sizes == sorted(sizes, reverse=True)
            covers = [numeric_bounds.values(method, K, 100, 1.0, size)[kind] for size in (0.0, 1.0, 10.0)]
            assert covers == sorted(covers)
    assert numeric_bounds.useful_from(METHODS["GD"], 2, "trivial", 1.0) is None


def test_the_window_closes_and_the_reference_is_refused_beyond_it():
    small, large = (numeric_bounds.product_window(METHODS, n) for n in (100, 10**6))
    assert small.about_right < np.log(2) < large.about_right
    assert all(small.last[name] <= large.last[name] for name in METHODS)
    assert small.last["NAG"] < small.last["GD"]
    assert numeric_bounds.cap_under(METHODS["GD"], 5, np.log(2)) > 10
    wide, linear = (rademacher.losses(DATA, METHODS["GD"], K, width) for width in (4, 0))
    for model, n in ((wide, 5), (linear, 12)):
        with pytest.raises(ValueError, match="exact value is known"):
            rademacher.share_of_exact(model, n, 2, 2, 0.1, 0)
