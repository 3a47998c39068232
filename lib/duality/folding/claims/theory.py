"""Ledger rows on the theory of folded optimization (F, abstract) and of MAML as unrolled descent (slides, Ex 1)."""

from __future__ import annotations

from functools import partial

import sympy as sp

from duality.folding.proofs import backward as at_fixed_point
from duality.folding.proofs import implicit as kkt
from duality.folding.proofs import instances as attack
from duality.folding.proofs import krylov as products
from duality.folding.proofs import maml as meta
from duality.folding.proofs import unrolling as plain
from duality.folding.rates import backward, implicit, krylov, maml, unrolling
from duality.ledger.bound import BoundCheck
from duality.ledger.claim import Claim, Kind, Settle, Statement, Step
from duality.ledger.settle import Point, proved, refuted

ANY_MAP = "every C¹ map, every dimension, Φ need not be normal or diagonalizable"
CLASSICAL = "; the Schur form and the spectral projections are used as known"
QUADRATIC = "every H with spectrum in [μ, L], every dimension and right side"


def _rate_at(statement: Statement) -> tuple[Point, sp.Expr, tuple[Step, ...]]:
    instances = map(at_fixed_point.partial_convergence, at_fixed_point.UNSEEN)
    point, support = next(((p, s) for p, s in instances if statement.allows(p)), ({}, ()))
    return point, point.get(backward.RHO.name, sp.nan), support


def _any_solver_at(statement: Statement) -> tuple[Point, sp.Expr, tuple[Step, ...]]:
    point, support = at_fixed_point.newton_forward()
    return point, point[backward.WORST_RATE.name], support


def _residual_at(statement: Statement) -> tuple[Point, sp.Expr, tuple[Step, ...]]:
    point, support = at_fixed_point.started_at_solution(backward.FACTOR)
    return point, point[backward.STARTED.name], support


UNROLLING_BOUND = BoundCheck(
    unrolling.ERROR_NORM,
    frozenset({unrolling.J_NORM, unrolling.M * unrolling.D}),
    plain.bound,
    attack.gradient_error,
    attack.UNROLLED,
    attack.ABLATIONS,
    scope="every C¹ map whose derivative is Lipschitz near x*, every dimension; the search runs over maps on the line",
)


def _row(
    id: str, statement: Statement, settle: Settle, title: str, source: str, kind: Kind, section: str = "E", **more: str
) -> Claim:
    return Claim(id, section, kind, title, source, statement, settle, **more)


_printed = partial(_row, kind="statement", source="F, abstract")
_beyond = partial(_row, kind="beyond", source="beyond the print, on F, abstract")
_meta = partial(_row, kind="beyond", source="beyond the print, on the slides, Ex 1", section="J")

