r"""Folding against implicit differentiation: of the KKT system, map by map, and where only one of them works.

Implicit function theorem on the KKT system: Fiacco (1976). X is dx*/dc. C = d^2 f/dx dc, H the Hessian of the
Lagrangian, Z an orthonormal basis of the tangent space of the active constraints.
"""

from __future__ import annotations

import sympy as sp

from duality.folding.rates.letters import Phi, Psi, matrices, measured, statement, unit
from duality.ledger.claim import Hypothesis
from duality.ledger.tex import Quantity

resolvent, F_inv, X, F_s, F_c = matrices(r"(I-\Phi)^{-1} F_{s}^{-1} \frac{ds^{*}}{dc} F_{s} F_{c}")
Z, Z_T, H, C, H_inv, reduced_inv = matrices(r"Z Z^{\top} H C H^{-1} (Z^{\top}HZ)^{-1}")
Q, A, A_T, B, S, W, Y, X_x = matrices(r"Q A A^{\top} B S W Y X")
s, rho = sp.symbols("s rho", positive=True)
FOLDED = measured(r"\lim_{K\to\infty}J_K")
ONE_STEP = measured("J_1")


def solves(name: str, left: sp.Expr, right: sp.Expr | int) -> Hypothesis:
    """A matrix equation as a hypothesis; proofs use it as a rule of calculation."""
    return Hypothesis(name, sp.Eq(left, right, evaluate=False))


