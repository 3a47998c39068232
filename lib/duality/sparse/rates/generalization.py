r"""The generalization gap (T Theorem 7.5.1): where the printed bound is no number, a bound that holds, and its shape.

Finite covers and Hoeffding's inequality (1963) instead of Dudley's integral; q stands for e^(-C_Theta), N for KT and
N_0 for K(T - t_0).
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.tex import Quantity
from duality.sparse.rates.letters import K, N, T, given, m, statement, t0
from duality.sparse.rates.robustness import N_0, q

GAP = Quantity(r"\sup_{\theta\in\Theta}(\mathcal{L}_{gen}(\theta)-\mathcal{L}_{train}(\theta))")
SECOND = sp.sqrt(m) * (1 - q ** (K * T))
PRINTED = statement(
    sp.Le(1, SECOND, evaluate=False),
    r"With $q=e^{-C_\Theta}$: the right side of eq. 7.16 is a real number for every $m$, $K$ and $T$. Under the last "
    r"hypothesis the first logarithm, of a maximum with 1, is 0; so the second must not be negative:{relation}",
    given("m >= 1", sp.Ge(m, 1)),
    given("K >= 1", sp.Ge(K, 1)),
    given("T > t_0", sp.Gt(T, t0)),
    given("q > 0", sp.Gt(q, 0)),
    given("q < 1", sp.Lt(q, 1)),
    given("first logarithm 0", sp.Le(sp.sqrt(m) * K * T * q ** (K * (T - t0)), 1)),
)

B, width, p, confidence = (sp.Symbol(name, positive=True) for name in ("B", "W", "p", "epsilon"))
c1, c2 = sp.symbols("c_1 c_2", positive=True)
STEP_MOVES = Quantity(r"\mathrm{Lip}_\alpha", nonnegative=True)
REST_MOVES = Quantity(r"\mathrm{Lip}_{\eta,\lambda^*,w}", nonnegative=True)
OF_STEP = 1 + width * c1 * N_0 * q**N_0 * sp.sqrt(m) / 2
OF_REST = 1 + width * c2 * (1 - q**N) * sp.sqrt(m) / 2
REPAIRED = statement(
    sp.Le(
        GAP,
        4 / sp.sqrt(m) + B * sp.sqrt((sp.log(OF_STEP) + p * sp.log(OF_REST) + sp.log(1 / confidence)) / (2 * m)),
        evaluate=False,
    ),
    r"Let the loss lie in $[0,B]$, let $\Theta$ be a box of width $W$ that is fixed before the problems are drawn, in "
    r"$\alpha$ and in $p$ other parameters, and let the loss of every problem be Lipschitz in $\alpha$ and, in the "
    r"maximum norm, in the others, with the constants below ($q=e^{-C_\Theta}$, $N=KT$, $N_0=K(T-t_0)$). Then with "
    r"probability at least $1-\epsilon$ over $m$ independent problems{relation}The part that can fall with the depth "
    r"is one logarithm, against $p$ that only rise. For the squared error the constants are those of Lemma 7.5.1 times "
    r"$2\sqrt B$, and a Euclidean norm over $k$ parameters costs $\sqrt k$ in the maximum norm: $\sqrt d$ for $\eta$ "
    r"and for $\lambda^*$, $\sqrt3$ for $w$. The box of Lemma 7.5.1 (iv) starts at a supremum over the training "
    r"problems, and so is not fixed before they are drawn.",
    given("convergence", sp.Le(STEP_MOVES, c1 * N_0 * q**N_0)),
    given("stability", sp.Le(REST_MOVES, c2 * (1 - q**N))),
)

d, depth = sp.Symbol("d", positive=True), sp.Symbol("N", positive=True)
speed = sp.Symbol("C", positive=True)
RADICAND = c1 * sp.log(sp.sqrt(m) * depth * sp.exp(-speed * depth)) + c2 * d * sp.log(
    sp.sqrt(m) * (1 - sp.exp(-speed * depth))
)
SLOPE = sp.diff(sp.expand_log(RADICAND), depth)  # free of m
WINDOW = statement(
    sp.Le(1 + c2 * d / c1, sp.exp(speed * depth), evaluate=False),
    r"The printed bound can fall with the depth only past some depth. Let $N=KT$ ($t_0=0$), $C=C_\Theta$, and let $c_1,"
    r"c_2$ be the factors of the two logarithms in eq. 7.16 ($c_2,c_3$ there). If the sum under the root does not "
    r"increase at $N$, then{relation}that is, $N\ge\ln(1+c_2d/c_1)/C$. So every extra entry of $\beta$ moves the "
    r"falling part to larger depth. The number $m$ of problems is not in the derivative: more of them only lengthen "
    r"the fall, which ends at the latest where the first logarithm is 0.",
    given("falls", sp.Le(SLOPE, 0)),
)

size, radius = sp.symbols("W r", positive=True)
half = sp.Symbol("k", integer=True, positive=True)
COVER = Quantity(r"\mathcal{N}(\Theta,r)", positive=True)
DIMENSION = statement(
    sp.Ge(COVER, (size**2 * 2 * half / (2 * sp.pi * sp.E * radius**2)) ** half, evaluate=False),
    r"Every cover of a box of width $W$ in $p=2k$ parameters by Euclidean balls of radius $r$, as the norms of Lemma "
    r"7.5.1 are, has{relation}balls at least. Its logarithm is $p\ln(W\sqrt p/(4.14\,r))$: with $r$ of order "
    r"$1/\sqrt m$ the second logarithm of eq. 7.16 becomes one of $\sqrt{dm}$, so by this proof the constants would "
    r"depend on $d$.",
)
