"""Covering numbers: exact ones against nets, monotonicity where it holds and where it fails, Dudley's integral."""

from fractions import Fraction

import numpy as np
import pytest

from duality.hybrid.covering import (
    dudley,
    farthest_points,
    linear_module_bound,
    lower_number,
    proper_number,
    upper_number,
)


def on_a_line(points, radius):
    return proper_number(points, lambda a, b: abs(a - b) <= radius)


def test_exact_numbers_on_a_line():
    assert [on_a_line(range(7), radius) for radius in (0, 1, 2, 3)] == [7, 3, 2, 1]
    assert on_a_line([1, 1, 1], 0) == 1


def test_exact_numbers_refuse_what_they_cannot_do():
    with pytest.raises(ValueError, match="members"):
        on_a_line([], 1)
    with pytest.raises(ValueError, match="members"):
        on_a_line(range(20), 1)
    with pytest.raises(ValueError, match="near itself"):
        proper_number([1, 2], lambda a, b: False)


def test_a_smaller_set_can_need_more_balls_with_centres_inside():
    whole = [(Fraction(4, 5),) * 2, (1, 0), (0, 1)]

    def near(a, b):
        return max(abs(x - y) for x, y in zip(a, b, strict=True)) <= Fraction(4, 5)

    assert (proper_number(whole, near), proper_number(whole[1:], near)) == (1, 2)


def test_nets_enclose_the_exact_number():
    rng = np.random.default_rng(0)
    for _ in range(20):
        points = rng.standard_normal((12, 2))
        radii = farthest_points(points, 0.0)
        for epsilon in (0.3, 0.8, 1.5):
            exact = proper_number(
                list(map(tuple, points)), lambda a, b, e=epsilon: float(np.hypot(a[0] - b[0], a[1] - b[1])) <= e
            )
            assert lower_number(radii, epsilon) <= exact <= upper_number(radii, epsilon)


def test_nets_stop_and_say_where_they_end():
    points = np.linspace(0, 1, 101)[:, None]
    radii = farthest_points(points, 0.1)
    assert radii[-1] <= 0.1 < radii[-2]
    assert len(farthest_points(points, 0.0, limit=3)) == 3
    with pytest.raises(ValueError, match="above"):
        upper_number(radii, 1e-3)


def test_dudley_is_a_finite_sum_of_the_steps():
    radii = np.array([1.0, 0.5, 0.25])  # N = 1 above 1, 2 on [0.5, 1), 3 on [0.25, 0.5)
    expected = 4 * 0.25 + 12 / np.sqrt(9) * (0.5 * np.sqrt(np.log(2)) + 0.25 * np.sqrt(np.log(3)))
    assert dudley(radii, 0.25, 9) == pytest.approx(expected)
    assert dudley(radii, 1.0, 9) == pytest.approx(4)


def test_one_net_beats_the_integral_pulled_out_at_the_smallest_radius():
    rng = np.random.default_rng(1)
    for n in (10, 100):
        points = rng.random((300, n)) / np.sqrt(n)
        radii, radius, alpha = farthest_points(points, 0.0), float(np.linalg.norm(points, axis=1).max()), n**-0.5
        number = np.log(upper_number(radii, alpha))
        top = (points @ rng.choice([-1.0, 1.0], size=(n, 2000))).max(axis=0).mean() / np.sqrt(n)
        assert top <= alpha * (1 + radius * np.sqrt(2 * number)) <= alpha * (4 + 12 * radius * np.sqrt(number))


def test_the_module_bound_covers_a_sampled_class():
    rng = np.random.default_rng(2)
    for n in (5, 20):
        z = rng.uniform(-5, 5, (n, 10))
        weights, shifts = rng.standard_normal((400, 10, 3)), rng.standard_normal((400, 1, 3))
        values = 0.1 + 0.9 / (1 + np.exp(-(z @ weights + shifts)))
        radii = farthest_points(values.reshape(400, -1) / np.sqrt(n), 0.0)
        assert np.log(lower_number(radii, n**-0.5)) <= linear_module_bound(n, 0.9)
    assert linear_module_bound(5, 0.9) <= linear_module_bound(50, 0.9)
