"""Do the bounds printed for quadratics hold for every L-smooth mu-strongly convex function?

PEPit solves, for a fixed small k, the semidefinite program whose value is the exact worst case over *all*
functions of the class in all dimensions (Taylor, Hendrickx, Glineur 2017). One function per guarantee returns
a `WorstCase`, whose first two entries are (measured, bound); the bound is the right-hand side of the
statement in `rates`, so each formula exists once. All distances are in units of the starting distance (or of
|b_1 - b_2|).

What the programs say, and what is behind it for all k:

* survive, with a proof for all k in the docstring: `gd_convergence`, `gd_sensitivity`, `gd_stability_b`,
  `nag_lyapunov`;
* survive at every k that the programs resolve, but fail later: `nag_convergence` and `nag_sensitivity`;
  `nag_stability_b`, too, and there the programs still see it (k = 14 at L = 100 mu, the largest step).
  `piecewise` and `piecewise_pairs` find an exact counterexample for each;
* fail from the first few iterations on: the sharp quadratic values, `nag_convergence_sharp`,
  `nag_stability_b_sharp`.

A solver in double precision resolves a worst case only down to its tolerance: see `WorstCase.resolved`.

References: [R] Chen, Zhang, Reisinger, Song (2020), app. A. [T] Taylor, Hendrickx, Glineur, Mathematical
Programming 161 (2017). [N] Nesterov, Lectures on Convex Optimization (2018), sec. 2.2.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import NamedTuple

import sympy as sp
from cvxpy.error import SolverError
from PEPit import PEP, Expression, Function, Point
from PEPit.functions import SmoothStronglyConvexFunction, SmoothStronglyConvexQuadraticFunction

from duality.ledger.claim import Statement, substitute
from duality.quadratic import rates
from duality.quadratic.arithmetic import FLOAT
from duality.quadratic.methods import Method, gradient_descent, nesterov
from duality.quadratic.problem import Spectrum

SOLVER = "CLARABEL"
TOLERANCE = 1e-8  # the solver's own, absolute, on the squared worst case
Build = Callable[[Spectrum, float], Method]
MAX_POINTS = 30  # evaluated gradients in one program: a few seconds at most


class WorstCase(NamedTuple):
    """A worst case over the class beside a bound.

    measured: worst case from the dual solution (the side that guarantees an upper bound, up to solver
    tolerance);
    bound: the printed right-hand side, same unit; primal, dual: the two values of the program, which bracket
    its optimum up to solver tolerance. Primal and dual are squared distances.
    """

    measured: float
    bound: float
    primal: float
    dual: float

    @property
    def ratio(self) -> float:
        """measured / bound; above 1 the bound fails off the quadratic class."""
        return self.measured / self.bound

    @property
    def resolved(self) -> bool:
        """Whether the number means anything: its square is at least 10^4 tolerances, the gap at most 10^-3 of that.

        The tolerance is absolute, so it may shift the distance by up to its share of the squared value, one part
        in 2 * 10^4 here. The gap between the two values, the solver's own measure of what it got wrong, must
        agree to three digits; alone it says too little, because with tiny values both sides are wrong together.
        """
        return self.dual >= 1e4 * TOLERANCE and abs(self.dual - self.primal) <= 1e-3 * self.dual


class Unsolved(RuntimeError):
    """The solver returned no solution."""


def require(statement: Statement, point: dict[str, float]) -> None:
    """Refuse a point outside the hypotheses, with a tolerance of one part in 1e12 for rounded end points.

    Raises `ValueError` also for mu = L (every such function is quadratic) and for a k that is too large to
    solve.
    """
    if not (isinstance(point["k"], int) and not isinstance(point["k"], bool) and point["k"] >= 0):
        raise ValueError(f"k must be an integer >= 0, got {point['k']!r}")
    for name, value in point.items():
        if not math.isfinite(value):
            raise ValueError(f"{name} must be a finite number, got {value}")
    mu, L = point["mu"], point["L"]
    if not 0 < mu < L:
        raise ValueError(
            f"need 0 < mu < L, got mu = {mu:g}, L = {L:g}"
            + (" (at mu = L every function is quadratic and the exact theory applies)" if mu == L else "")
        )
    for h in rates.without_eigenvalue(statement):
        gap = substitute(h.relation.gts - h.relation.lts, point)
        strict = isinstance(h.relation, (sp.StrictGreaterThan, sp.StrictLessThan))
        if gap < -1e-12 * (1 + abs(substitute(h.relation.gts, point))) or (strict and gap <= 0):
            values = ", ".join(f"{name} = {value:g}" for name, value in point.items())
            raise ValueError(f"the bound is stated for {h.name}; got {values}")


def _bound(statement: Statement, point: dict[str, float]) -> float:
    """The right-hand side in units of the starting distance, of |t - s| and of |b_1 - b_2|; Q_1 = Q_2."""
    return float(substitute(statement.coefficient(rates.START, rates.STEP_GAP, rates.DB), point))


def _gradient(f: Function, y: Point, scale: float) -> Point:
    """grad f(y) as a new unknown in units of `scale`.

    Late gradients are tiny; in units that shrink with the iteration the program is better conditioned.
    """
    g = scale * Point()
    f.add_point((y, g, scale**2 * Expression()))
    return g


def _run(f: Function, x0: Point, method: Method, shrink: float, k: int, tilt: Point | None = None) -> list[Point]:
    """x_0, ..., x_k of the method on f + <tilt, x>."""
    xs, previous = [x0], x0
    for i, (s, beta, gamma, _, _) in enumerate(method.coefficients(FLOAT, k)):
        x = xs[-1]
        y = x + gamma * (x - previous)
        # the first gradient is shared by two runs that start at the same point
        g = f.gradient(x0) if i == 0 else _gradient(f, y, shrink**i)
        xs.append(x + beta * (x - previous) - s * (g if tilt is None else g + tilt))
        previous = x
    return xs


def _shrink(mu: float, s: float) -> float:
    """Square root of NAG's quadratic rate: between that rate and none, where the worst functions live."""
    return math.sqrt(max(1 - math.sqrt(mu * s), 1e-3))