CURVATURE = Quantity(r"\min_{\|y\|=1}y^\top Z^\top HZy")
INDEPENDENCE = Quantity(r"\min_{\|l\|=1}\|A^\top l\|")
DISTANCE = Quantity(r"\min_i\max(\lambda_i,-g_i)")
EQUALS_IMPLICIT = statement(
    sp.Eq(resolvent * Psi, -F_inv * F_c, evaluate=False),
    r"Let $s^*=U(s^*,c)$ with $U$ continuously differentiable near $(s^*,c)$, $\Phi=\partial U/\partial s$ and "
    r"$\Psi=\partial U/\partial c$ there, and let the fixed points near $s^*=(x^*,\lambda^*)$ be the KKT points of a "
    r"problem with constraints $g\le0$, whose "
    r"active gradients are the rows of $A$. With the equations $F(s,c)=0$ of the KKT system on the active constraints "
    r"and $F_s,F_c$ their derivatives, what the folded iteration solves for is what implicit differentiation "
    r"gives:{relation}The first three hypotheses are the second-order condition, independent active gradients and "
    r"strict complementarity: the problem is KKT-regular.",
    Hypothesis("second order", sp.Gt(CURVATURE, 0)),
    Hypothesis("independent gradients", sp.Gt(INDEPENDENCE, 0)),
    Hypothesis("strict complementarity", sp.Gt(DISTANCE, 0)),
    solves("differentiated fixed point", X, Phi * X + Psi),
    solves("differentiated KKT system", F_s * X, -F_c),
    solves("1 is no eigenvalue", resolvent * (unit - Phi), unit),
)
GRADIENT_STEP = statement(
    sp.Eq(FOLDED, -H_inv * C, evaluate=False),
    r"For the gradient step $U(x,c)=x-s\nabla_xf(x,c)$ at a stationary point with $H=\nabla^2_{xx}f$ and "
    r"$C=\nabla^2_{xc}f$,{relation}for every step $s$ at which it converges.",
    solves("H invertible", H_inv * H, unit),
)
PROJECTED_STEP = statement(
    sp.Eq(FOLDED, -Z * reduced_inv * Z_T * C, evaluate=False),
    r"For the projected gradient step onto a polyhedron that does not move with $c$, on whose active face strict "
    r"complementarity holds, with $H=\nabla^2_{xx}f$, $C=\nabla^2_{xc}f$ and $Z$ a basis of the directions of that "
    r"face,{relation}which is the $x$-part of the solution of the KKT system.",
    solves("orthonormal", Z_T * Z, unit),
    solves("second order", reduced_inv * Z_T * H * Z, unit),
)
NEWTON_STEP = statement(
    sp.Eq(ONE_STEP, -F_inv * F_c, evaluate=False),
    r"For the Newton (SQP) step $U(s,c)=s-F_s^{-1}F(s,c)$ on the KKT system, $\Phi=0$: one unrolled step at the "
    r"solution is exact,{relation}",
    solves("KKT matrix invertible", F_inv * F_s, unit),
)
ADMM_STEP = statement(
    sp.Eq(Q * X_x, -A_T * Y - C, evaluate=False),
    r"ADMM for $\min\tfrac12x^\top Qx+p(c)^\top x$ subject to $Ax=b(c)$, in the state $w$: "
    r"$x=(Q+\varrho A^\top A)^{-1}(\varrho A^\top(2b-w)-p)$, $w_+=w+Ax-b$. Let $C=dp/dc$, $B=db/dc$, let $W$ be a "
    r"fixed point of the folded iteration, $X$ the derivative of $x$ that it gives, and $Y=\varrho(W-B)$. Then $AX=B$ "
    r"and{relation}which is the differentiated KKT system, whether or not the rows of $A$ are independent.",
    solves("inverse", (Q + rho * A_T * A) * S, unit),
    solves("multiplier", Y, rho * (W - B)),
)
LIMIT = Quantity(r"\lim_{K\to\infty}X_K")
DERIVATIVE = Quantity(r"\frac{dx^*}{dc}")
SMALLEST = sp.Symbol("q", real=True)
NO_LICQ = statement(
    sp.Eq(LIMIT, DERIVATIVE, evaluate=False),
    r"Let $Q$ be positive definite with smallest eigenvalue $q$, let $A$ be any matrix, and let $b(c)$ stay in its "
    r"range. The folded iteration of ADMM converges from 0, and{relation}If the rows of $A$ are dependent, the KKT "
    r"matrix is singular, the multiplier is not unique and $\rho(\Phi)=1$: the linear system of implicit "
    r"differentiation has no unique solution, and the folded iteration needs none.",
    Hypothesis("Q positive definite", sp.Gt(SMALLEST, 0)),
)
theta = sp.Symbol("theta", real=True)
KINK_VALUE = Quantity("J^*")
KINK_DERIVATIVE = Quantity(r"\frac{dx^*}{dc^+}")
KINK_PRINTED = statement(
    sp.Eq(KINK_DERIVATIVE, KINK_VALUE, evaluate=False),
    r"Strict complementarity is not needed: the folded iteration gives the derivative of the solution to the right. "
    r"For $\min\tfrac12(x-c)^2$ subject to $x\ge0$ at $c=0$, folded through $\max(0,x-s(x-c))$,{relation}",
)
KINK = statement(
    sp.Eq(KINK_VALUE, theta * s / (1 - theta * (1 - s)), evaluate=False),
    r"At the kink of $\min\tfrac12(x-c)^2$ subject to $x\ge0$, at $c=0$, let the derivative of $\max(0,\cdot)$ at 0 be "
    r"taken as $\theta$. Folding through $\max(0,x-s(x-c))$ gives{relation}which lies between the one-sided "
    r"derivatives 0 and 1, is 0 for the usual $\theta=0$, and depends on the step $s>0$ of the solver unless $\theta$ "
    r"is 0 or 1.",
    Hypothesis("theta >= 0", sp.Ge(theta, 0)),
    Hypothesis("theta <= 1", sp.Le(theta, 1)),
    Hypothesis("s <= 1", sp.Le(s, 1)),
)
CONVERGES_AT_MAXIMUM = Quantity(r"\rho(\Phi)", nonnegative=True)
curvature = sp.Symbol("h", real=True)
SECOND_ORDER = statement(
    sp.Ge(CONVERGES_AT_MAXIMUM, 1 + s * sp.Abs(curvature), evaluate=False),
    r"What the second-order condition is for: at a stationary point where the Hessian has an eigenvalue $h\le0$, "
    r"$(I-\Phi)^{-1}\Psi$, if it exists, is still the derivative of that point, but for every step $s>0$ of the "
    r"gradient map{relation}so the folded iteration does not converge for every $\Psi$.",
    Hypothesis("h <= 0", sp.Le(curvature, 0)),
)
