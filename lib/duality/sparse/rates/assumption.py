r"""Assumption 7.4.1 of T: what it asks of the number of samples, of the noise, and how it compares with the RIP.

RIP of order k with constant delta: | |Xv|^2/n - |v|^2 | <= delta |v|^2 for every v with at most k nonzero entries
(Candes and Tao 2005). delta_2s < 1/sqrt 2 gives exact recovery by l1 (Cai and Zhang 2014).
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.tex import Quantity
from duality.sparse.rates.letters import (
    SPECTRUM,
    d,
    given,
    kappa,
    n,
    rho,
    rho_plus,
    s_star,
    statement,
)

s_tilde = sp.Symbol(r"\tilde{s}", positive=True)
LEVEL = s_star + 2 * s_tilde
RHO_SPARSE = Quantity(r"\min_{\|v\|_0\le s^*+2\tilde s}\tfrac{\|Xv\|_2^2}{n\|v\|_2^2}", nonnegative=True)

POSITIVE = given("rho_- > 0", sp.Gt(rho, 0))
QUOTIENT = given("(b) from below", sp.Le(rho, RHO_SPARSE))
KAPPA = given("kappa >= 1", sp.Ge(kappa, 1), r"\quad(\kappa=\rho_+/\rho_-)")
SPARSITY = given("s~", sp.Gt(s_tilde, (121 * kappa + 144 * kappa**2) * s_star))

ROWS = statement(
    sp.Le(sp.Min(d, 531 * s_star), n, evaluate=False),
    r"For least squares, condition (b) needs samples: if it holds, then{relation}With fewer than $531s^*$ samples it "
    r"is strong convexity on all of $\mathbb R^d$, which needs $n\ge d$.",
    POSITIVE,
    QUOTIENT,
    KAPPA,
    SPARSITY,
)
AUDIT = statement(
    sp.Le(sp.Min(d, LEVEL), n, evaluate=False),
    r"The experiments on sparse linear regression ($n=64$, $s^*=16$, $d=256$ or $1024$), which compare methods and "
    r"“also verify the theorems” (T 7.7.1), satisfy Assumption 7.4.1, on which the theorems rest. Condition (b) asks "
    r"that every $s^*+2\tilde s$ columns of $X$ be independent, so{relation}",
    KAPPA,
    SPARSITY,
    given("n", sp.Eq(n, 64)),
    given("s*", sp.Eq(s_star, 16)),
    given("d", sp.Or(sp.Eq(d, 256), sp.Eq(d, 1024))),
)

PROBLEMS = 2000
P_ALL = Quantity(r"P[\text{(c) in all }2000\text{ training problems}]", nonnegative=True)
AUDIT_GRADIENT = statement(
    sp.Ge(P_ALL, sp.Rational(1, 2), evaluate=False),
    r"Condition (c), $8|\nabla L(\beta^*)_j|\le|\nabla L(0)_j|$ for every $j$, holds in every problem of a training "
    r"set of the experiments more often than not:{relation}",
)
ratio, cosine = sp.Symbol("r", positive=True), sp.Symbol("c", real=True)
WIDTH = ratio * sp.sqrt(1 - cosine**2)
P_GRADIENT = Quantity(r"P[\text{(c) at every }j\notin S^*]", nonnegative=True)
GRADIENT_INDEPENDENT = statement(
    sp.Eq(
        P_GRADIENT,
        (1 - (sp.atan((9 + cosine * ratio) / WIDTH) + sp.atan((7 - cosine * ratio) / WIDTH)) / sp.pi) ** (d - s_star),
        evaluate=False,
    ),
    r"Let the features off the support be independent standard Gaussian vectors in $\mathbb R^n$, $n\ge2$, and let $r$ "
    r"be the ratio of the lengths of the signal $X\beta^*$ and of the noise, $c$ the cosine of their angle. Then"
    r"{relation}At given $r$ and $c$ the number of samples does not help, and for a fixed $c$ this tends to 1 only for "
    r"$r\gg d-s^*$. Condition (c) off the support asks that features which explain nothing are far more correlated "
    r"with the signal than with the noise.",
    given("|c| < 1", sp.Lt(sp.Abs(cosine), 1)),
)
CURV = Quantity(r"\ell''(\tfrac{1}{1+\rho_+})")
PRECISION = statement(
    sp.Eq(CURV, (1 + rho_plus) ** 2, evaluate=False),
    r"Precision matrices: already for one variable, $\ell(\theta)=s\theta-\ln\theta$ has no $\rho_+$ that serves every "
    r"$\theta>0$, as (b) is used along the iterates:{relation}which exceeds $\rho_+$. There is no $\rho_->0$ either, "
    r"since $\ell''(\theta)\to0$ for $\theta\to\infty$, and $\nabla L(0)$, which starts Algorithm 5, does not exist.",
)
beta_j, noise_j, mass = sp.symbols("beta_j g_j S", real=True)
coupling = sp.Symbol("c", positive=True)
SATISFIABLE = statement(
    sp.Le(8 * sp.Abs(noise_j), sp.Abs(noise_j - beta_j - coupling * mass), evaluate=False),
    r"A family that satisfies Assumption 7.4.1: $H=X^\top X/n=I+cJ$ with $J$ the matrix of ones, $\beta^*\ge0$ with "
    r"sum $S$, and a gradient $g$ at $\beta^*$ of at most $cS/9$ per entry. Then $\rho_-=1$ and $\rho_+=1+cd$ for "
    r"every level, $\nabla L(0)=g-\beta^*-cS\mathbf 1$, and for every $j$, in the support or not,{relation}",
    given("beta >= 0", sp.Ge(beta_j, 0)),
    given("noise", sp.Le(sp.Abs(noise_j), coupling * mass / 9)),
)

delta = sp.Symbol(r"\delta_{2s^*}", real=True)
RIP_PRINTED = statement(
    sp.Le(1 - delta, RHO_SPARSE, evaluate=False),
    r"Condition (b) “is weaker than” the restricted isometry property. The print names no orders. Read at one level "
    r"the sentence is true, as the repair proves. Read at the orders at which the two are used, $2s^*$ with "
    r"$\delta_{2s^*}<1/\sqrt2$ for the recovery of $s^*$-sparse vectors and $s^*+2\tilde s$ in (b), it says{relation}"
    r"In the counterexample no other constant $\rho_->0$ will do either.",
    given("recovery", sp.Lt(delta, 1 / sp.sqrt(2))),
    KAPPA,
    SPARSITY,
)
DEVIATION = Quantity(r"\delta_\ell", nonnegative=True)
IS_RIP = statement(
    sp.Le(DEVIATION, (rho_plus - rho) / (rho_plus + rho), evaluate=False),
    r"At one level $\ell$ the sparse eigenvalue condition is the restricted isometry property up to a scale: if all "
    r"Rayleigh quotients $h$ at $\ell$-sparse vectors obey it, then $\sqrt{2/(\rho_++\rho_-)}\,X$ has the RIP of order "
    r"$\ell$ with{relation}Conversely, RIP of order $\ell$ with $\delta_\ell<1$ gives $\rho_\pm=1\pm\delta_\ell$. But "
    r"(b) fixes $\ell=s^*+2\tilde s>531s^*$ in place of $2s^*$.",
    POSITIVE,
    *SPECTRUM,
)
k = sp.Symbol("k", positive=True)  # a whole number
DELTA_K = Quantity(r"\delta_k", nonnegative=True)
SIMPLEX = statement(
    sp.Eq(DELTA_K, (sp.Min(k, d) - 1) / (d - 1), evaluate=False),
    r"$d$ unit vectors at equal angles in $\mathbb R^{d-1}$ (Gram matrix $(dI-J)/(d-1)$) have a common kernel "
    r"direction and, for every whole $k\ge1$, the restricted isometry constant{relation}With $d=531s^*+2$ the constant "
    r"of order $2s^*$ is below $1/265$, and (b) fails.",
    given("d > 1", sp.Gt(d, 1)),
)