def _solve(problem: PEP, metric: Expression) -> tuple[float, float]:
    """(primal, dual) values of the program.

    What the solver warns of and PEPit prints even when told not to (an inaccurate solution, a negative
    duality gap) is what `WorstCase.resolved` answers.
    """
    problem.set_performance_metric(metric)
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.filterwarnings("ignore", message="Solution may be inaccurate")
        try:
            dual = problem.solve(wrapper="cvxpy", verbose=0, solver=SOLVER)
        except SolverError as error:
            raise Unsolved(f"{SOLVER} found no solution; take a smaller k or another L/mu") from error
    if dual is None:
        raise Unsolved(f"{SOLVER} reports an unbounded program; take a smaller k or another L/mu")
    return max(float(problem.wrapper.objective.value), 0.0), max(float(dual), 0.0)


def _budget(gradients: int) -> None:
    if gradients > MAX_POINTS:
        raise ValueError(f"the program needs {gradients} gradients, at most {MAX_POINTS} are solved: lower k")


def _from_start(
    statement: Statement,
    point: dict[str, float],
    build: Build,
    metric: Callable[[list[Point], Point], Expression],
    function_class: type[Function] = SmoothStronglyConvexFunction,
    extra: int = 0,
) -> tuple[float, float]:
    """Worst case of a metric of one run that starts at distance at most one from the minimizer."""
    require(statement, point)
    mu, L, s, k = point["mu"], point["L"], point["s"], int(point["k"]) + extra
    _budget(k)
    problem = PEP()
    f = problem.declare_function(function_class, mu=mu, L=L)
    minimizer, x0 = f.stationary_point(), problem.set_initial_point()
    problem.set_initial_condition((x0 - minimizer) ** 2 <= 1)
    return _solve(problem, metric(_run(f, x0, build(Spectrum(mu, L), s), _shrink(mu, s), k), minimizer))


def _last(xs: list[Point], minimizer: Point) -> Expression:
    return (xs[-1] - minimizer) ** 2


def _last_two(xs: list[Point], minimizer: Point) -> Expression:
    return (xs[-1] - minimizer) ** 2 + (xs[-2] - minimizer) ** 2


def _step_pair(statement: Statement, point: dict[str, float], build: Build) -> WorstCase:
    """Worst case of ||x_k^t - x_k^s|| / |t - s| for two runs on one function from one point."""
    if point["s"] == point["t"]:
        raise ValueError("the two step sizes must differ")
    require(statement, point)
    mu, L, s, t, k = point["mu"], point["L"], point["s"], point["t"], int(point["k"])
    _budget(2 * k)
    problem = PEP()
    f = problem.declare_function(SmoothStronglyConvexFunction, mu=mu, L=L)
    minimizer, x0 = f.stationary_point(), problem.set_initial_point()
    problem.set_initial_condition((x0 - minimizer) ** 2 <= 1)
    shrink = _shrink(mu, min(s, t))
    one, two = (_run(f, x0, build(Spectrum(mu, L), step), shrink, k) for step in (s, t))
    primal, dual = _solve(problem, ((one[-1] - two[-1]) / abs(t - s)) ** 2)
    return WorstCase(math.sqrt(dual), _bound(statement, point), primal, dual)