BACKWARD = (
    _printed(
        "folded-linear-system",
        backward.LINEAR_SYSTEM,
        proved(backward.LINEAR_SYSTEM, at_fixed_point.linear_system, ANY_MAP),
        "Unrolling at a fixed point solves a linear system",
    ),
    _beyond(
        "folded-adjoint",
        backward.VECTOR_JACOBIAN,
        proved(backward.VECTOR_JACOBIAN, at_fixed_point.vector_jacobian, ANY_MAP),
        "Reverse mode solves the transposed system",
    ),
    _beyond(
        "folded-error-exact",
        backward.ERROR_EXACT,
        proved(backward.ERROR_EXACT, at_fixed_point.error_exact, ANY_MAP + ", every K, also where it diverges"),
        "The exact error after K steps",
    ),
    _printed(
        "folded-rate",
        backward.RATE_PRINTED,
        refuted(
            backward.RATE_PRINTED,
            _rate_at,
            "From J₀ = 0 the iteration stays in the smallest Φ-invariant space that contains the columns of Ψ. What Φ "
            "does elsewhere, an eigenvalue 2 included, is never seen.",
            "Φ = diag(1/2, 2) and Ψ = (1, 0)ᵀ; also with 1 or 3/4 in place of 2; the converse and the rate fail "
            "whenever Ψ misses the dominant eigenspaces",
        ),
        "Convergence and rate of the folded iteration",
        repaired_by="folded-rate-every-start",
    ),
    _beyond(
        "folded-rate-every-start",
        backward.RATE_EVERY_START,
        proved(backward.RATE_EVERY_START, at_fixed_point.rate_every_start, ANY_MAP + CLASSICAL),
        "The rate over all starts",
        source="beyond the print, repairs F, abstract",
    ),
    _beyond(
        "folded-rate-given",
        backward.RATE_GIVEN,
        proved(backward.RATE_GIVEN, at_fixed_point.rate_given, ANY_MAP + CLASSICAL),
        "The rate for one right side",
        source="beyond the print, repairs F, abstract",
    ),
    _beyond(
        "folded-inherits",
        backward.INHERITS,
        proved(backward.INHERITS, at_fixed_point.inherits, ANY_MAP + CLASSICAL),
        "The backward pass inherits the rate of its own map",
    ),
    _beyond(
        "folded-inherits-any-solver",
        backward.INHERITS_ANY,
        refuted(
            backward.INHERITS_ANY,
            _any_solver_at,
            "The rate of the backward pass is that of the map that is differentiated. The solver that found x* does "
            "not enter.",
            "Newton forward, a gradient step backward",
        ),
        "The rate of whichever solver found the solution",
        repaired_by="folded-inherits",
    ),
    _beyond(
        "folded-residual",
        backward.RESIDUAL_TELLS,
        refuted(
            backward.RESIDUAL_TELLS,
            _residual_at,
            "At x₀ = x* the residual is zero for every K, and unrolling still starts at J₀ = 0: the error is ΦᴷJ*.",
            "a warm start at the solution; C = 1000 is shown, the left side is positive and the right 0 for every C",
        ),
        "A small residual means a small gradient error",
        repaired_by="folded-error-exact",
    ),
)
UNROLLING = (
    _printed(
        "folded-unfolding-error",
        unrolling.SPLITS,
        proved(unrolling.SPLITS, plain.splits, "every C¹ map, every start, every K"),
        "The error of plain unrolling in two parts",
    ),
    _beyond("folded-unrolling-bound", unrolling.BOUND, UNROLLING_BOUND, "How large the error of plain unrolling is"),
    _beyond(
        "folded-unrolling-hump",
        unrolling.HUMP,
        proved(unrolling.HUMP, plain.hump, "gradient descent on the line"),
        "The gradient error grows before it shrinks",
    ),
)
KRYLOV = (
    _printed(
        "folded-krylov",
        krylov.GROWS,
        proved(krylov.GROWS, products.grows, QUADRATIC + "; the optimality of CG is used as known"),
        "Krylov methods against the folded iteration",
    ),
    _beyond(
        "folded-krylov-no-more",
        krylov.NO_MORE,
        proved(
            krylov.NO_MORE, products.no_more, QUADRATIC + "; the optimality of Chebyshev polynomials is used as known"
        ),
        "No method on these products gains more",
    ),
    _beyond(
        "folded-krylov-every-k",
        krylov.EVERY_K,
        proved(krylov.EVERY_K, products.every_k, QUADRATIC + "; the optimality of CG is used as known"),
        "CG wins from two products and κ = 2 + √5 on",
    ),
    _beyond(
        "folded-krylov-residual",
        krylov.GMRES,
        proved(krylov.GMRES, products.gmres, "every matrix Φ, every right side, every K"),
        "GMRES has the smaller residual in the same space",
    ),
    _beyond(
        "folded-krylov-same-products",
        krylov.GMRES_PRODUCTS,
        refuted(
            krylov.GMRES_PRODUCTS,
            lambda statement: products.residual_after_one_product(),
            "The first term b of the sum costs no product, so with K products the fixed-point iterate lies in a Krylov "
            "space of one dimension more than the one that GMRES minimizes over.",
            "Φ = diag(1/2, −1/2), one product",
        ),
        "GMRES has the smaller residual at equal products",
        repaired_by="folded-krylov-residual",
    ),
    _beyond(
        "folded-krylov-error",
        krylov.GMRES_ERRORS,
        refuted(
            krylov.GMRES_ERRORS,
            lambda statement: products.error_after_one_product(),
            "GMRES minimizes the residual b − Aw = A(w* − w), in which the slow components of the error weigh least.",
            "A = diag(1/10, 19/10), b = (1, 1)ᵀ, the same Krylov space",
        ),
        "GMRES has the smaller error",
        repaired_by="folded-krylov-residual",
    ),
)
IMPLICIT = (
    _printed(
        "folded-equals-implicit",
        implicit.EQUALS_IMPLICIT,
        proved(
            implicit.EQUALS_IMPLICIT,
            kkt.equals_implicit,
            ANY_MAP + "; the implicit function theorem gives that s*(c) is differentiable",
        ),
        "Folding is implicit differentiation",
    ),
    _beyond(
        "folded-gradient-step",
        implicit.GRADIENT_STEP,
        proved(implicit.GRADIENT_STEP, kkt.gradient_step, "every invertible H, every step"),
        "Folding through a gradient step",
    ),
    _beyond(
        "folded-projected-step",
        implicit.PROJECTED_STEP,
        proved(implicit.PROJECTED_STEP, kkt.projected_step, "every face, every Hessian that is invertible along it"),
        "Folding through a projected gradient step",
    ),
    _beyond(
        "folded-newton-step",
        implicit.NEWTON_STEP,
        proved(implicit.NEWTON_STEP, kkt.newton_step, "every C² system F with invertible F_s"),
        "Folding through a Newton step takes one step",
    ),
    _beyond(
        "folded-admm-step",
        implicit.ADMM_STEP,
        proved(implicit.ADMM_STEP, kkt.admm_step, "every A, every ϱ > 0 with Q + ϱAᵀA invertible"),
        "Folding through ADMM",
    ),
    _beyond(
        "folded-without-licq",
        implicit.NO_LICQ,
        proved(implicit.NO_LICQ, kkt.no_licq, "every matrix A, every positive definite Q, every ϱ > 0"),
        "Folding where the KKT matrix is singular",
    ),
    _beyond(
        "folded-second-order",
        implicit.SECOND_ORDER,
        proved(implicit.SECOND_ORDER, kkt.second_order, "every Hessian with an eigenvalue h ≤ 0, every s > 0"),
        "What the second-order condition is for",
    ),
    _beyond(
        "folded-complementarity",
        implicit.KINK_PRINTED,
        refuted(
            implicit.KINK_PRINTED,
            lambda statement: kkt.at_the_kink(),
            "U has a kink at (x*, c) = (0, 0). Φ and Ψ are then what a convention says, and with max(0, ·)' = 0 at 0 "
            "both are 0.",
            "one inequality constraint on the line",
        ),
        "Folding at a kink of the solution",
        repaired_by="folded-kink",
    ),
    _beyond(
        "folded-kink",
        implicit.KINK,
        proved(implicit.KINK, kkt.kink, "every convention θ in [0, 1], every step s in (0, 1]"),
        "What folding gives at a kink",
    ),
)
MAML = (
    _meta(
        "maml-unrolled",
        maml.PRINTED,
        refuted(
            maml.PRINTED,
            meta.at_a_point,
            "The printed steps have no proximal term: their limit is the minimizer of L, which does not depend on θ₀. "
            "Implicit MAML differentiates another inner problem.",
            "H = 1, λ = 1; wherever h > 0 and λ > 0 the two differ",
        ),
        "MAML and implicit MAML",
        kind="statement",
        source="slides, Ex 1",
        repaired_by="maml-proximal",
    ),
    _meta(
        "maml-meta-jacobian",
        maml.META_JACOBIAN,
        proved(maml.META_JACOBIAN, meta.meta_jacobian, "every quadratic inner loss"),
        "The meta-Jacobian of k steps",
    ),
    _meta(
        "maml-proximal",
        maml.PROXIMAL_STEPS,
        proved(maml.PROXIMAL_STEPS, meta.proximal_steps, "every quadratic inner loss, every k"),
        "With the proximal term MAML tends to implicit MAML",
        source="beyond the print, repairs the slides, Ex 1",
    ),
    _meta(
        "maml-without-proximal",
        maml.WITHOUT_PROXIMAL,
        proved(maml.WITHOUT_PROXIMAL, meta.without_proximal, "every convex quadratic inner loss"),
        "Without it the limit is implicit MAML at λ = 0",
        source="beyond the print, repairs the slides, Ex 1",
    ),
    _meta(
        "maml-early-stopping",
        maml.EARLY,
        proved(maml.EARLY, meta.early, "every eigendirection with 0 ≤ sh ≤ 1, every k"),
        "k steps against a proximal term",
    ),
)
CLAIMS = (*BACKWARD, *UNROLLING, *KRYLOV, *IMPLICIT, *MAML)
