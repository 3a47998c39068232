"""The recurrent cell in floating point: shapes, known cells, and every bound on wide and deep random cells."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from duality.hybrid import recurrent_attack
from duality.hybrid.proofs.recurrent_represents import colliding, nag
from duality.hybrid.rates import recurrent as rates
from duality.hybrid.recurrent import (
    Cell,
    c_phi,
    check_run,
    first_layer,
    gradient_descent_cell,
    nesterov_cell,
    paired,
    random_cell,
    scaled,
    shrunk_cell,
    twice,
    wrong_way_cell,
)
from duality.quadratic.methods import gradient_descent, iterates, nesterov
from duality.quadratic.problem import Spectrum, with_eigenvalues

SPECTRUM = Spectrum(1.0, 4.0)
SHAPES = [(1, (1,)), (1, (3, 2)), (2, (4,)), (3, (5, 4)), (4, (6, 6, 6)), (3, (2, 5))]


def problems(d: int, count: int, rng: np.random.Generator, spectrum: Spectrum = SPECTRUM) -> tuple:
    """Q with eigenvalues mu, L or between, and b, for `count` problems."""
    mu, L = float(spectrum.mu), float(spectrum.L)
    lam = np.clip(rng.uniform(mu - 1, L + 1, (count, d)), mu, L)
    found = with_eigenvalues(lam, rng)
    return found.Q, found.b


def stable(d: int, widths: tuple[int, ...], c: float, rng: np.random.Generator) -> Cell:
    cell = random_cell(d, widths, rng)
    return scaled(cell, c / c_phi(cell, SPECTRUM))


def norms(v: np.ndarray) -> np.ndarray:
    return np.linalg.norm(v, axis=-1)


@pytest.mark.parametrize(("d", "widths"), SHAPES)
def test_the_first_layer_is_enclosed_and_the_worst_problem_is_given(d, widths):
    rng = np.random.default_rng(0)
    cell = random_cell(d, widths, rng)
    found = first_layer(cell, SPECTRUM)
    assert found.upper == pytest.approx(found.lower, rel=1e-9)
    assert np.allclose(found.Q, found.Q.T) and np.linalg.norm(cell.W1 + cell.W2 @ found.Q, 2) == found.lower
    eigenvalues = np.linalg.eigvalsh(found.Q)
    assert np.allclose(np.minimum(abs(eigenvalues - 1), abs(eigenvalues - 4)), 0, atol=1e-9)
    Q, _ = problems(d, 300, rng)
    assert np.linalg.norm(cell.W1 + cell.W2 @ Q, 2, axis=(-2, -1)).max() <= found.upper * (1 + 1e-12)


def test_the_first_layer_when_a_matrix_vanishes():
    eye, zero = np.eye(2), np.zeros((2, 2))
    assert first_layer(Cell(eye, eye, zero), SPECTRUM).upper == pytest.approx(1)
    assert first_layer(Cell(eye, zero, eye), SPECTRUM).upper == pytest.approx(4)
    assert first_layer(Cell(eye, -2.5 * eye, eye), SPECTRUM).upper == pytest.approx(1.5)
    assert first_layer(Cell(eye, zero, zero), SPECTRUM).upper == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("layers", [1, 2, 4])
def test_eq_80_is_gradient_descent(layers):
    rng = np.random.default_rng(1)
    Q, b = problems(3, 1, rng)
    cell = gradient_descent_cell(0.3, 3, layers)
    expected = iterates(gradient_descent(SPECTRUM, 0.3), Q[0], b[0], 8)
    assert np.allclose(cell.unroll(Q[0], b[0], 8), expected, atol=1e-13)
    assert c_phi(cell, SPECTRUM) == pytest.approx(2 * max(abs(1 - 0.3 * 1), abs(1 - 0.3 * 4)))


def test_no_cell_has_no_layer():
    with pytest.raises(ValueError, match="at least 1"):
        paired(np.eye(2), np.eye(2), 0)


@pytest.mark.parametrize("s", [0.05, 0.25, 4 / 13])
def test_the_doubled_cell_is_nag_and_outside_the_stable_region(s):
    rng = np.random.default_rng(2)
    Q, b = problems(3, 1, rng)
    cell = nesterov_cell(1.0, s, 3, layers=2)
    path = np.array(cell.unroll(*twice(Q[0], b[0]), 12))
    expected = np.array(iterates(nesterov(SPECTRUM, s), Q[0], b[0], 12))
    assert np.allclose(path[:, :3], expected, atol=1e-12)
    assert np.allclose(path[1:, 3:], expected[:-1], atol=1e-12)
    assert c_phi(cell, SPECTRUM) >= 2
    changes = norms(np.diff(path, axis=0))
    assert changes[1] >= changes[0]  # what rnn-nag-outside rests on


@pytest.mark.parametrize(("d", "widths"), SHAPES)
def test_contraction_and_stability_of_random_cells(d, widths):
    rng = np.random.default_rng(3)
    for c in (0.3, 0.9, 0.999):
        cell = stable(d, widths, c, rng)
        (Q, b), (R, e) = problems(d, 40, rng), problems(d, 40, rng)
        first, second = np.array(cell.unroll(Q, b, 12)), np.array(cell.unroll(R, e, 12))
        changes = norms(np.diff(first, axis=0))
        assert (changes[1:] <= c * changes[:-1] * (1 + 1e-9) + 1e-14).all()
        c_Q, c_p = (cell.outer * np.linalg.norm(cell.W1 + cell.W2 @ X, 2, axis=(-2, -1)) for X in (Q, R))
        hat = cell.outer * np.linalg.norm(cell.W2, 2)
        for k in (1, 2, 5, 12):
            gap, dq, db = norms(first[k] - second[k]), np.linalg.norm(Q - R, 2, axis=(-2, -1)), norms(b - e)
            total = (1 - c_Q**k) / (1 - c_Q)
            printed = hat**2 * norms(e) / (1 - c_p) * total * dq + hat * total * db
            sharp = (1 - c**k) / (1 - c)
            better = hat**2 * norms(e) / (1 - c) * (sharp - k * c ** (k - 1)) * dq + hat * sharp * db
            assert (gap <= printed * (1 + 1e-9)).all()
            assert (gap <= better * (1 + 1e-9)).all()


@pytest.mark.parametrize(("d", "widths"), SHAPES)
def test_sensitivity_of_random_cells(d, widths):
    rng = np.random.default_rng(4)
    cell, L, B = stable(d, widths, 0.8, rng), float(SPECTRUM.L), 2.0

    def moved(W: np.ndarray) -> np.ndarray:
        return W + 0.01 * rng.standard_normal(W.shape) / W.size

    other = Cell(moved(cell.V), moved(cell.W1), moved(cell.W2), tuple(map(moved, cell.hidden)))
    both = (cell, other)
    flat = [np.concatenate([W.ravel() for W in (x.V, x.W1, x.W2, *x.hidden)]) for x in both]
    c = [c_phi(x, SPECTRUM) for x in both]
    at = {
        "v": max(np.linalg.norm(x.V, 2) for x in both),
        "w": max((np.linalg.norm(W, 2) for x in both for W in x.hidden), default=1.0),
        "alpha": max(first_layer(x, SPECTRUM).upper for x in both),
        "beta": max(np.linalg.norm(x.W2, 2) for x in both),
    }
    n = 1 + len(cell.hidden)
    Y = at["v"] * at["w"] ** (n - 1) * at["beta"] * B / (1 - max(c))
    at |= {"Y": Y, "H": at["alpha"] * Y + at["beta"] * B, "n": n, "B": B, "L": L, "c_0": max(c), "c_min": min(c)}
    Q, b = problems(d, 40, rng)
    b *= B / norms(b)[:, None]
    paths = [x.unroll(Q, b, 12) for x in both]
    for k in (1, 2, 5, 12):
        right = rates.SENSITIVITY.rhs.subs({s: at[s.name] for s in rates.SENSITIVITY.rhs.free_symbols if s.name in at})
        bound = float(right.subs({rates.k: k, rates.DPHI: np.linalg.norm(flat[0] - flat[1])}))
        assert norms(paths[0][k] - paths[1][k]).max() <= bound


@pytest.mark.parametrize(("d", "widths"), SHAPES)
def test_the_smallest_constant_for_every_cell(d, widths):
    """c_phi >= (kappa-1)/(kappa+1) ||E(y) - E(-y)||/||y|| holds without any hypothesis on E = cell(., 0)."""
    rng = np.random.default_rng(5)
    for kappa in (1.5, 3.0, 20.0):
        spectrum = Spectrum(1.0, kappa)
        for _ in range(20):
            cell = random_cell(d, widths, rng)
            y = rng.standard_normal((50, d))
            odd = norms(cell.apply(y, 0 * y) - cell.apply(-y, 0 * y)) / norms(y)
            assert c_phi(cell, spectrum) >= (kappa - 1) / (kappa + 1) * odd.max() * (1 - 1e-12)


def limit_error(cell: Cell, kappa: float, d: int, k: int, rng: np.random.Generator) -> float:
    """The largest error after k steps at Q = I (mu = 1) and at random Q, over random x* of length 1."""
    spectrum = Spectrum(1.0, kappa)
    Q, _ = problems(d, 60, rng, spectrum)
    Q[:30] = np.eye(d)
    x = rng.standard_normal((60, d))
    x /= norms(x)[:, None]
    errors = []
    for target in (x, -x):
        b = -np.einsum("nij,nj->ni", Q, target)
        errors.append(norms(cell.unroll(Q, b, k)[-1] - target).max())
    return float(max(errors))


@pytest.mark.parametrize(("d", "widths"), SHAPES)
def test_no_random_cell_goes_below_the_floor(d, widths):
    rng = np.random.default_rng(6)
    for kappa in (3.0, 6.0, 50.0):
        for _ in range(10):
            cell = random_cell(d, widths, rng)
            cell = scaled(cell, 0.95 / c_phi(cell, Spectrum(1.0, kappa)))
            floor = float(rates.FLOOR.rhs.subs({rates.kappa: kappa, rates.c: 0.95}))
            assert limit_error(cell, kappa, d, 300, rng) >= floor - 1e-6


@pytest.mark.parametrize("kappa", [3.5, 6.0, 30.0])
@pytest.mark.parametrize("c", [0.5, 0.99])
def test_the_shrunk_cell_attains_the_floor(kappa, c):
    cell = shrunk_cell(Spectrum(1.0, kappa), 2, c)
    assert c_phi(cell, Spectrum(1.0, kappa)) == pytest.approx(c)
    expected = float(rates.FLOOR.rhs.subs({rates.kappa: kappa, rates.c: c}))
    assert limit_error(cell, kappa, 2, 200, np.random.default_rng(7)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("c", [0.2, 0.9])
def test_the_wrong_way_cell_attains_the_worst_case(k, c):
    cell = wrong_way_cell(SPECTRUM, 3, c)
    assert c_phi(cell, SPECTRUM) == pytest.approx(c)
    b = np.array([1.0, 0, 0])
    y, target = cell.unroll(4 * np.eye(3), b, k)[-1], -b / 4
    expected = float(rates.WORST_CONVERGENCE.rhs.subs({rates.kappa: 4, rates.c: c, rates.k: k}))
    assert np.linalg.norm(y - target) / np.linalg.norm(target) == pytest.approx(expected)


def test_torch_and_numpy_agree_and_batches_of_cells_work():
    rng = np.random.default_rng(8)
    cells = [random_cell(2, (3, 4), rng) for _ in range(5)]
    Q, b = problems(2, 5, rng)
    stack = [torch.tensor(np.stack([getattr(x, name) for x in cells])) for name in ("V", "W1", "W2")]
    batch = Cell(*stack, (torch.tensor(np.stack([x.hidden[0] for x in cells])),))
    together = batch.unroll(torch.tensor(Q), torch.tensor(b), 4)[-1].numpy()
    assert np.allclose(together, [x.unroll(q, e, 4)[-1] for x, q, e in zip(cells, Q, b, strict=True)])


def test_nag_in_fractions_is_the_nag_of_the_first_part():
    mu, s, u = 1, 0.25, 0.5
    for q in colliding(s, u):
        exact = nag(q, -q, s, u, 6).y
        expected = iterates(nesterov(Spectrum(mu, 4), s), np.array([[q]]), np.array([-q]), 6)
        assert np.allclose([float(value) for value in exact], np.ravel(expected))


def test_the_unit_cell_of_the_search_is_the_cell_of_the_library():
    rng = np.random.default_rng(9)
    for _ in range(20):
        V, U, W, q, b = rng.standard_normal(5)
        cell = Cell(np.array([[V]]), np.array([[U]]), np.array([[W]]))
        path = cell.unroll(np.array([[q]]), np.array([b]), 5)
        assert np.allclose(np.ravel(path), recurrent_attack.unit_cell_path(U + W * q, W * b, 5, V))


@pytest.mark.parametrize(
    ("given", "message"), [({"kappa": 1.0}, "kappa = 1"), ({"c": 1.0}, "strictly"), ({"k": -1}, "k")]
)
def test_the_chapter_refuses_what_it_cannot_show(given, message):
    check_run(profile="quick", kappa=6.0, c=0.9, k=30, seed=0)
    with pytest.raises(ValueError, match=message):
        check_run(**given)