def _tilted_pair(statement: Statement, point: dict[str, float], build: Build) -> WorstCase:
    """Worst case of ||x_k,1 - x_k,2|| for f and f + <b, x>, ||b|| = 1, from one point."""
    require(statement, point)
    mu, L, s, k = point["mu"], point["L"], point["s"], int(point["k"])
    _budget(2 * k)
    problem = PEP()
    f = problem.declare_function(SmoothStronglyConvexFunction, mu=mu, L=L)
    x0, tilt = problem.set_initial_point(), problem.set_initial_point()
    problem.set_initial_condition(tilt**2 <= 1)
    one, two = (_run(f, x0, build(Spectrum(mu, L), s), 1.0, k, b) for b in (None, tilt))
    primal, dual = _solve(problem, (one[-1] - two[-1]) ** 2)
    return WorstCase(math.sqrt(dual), _bound(statement, point), primal, dual)


def gd_convergence(mu: float, L: float, s: float, k: int) -> WorstCase:
    """GD: max ||x_k - x*|| against (1 - s mu)^k.

    Assumptions: f L-smooth mu-strongly convex, 0 < s <= 2/(mu+L). Method: x_{k+1} = x_k - s grad f(x_k).
    Guarantee: survives (proved for all k). With q = mu/2 |x|^2, f - q is convex and (L-mu)-smooth, so its
    gradient is cocoercive, and x -> x - s grad f(x) is Lipschitz with constant max(|1 - s mu|, |1 - s L|) = 1
    - s mu; x* is fixed.
    Reference: R Thm A.1, eq. 22 left.
    """
    point = {"mu": mu, "L": L, "s": s, "k": k}
    primal, dual = _from_start(rates.GD_CONVERGENCE, point, gradient_descent, _last)
    return WorstCase(math.sqrt(dual), _bound(rates.GD_CONVERGENCE, point), primal, dual)


def gd_sensitivity(mu: float, L: float, s: float, t: float, k: int) -> WorstCase:
    """GD: max ||x_k^t - x_k^s|| / |t - s| against L k (1 - c_0 mu)^(k-1), c_0 = min(s, t).

    Assumptions: as `gd_convergence`, for both step sizes. Method: two runs of GD from one point.
    Guarantee: survives (proved for all k). With T_t(x) = x - t grad f(x): T_t x^t - T_s x^s = (T_t x^t - T_t
    x^s) - (t-s) grad f(x^s), so e_{k+1} <= (1 - c_0 mu) e_k + |t-s| L (1 - c_0 mu)^k, whose solution from e_0
    = 0 is the bound.
    Reference: R Thm A.1, eq. 22 right.
    """
    point = {"mu": mu, "L": L, "s": s, "t": t, "c_0": min(s, t), "k": k}
    return _step_pair(rates.GD_SENSITIVITY, point, gradient_descent)


def gd_stability_b(mu: float, L: float, s: float, k: int) -> WorstCase:
    """GD: max ||x_k,1 - x_k,2|| / ||b|| against (1 - (1 - s mu)^k)/mu, for f and f + <b, x>.

    Assumptions: as `gd_convergence`. Method: GD on both from one point.
    Guarantee: survives (proved for all k): the step map contracts by 1 - s mu and the tilt adds s ||b||, so
    e_{k+1} <= (1 - s mu) e_k + s ||b||; the geometric sum is the bound. Reference: R Thm A.2, second term.
    """
    return _tilted_pair(rates.GD_STABILITY, {"mu": mu, "L": L, "s": s, "k": k}, gradient_descent)


