"""Learned methods: shapes, derivatives, determinism, the exact reduction to path following, and what is refused."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from duality.sparse.losses import LeastSquares, Logistic
from duality.sparse.models.alista import ALISTA, support_threshold, weight_matrix
from duality.sparse.models.learned import Learned
from duality.sparse.models.levels import Absolute, Largest, Levels, Signed, entrywise, recursion, shared
from duality.sparse.models.lista import LISTA, Full, lista, lista_low_rank
from duality.sparse.models.lstm import features, rnn, rnn_l1
from duality.sparse.models.plisa import PLISA, FixedWeights, LearnedWeights, plisa, plisa_l1, plisa_shared
from duality.sparse.penalties import L1, MCP, SCAD, Mixture, printed
from duality.sparse.problem import Population, Problems, padded
from duality.sparse.solvers.apf import APF, AfterSteps, FixedStep
from duality.sparse.unroll import Best, Checkpointed, Compiled, Plain, Unroll

DOUBLE = torch.float64
POPULATION = Population(d=30, n=20, sparsity=4, union=15, correlation=0.5)
METHODS: dict[str, Callable[[int], Learned]] = {
    "plisa": lambda d: plisa(d, 4, 5, 0.05),
    "signed": lambda d: plisa(d, 4, 5, 0.05, start=Signed()),
    "shared": lambda d: plisa_shared(d, 4, 5, 0.05),
    "l1": lambda d: plisa_l1(d, 4, 5, 0.05),
    "lista": lambda d: lista(d, 4, 0.05),
    "lista of low rank": lambda d: lista_low_rank(d, 4, 0.05),
    "alista": lambda d: ALISTA(d, 4, share=0.1, most=0.3),
    "rnn": lambda d: rnn(d, 4, hidden=5),
    "rnn with l1": lambda d: rnn_l1(d, 4, hidden=5),
}


def ragged(dtype: torch.dtype = DOUBLE) -> Problems:
    whole = POPULATION.draw(4, 5, dtype)
    return padded([(whole.X[i, :n], whole.y[i, :n]) for i, n in enumerate((12, 20, 18, 7))], whole.truth)


def gradients(model: Learned, problems: Problems) -> dict[str, Tensor]:
    model.zero_grad()
    estimates = model(problems)
    weights = torch.randn(estimates.shape, generator=torch.Generator().manual_seed(1), dtype=DOUBLE).to(estimates.dtype)
    (estimates * weights).sum().backward()
    return {name: value.grad.clone() for name, value in model.named_parameters() if value.grad is not None}


@pytest.mark.parametrize("name", METHODS)
def test_shapes_batches_and_determinism(name: str) -> None:
    problems, model = ragged(), METHODS[name](30).double()
    estimates = model(problems)
    assert estimates.shape == (4, 4, 30) and bool(torch.isfinite(estimates).all())
    assert bool((METHODS[name](30).double()(problems) == estimates).all())
    torch.testing.assert_close(model.solve(problems, most=3), estimates[:, -1].detach())
    for i, n in enumerate(problems.counts.tolist()):
        alone = padded([(problems.X[i, :n], problems.y[i, :n])])
        torch.testing.assert_close(model(alone)[0], estimates[i], atol=1e-8, rtol=1e-6)
    first, second = gradients(model, problems), gradients(model, problems)
    assert first.keys() == dict(model.named_parameters()).keys()
    assert all(bool((first[key] == second[key]).all()) for key in first)


@pytest.mark.parametrize("name", METHODS)
def test_derivatives_are_those_of_finite_differences(name: str) -> None:
    """At generic parameters and a tiny size, for all parameters at once."""
    problems = Population(d=5, n=4, sparsity=2, union=4, correlation=0.3).draw(2, 3, DOUBLE)
    model = METHODS[name](5).double()
    generator = torch.Generator().manual_seed(2)
    names, values = zip(*model.named_parameters(), strict=True)
    values = tuple(
        (value.detach() + 0.1 * torch.randn(value.shape, generator=generator, dtype=DOUBLE)).requires_grad_()
        for value in values
    )

    def outputs(*given: Tensor) -> Tensor:
        estimates = torch.func.functional_call(model, dict(zip(names, given, strict=True)), (problems,))
        assert isinstance(estimates, Tensor)
        return estimates[:, -1]

    assert torch.autograd.gradcheck(outputs, values, eps=1e-7, atol=1e-5, fast_mode=True)


WAYS = {"plain": Plain(), "checkpointed": Checkpointed(), "compiled": Compiled(), "best": Best()}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("start", [Signed(), Absolute(), Largest()], ids=lambda each: type(each).__name__)
def test_all_ways_give_the_same(way: str, start: Signed | Absolute | Largest) -> None:
    problems = ragged()
    torch.manual_seed(0)

    def build(how: Unroll) -> PLISA:
        levels = Levels(30, 1 if isinstance(start, Largest) else 30, start, 0.7, 0.1)
        return PLISA(levels, LearnedWeights(3.7, 3.0), 0.06, 5, 12, LeastSquares(), how).double()

    reference, model = build(Plain()), build(WAYS[way])
    with torch.no_grad():
        for value in reference.parameters():
            value.add_(0.1 * torch.randn_like(value))
    model.load_state_dict(reference.state_dict())
    torch.testing.assert_close(model(problems), reference(problems), atol=1e-12, rtol=1e-10)
    found, wanted = gradients(model, problems), gradients(reference, problems)
    for name in wanted:
        torch.testing.assert_close(found[name], wanted[name], atol=1e-9, rtol=1e-9)


def test_compiled_blocks_at_the_printed_size() -> None:
    """Where most columns are skipped, and for long enough that the set of columns changes many times."""
    problems = Population(d=256).draw(3, 1, DOUBLE)
    levels = entrywise(256, ratio=0.7, target=0.05)
    levels.set_target(torch.cat([torch.full((128,), 0.05), torch.full((128,), 0.4)]))
    model = PLISA(levels, LearnedWeights(20.0, 20.0), 0.004, 6, 60, LeastSquares(), Compiled()).double()
    plain = copy.deepcopy(model)
    plain.way = Plain()
    torch.testing.assert_close(model(problems), plain(problems), atol=1e-9, rtol=1e-8)
    found, wanted = gradients(model, problems), gradients(plain, problems)
    for name in wanted:
        torch.testing.assert_close(found[name], wanted[name], atol=1e-7, rtol=1e-7)


def test_a_problem_that_diverges_is_not_a_number_and_leaves_the_others_alone() -> None:
    problems = POPULATION.draw(3, 4)
    louder = Problems(problems.X * torch.tensor([1.0, 30.0, 1.0])[:, None, None], problems.y, problems.counts)
    model = plisa(30, 20, 20, 0.05)
    estimates = model(louder)
    assert not bool(torch.isfinite(estimates[1, -1]).any()) and bool(torch.isfinite(estimates[[0, 2]]).all())
    torch.testing.assert_close(estimates[[0, 2]], model(problems)[[0, 2]])
    estimates[:, -1].sum().backward()
    assert bool(model.log_alpha.grad.isnan())  # type: ignore[union-attr]


@pytest.mark.parametrize("dtype", [torch.float32, DOUBLE], ids=str)
@pytest.mark.parametrize(("K", "T"), [(1, 60), (1, 400), (4, 100)])
def test_blocks_of_any_length_notice_that_a_problem_diverges(K: int, T: int, dtype: torch.dtype) -> None:
    drawn, model = POPULATION.draw(20, 0, dtype), plisa(30, T, K, 0.3, way=Plain()).to(dtype)
    volume = torch.where(torch.arange(20) % 2 == 0, 2.0, 0.2).to(dtype)
    problems = Problems(drawn.X * volume[:, None, None], drawn.y, drawn.counts)
    with torch.no_grad():
        plain = model(problems)[:, -1]
        model.way = Compiled()
        found = model(problems)[:, -1]
    diverged = ~(plain.abs().amax(1) < 1e13)
    assert diverged.tolist() == [True, False] * 10
    assert bool(found[diverged].isnan().all())
    torch.testing.assert_close(found[~diverged], plain[~diverged], atol=1e-3, rtol=1e-3)


def test_threads_do_not_change_results() -> None:
    problems, model = POPULATION.draw(9, 3), plisa(30, 4, 5, 0.05)
    before = torch.get_num_threads()
    try:
        found = []
        for threads in (1, 2, 4):
            torch.set_num_threads(threads)
            found.append((model(problems).detach(), gradients(model, problems)))
    finally:
        torch.set_num_threads(before)
    for estimates, gradient in found[1:]:
        assert bool((estimates == found[0][0]).all())
        assert all(bool((gradient[name] == found[0][1][name]).all()) for name in gradient)


@pytest.mark.parametrize("penalty", [L1(), MCP(3.0), SCAD(3.7)], ids=lambda each: type(each).__name__)
def test_plisa_reduces_to_blocks_of_path_following(penalty: L1 | MCP | SCAD) -> None:
    """With fixed weights, one ratio, one target and the same step and stop."""
    problems, T, K, alpha, phi = POPULATION.draw(3, 7, DOUBLE), 12, 6, 0.05, 0.8
    first = LeastSquares().at_zero(problems).abs().amax(1)
    target = float(first.min() * phi**3.5)
    weights = torch.tensor([isinstance(penalty, kind) for kind in (L1, MCP, SCAD)], dtype=torch.float32)
    model = PLISA(shared(30, ratio=phi), FixedWeights(3.7, 3.0, weights), alpha, T, K, LeastSquares(), Plain()).double()
    with torch.no_grad():
        model.log_alpha.copy_(torch.tensor(alpha, dtype=DOUBLE).log())
        model.levels.eta.copy_(torch.tensor([phi], dtype=DOUBLE).logit())
    model.levels.set_target(torch.tensor([target], dtype=DOUBLE))
    estimates = model(problems)
    for i in range(3):
        stages = int((first[i] / target).log().div(-torch.tensor(phi, dtype=DOUBLE).log()).ceil())
        solved = APF(penalty=penalty, phi=phi, search=FixedStep(alpha), stop=AfterSteps(K))(problems[i], target)
        assert solved.steps.tolist() == [stages * K]
        assert 4 <= stages <= T
        torch.testing.assert_close(estimates[i, stages - 1], solved.beta[0], atol=1e-13, rtol=1e-12)


def test_the_path_of_levels_is_the_printed_recursion() -> None:
    problems, generator = ragged(), torch.Generator().manual_seed(0)
    gradient = LeastSquares().at_zero(problems)
    for start in (Signed(), Absolute(), Largest()):
        levels = Levels(30, 30, start).double()
        with torch.no_grad():
            levels.eta.copy_(torch.randn(30, generator=generator))
        levels.set_target(torch.rand(30, generator=generator, dtype=DOUBLE) + 0.01)
        path = levels(LeastSquares(), problems, 7)
        torch.testing.assert_close(path, recursion(start(gradient), levels.ratio, levels.target, 7))
        assert bool((path >= levels.target).all()) and bool((path.diff(dim=1) <= 0).all())
    signed = Levels(30, 30, Signed()).double()(LeastSquares(), problems, 7)
    negative = (gradient < 0)[:, None].expand_as(signed)
    assert bool((signed[negative] == signed.min()).all())  # no path at all
    largest = shared(30).double()(LeastSquares(), problems, 7)
    assert bool((largest == largest[..., :1]).all())


def test_plisa_works_for_another_loss() -> None:
    problems = POPULATION.draw_binary(3, 1, DOUBLE)
    model = plisa(30, 3, 4, 0.1, loss=Logistic()).double()
    assert model(problems).shape == (3, 3, 30)
    assert gradients(model, problems)["levels.log_target"].any()
    with pytest.raises(ValueError, match="answers 0 and 1"):
        model(POPULATION.draw(3, 1, DOUBLE))


def test_lista_with_the_identity_is_ista() -> None:
    problems, beta = ragged(), torch.zeros(4, 30, dtype=DOUBLE)
    model = lista(30, 5, 0.05, threshold=0.02).double()
    for estimate in model(problems).unbind(1):
        v = beta - model.weights[0].alpha * LeastSquares().gradient(problems, beta)
        beta = v.sign() * (v.abs() - 0.02).clamp_min(0)
        torch.testing.assert_close(estimate, beta, atol=1e-8, rtol=1e-6)


def coherence(problems: Problems, W: Tensor) -> Tensor:
    """The sum of the squares of W^T X off the diagonal, (B,): what the weight matrix makes small."""
    product = W.mT @ problems.X
    return product.square().sum((-2, -1)) - product.diagonal(dim1=-2, dim2=-1).square().sum(-1)


def test_the_weight_matrix_is_the_best_one() -> None:
    problems = ragged()[:3]
    W = weight_matrix(problems)
    one = (W * problems.X).sum(1)
    torch.testing.assert_close(one, torch.ones_like(one))
    best, generator = coherence(problems, W), torch.Generator().manual_seed(0)
    for _ in range(20):
        move = torch.randn(W.shape, generator=generator, dtype=DOUBLE) * problems.mask[..., None]
        along = (move * problems.X).sum(1, keepdim=True) / problems.X.square().sum(1, keepdim=True)
        move = move - along * problems.X  # keeps w_j^T x_j
        assert bool((coherence(problems, W + 0.01 * move) >= best).all())
    tall = POPULATION.draw(2, 1, DOUBLE)
    thin = Problems(tall.X[..., :8].contiguous(), tall.y, tall.counts)
    product = weight_matrix(thin).mT @ thin.X
    torch.testing.assert_close(product, torch.eye(8, dtype=DOUBLE).expand(2, -1, -1), atol=1e-5, rtol=0)


def test_alista_does_not_see_padding_in_single_precision() -> None:
    """With more samples than variables G is singular, and the ridge decides."""
    population = Population(d=8, n=40, sparsity=2, union=4)
    alone = population.draw(5, 0)
    counts = torch.tensor([40, 12, 30, 20, 9])
    samples = [(alone.X[i, :n], alone.y[i, :n]) for i, n in enumerate(counts.tolist())]
    model = ALISTA(8, 6, step=0.3)
    together = model.solve(padded(samples))
    apart = torch.cat([model.solve(padded([sample])) for sample in samples])
    assert bool(((together - apart).norm(dim=1) < 3e-3 * apart.norm(dim=1)).all())


def test_the_largest_entries_pass_unshrunk() -> None:
    v = torch.tensor([[3.0, -2.0, 1.0, 0.1]])
    assert support_threshold(v, torch.tensor(0.5), 2).tolist() == [[3.0, -2.0, 0.5, 0.0]]
    assert support_threshold(v, torch.tensor(2.5), 2).tolist() == [[3.0, 0.0, 0.0, 0.0]]
    assert support_threshold(v, torch.tensor(0.5), 0).tolist() == [[2.5, -1.5, 0.5, 0.0]]


def test_features_of_gradients() -> None:
    found = features(torch.tensor([1.0, -1.0, 0.0, 1e-6]))
    wanted = torch.tensor([[0.0, 1.0], [0.0, -1.0], [-1.0, 0.0], [-1.0, 1e-6 * 22026.465]])
    torch.testing.assert_close(found, wanted)


def test_only_what_fits_is_compiled() -> None:
    problems, lam, alpha = ragged(), torch.full((4, 2, 30), 0.3, dtype=DOUBLE), torch.tensor(0.05, dtype=DOUBLE)
    two = Mixture((L1(), MCP(3.0)), torch.tensor([0.5, 0.5], dtype=DOUBLE))
    with pytest.raises(ValueError, match="compiled"):
        Compiled()(LeastSquares(), two, problems, lam, alpha, 3)
    with pytest.raises(ValueError, match="compiled"):
        Compiled()(Logistic(), printed(3.7, 3.0), problems, lam, alpha, 3)
    for wrong in (lam[:3], lam[0], lam[:, :, :29], lam.float()):
        with pytest.raises(ValueError, match="lambda must be"):
            Compiled()(LeastSquares(), printed(3.7, 3.0), problems, wrong, alpha, 3)
    half = plisa(30, 2, 3, 0.05).to(torch.bfloat16)
    assert half(ragged(torch.bfloat16)).dtype == torch.bfloat16
    torch.testing.assert_close(
        Best()(LeastSquares(), two, problems, lam, alpha, 3), Plain()(LeastSquares(), two, problems, lam, alpha, 3)
    )


@pytest.mark.parametrize("name", METHODS)
def test_no_problems_have_no_answers(name: str) -> None:
    assert METHODS[name](30).solve(POPULATION.draw(2, 0)[:0]).shape == (0, 30)


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: plisa(30, 0, 5, 0.1), "T >= 1"),
    (lambda: plisa(30, 4, 0, 0.1), "K >= 1"),
    (lambda: plisa(30, 4, 5, 0.0), "step size must be positive"),
    (lambda: plisa(30, 4, 5, 0.1, target=0.0), "target of a path must be positive"),
    (lambda: plisa(30, 4, 5, 0.1, target=-1.0), "target of a path must be positive"),
    (lambda: plisa(30, 4, 5, 0.1, ratio=1.0), "ratio"),
    (lambda: plisa(30, 4, 5, 0.1, ratio=1 - 1e-9), "0.999999999, in torch.float32"),
    (lambda: plisa(30, 4, 5, 0.1, ratio=1e-60), "1e-60, in torch.float32"),
    (lambda: Levels(30, 7, Largest()), "are 1 or 30, not 7"),
    (lambda: plisa(30, 4, 5, 0.1).solve(POPULATION.draw(2, 0), most=0), "at least one problem at a time"),
    (lambda: plisa(30, 4, 5, 0.1, a=2.0), "a > 2"),
    (lambda: plisa(30, 4, 5, 0.1, b=1.0), "b > 1"),
    (lambda: plisa(0, 4, 5, 0.1), "d >= 1"),
    (lambda: FixedWeights(3.7, 3.0, torch.tensor([0.5, 0.0, 0.0])), "convex combination"),
    (lambda: entrywise(30).set_target(torch.zeros(30)), "positive"),
    (lambda: LISTA(30, [], 0.1), "needs a layer"),
    (lambda: lista(30, 2, -0.1), "step size must be positive"),
    (lambda: lista(30, 2, 0.1, threshold=0.0), "threshold must be positive"),
    (lambda: LISTA(30, [Full(30, 0.1), Full(29, 0.1)], 0.1), "for 30 variables cannot have weights for 29"),
    (lambda: lista_low_rank(30, 2, 0.1, rank=0), "rank >= 1"),
    (lambda: ALISTA(30, 0), "needs a layer"),
    (lambda: weight_matrix(POPULATION.draw(2, 0), ridge=-1.0), "ridge"),
    (lambda: ALISTA(30, 2, threshold=-1.0), "threshold must be positive"),
    (lambda: ALISTA(30, 2, most=1.5), "shares"),
    (lambda: rnn(30, 0), "steps >= 1"),
    (lambda: plisa(31, 4, 5, 0.1)(POPULATION.draw(2, 0)), "for 31 variables, not 30"),
    (lambda: plisa(30, 4, 5, 0.1)(ragged()), "float32"),
]


@pytest.mark.parametrize(("build", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_bad_input_is_refused(build: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        build()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("name", METHODS)
def test_the_same_on_cuda(name: str) -> None:
    problems, model = ragged(), METHODS[name](30).double()
    wanted = model(problems)
    found = model.to("cuda")(problems.to("cuda"))
    torch.testing.assert_close(found.cpu(), wanted, atol=1e-8, rtol=1e-6)
