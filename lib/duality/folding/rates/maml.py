r"""MAML as unrolled gradient descent, and what its limit is (Finn et al. 2017; Rajeswaran et al. 2019, implicit MAML).

The inner loss is 1/2 (theta - m)^T H (theta - m), so that the meta-Jacobian d theta_k / d theta_0 is a polynomial in
H. In an eigendirection of H with eigenvalue h everything is a number.
"""

from __future__ import annotations

import sympy as sp

from duality.folding.rates.letters import matrices, measured, statement, unit
from duality.ledger.claim import Hypothesis
from duality.ledger.tex import Quantity
from duality.quadratic.rates import k

(H,) = matrices("H")
h, lam, s = sp.symbols("h lambda s", real=True)
JACOBIAN = measured(r"\frac{d\theta_k}{d\theta_0}")
META = Quantity(r"\frac{d\theta_k}{d\theta_0}")
LIMIT = Quantity(r"\lim_{k\to\infty}\frac{d\theta_k}{d\theta_0}")
IMPLICIT_LIMIT = Quantity(r"\lim_{\lambda\to0}\lambda(h+\lambda)^{-1}")
STEP = (Hypothesis("s > 0", sp.Gt(s, 0)), Hypothesis("s h < 2", sp.Lt(s * h, 2)))
CONVEX, SINGULAR = Hypothesis("h > 0", sp.Gt(h, 0)), Hypothesis("h >= 0", sp.Ge(h, 0))
PROXIMAL = Hypothesis("lambda > 0", sp.Gt(lam, 0))
IMPLICIT = lam / (h + lam)

META_JACOBIAN = statement(
    sp.Eq(JACOBIAN, (unit - s * H) ** k, evaluate=False),
    r"MAML with $k$ gradient steps $\theta_{t+1}=\theta_t-s\nabla L(\theta_t)$ on a quadratic loss with Hessian "
    r"$H$ has the meta-Jacobian{relation}",
)
PRINTED = statement(
    sp.Eq(IMPLICIT, LIMIT, evaluate=False),
    r"MAML is $k$ steps of gradient descent, $\theta_{t+1}=\theta_t-s\nabla L(\theta_t)$, and for $k\to\infty$ it is "
    r"implicit MAML, with inner problem $L(\theta)+\tfrac\lambda2\|\theta-\theta_0\|^2$. So in an eigendirection of "
    r"the Hessian with eigenvalue $h$ the meta-Jacobians agree,{relation}",
    CONVEX,
    PROXIMAL,
    *STEP,
)
PROXIMAL_STEPS = statement(
    sp.Eq(META, IMPLICIT + (1 - s * (h + lam)) ** k * h / (h + lam), evaluate=False),
    r"With the proximal term in the inner steps, $\theta_{t+1}=\theta_t-s(\nabla "
    r"L(\theta_t)+\lambda(\theta_t-\theta_0))$, in an eigendirection of the Hessian with eigenvalue "
    r"$h$,{relation}which tends to $\lambda/(h+\lambda)$, the meta-Jacobian of implicit MAML, at the rate of the inner "
    r"solver.",
    SINGULAR,
    PROXIMAL,
    Hypothesis("s > 0", sp.Gt(s, 0)),
    Hypothesis("s (h + lambda) < 2", sp.Lt(s * (h + lam), 2)),
)
WITHOUT_PROXIMAL = statement(
    sp.Eq(LIMIT, IMPLICIT_LIMIT, evaluate=False),
    r"Without a proximal term, $k\to\infty$ is implicit MAML with $\lambda\to0$: in every eigendirection{relation}Both "
    r"are 0 where $h>0$ and 1 where $h=0$. So where there are fewer samples than parameters the adapted parameters "
    r"keep the part of $\theta_0$ in the null space of $H$, and forget all else.",
    SINGULAR,
    *STEP,
)
EARLY = statement(
    sp.Le((1 - s * h) ** k, 1 / (1 + s * k * h), evaluate=False),
    r"$k$ steps forget at least as much as a proximal term with $\lambda=1/(sk)$, for which "
    r"$\lambda/(h+\lambda)=1/(1+skh)$,{relation}and both are $1-skh$ to first order, the left side never less.",
    SINGULAR,
    Hypothesis("s > 0", sp.Gt(s, 0)),
    Hypothesis("s h <= 1", sp.Le(s * h, 1)),
)