def nag_convergence(mu: float, L: float, s: float, k: int) -> WorstCase:
    """NAG: max (||x_{k+1} - x*||^2 + ||x_k - x*||^2)^(1/2) against sqrt(8) (1+k) (1 - sqrt(mu s))^k.

    Assumptions: f L-smooth mu-strongly convex, 0 < s <= 4/(3L+mu). Method: NAG, R eq. 24.
    Guarantee: fails for large k (`piecewise.nag_convergence`), survives where the program is resolved.
    Reference: R Thm A.3 (squared there).
    """
    point = {"mu": mu, "L": L, "s": s, "k": k}
    primal, dual = _from_start(rates.NAG_CONVERGENCE, point, nesterov, _last_two, extra=1)
    return WorstCase(math.sqrt(dual), math.sqrt(_bound(rates.NAG_CONVERGENCE, point)), primal, dual)


def nag_convergence_sharp(mu: float, L: float, s: float, k: int) -> WorstCase:
    """NAG: max ||x_k - x*|| against its exact value on quadratics, tau^k (1 + k u), u = sqrt(mu s) = 1 - tau.

    Assumptions and method: as `nag_convergence`. Guarantee: fails from the first few iterations on
    (`piecewise.nag_convergence_sharp`). Reference: the sharp form of R Thm A.3.
    """
    point = {"mu": mu, "L": L, "s": s, "k": k}
    primal, dual = _from_start(rates.NAG_CONVERGENCE_SHARP, point, nesterov, _last)
    return WorstCase(math.sqrt(dual), _bound(rates.NAG_CONVERGENCE_SHARP, point), primal, dual)


def nag_on_quadratics(mu: float, L: float, s: float, k: int) -> WorstCase:
    """`nag_convergence_sharp` over quadratics only, where measured = bound: an independent derivation."""
    point, quadratic = {"mu": mu, "L": L, "s": s, "k": k}, SmoothStronglyConvexQuadraticFunction
    primal, dual = _from_start(rates.NAG_CONVERGENCE_SHARP, point, nesterov, _last, quadratic)
    return WorstCase(math.sqrt(dual), _bound(rates.NAG_CONVERGENCE_SHARP, point), primal, dual)


def nag_sensitivity(mu: float, L: float, s: float, t: float, k: int) -> WorstCase:
    """NAG: max ||x_k^t - x_k^s|| / |t - s| against a cubic in k times (1 - sqrt(mu c_0))^k, c_0 = min(s, t).

    Assumptions: as `nag_convergence`, for both step sizes. Method: two runs of NAG from one point.
    Guarantee: fails for large k (`piecewise_pairs.nag_sensitivity`), survives where the program is resolved.
    Reference: R Thm A.4.
    """
    point = {"mu": mu, "L": L, "s": s, "t": t, "c_0": min(s, t), "k": k}
    return _step_pair(rates.NAG_SENSITIVITY, point, nesterov)


def nag_stability_b(mu: float, L: float, s: float, k: int) -> WorstCase:
    """NAG: max ||x_k,1 - x_k,2|| / ||b|| against (2/mu)(1 - tau^k), for f and f + <b, x>.

    Assumptions: as `nag_convergence`. Method: NAG on both from one point.
    Guarantee: fails once k and L/mu are large (`piecewise_pairs.nag_stability_b`).
    Reference: R Thm A.5, second term.
    """
    return _tilted_pair(rates.NAG_STABILITY, {"mu": mu, "L": L, "s": s, "k": k}, nesterov)


def nag_stability_b_sharp(mu: float, L: float, s: float, k: int) -> WorstCase:
    """NAG: max ||x_k,1 - x_k,2|| / ||b|| against its exact value on quadratics, (1 - tau^k (1 + k u))/mu.

    Assumptions and method: as `nag_stability_b`. Guarantee: fails at moderate k and L/mu
    (`piecewise_pairs.nag_stability_b_sharp`). Reference: the sharp form of R Thm A.5, second term.
    """
    return _tilted_pair(rates.NAG_STABILITY_SHARP, {"mu": mu, "L": L, "s": s, "k": k}, nesterov)


def nag_lyapunov(mu: float, L: float, s: float, k: int) -> WorstCase:
    """NAG: max ||x_k - x*|| against sqrt(2L/mu) (1 - sqrt(mu s))^(k/2).

    Assumptions: f L-smooth mu-strongly convex, 0 < s <= 1/L. Method: NAG, R eq. 24.
    Guarantee: survives (proved for all k): `proofs.offclass.lyapunov_identity`. Reference: R Remark A.1; [N].
    """
    point = {"mu": mu, "L": L, "s": s, "k": k}
    primal, dual = _from_start(rates.NAG_LYAPUNOV, point, nesterov, _last)
    return WorstCase(math.sqrt(dual), math.sqrt(_bound(rates.NAG_LYAPUNOV, point)), primal, dual)
