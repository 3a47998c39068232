"""The printed statements about generalization (R section 5 and appendix C; T section 4.6).

Each is one SymPy relation over the quantities of the source, from which the theorem box and the checks are made.
E R stands for an expected Rademacher complexity, R_n for an empirical one, Lambda for the logarithm of a covering
number at radius n^(-1/2), of the class that the statement names.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Hypothesis, Statement
from duality.ledger.tex import Quantity

mu, L, M, sigma_b, B = sp.symbols("mu L M sigma_b B", positive=True)
n, d = sp.symbols("n d", positive=True)
r, t, Lam = sp.symbols("r t Lambda", nonnegative=True)
k = sp.Symbol("k", integer=True, nonnegative=True)

STAB = Quantity(r"\mathrm{Stab}(k)", nonnegative=True)
SENS = Quantity(r"\mathrm{Sens}(k)", nonnegative=True)
CVG = Quantity(r"\mathrm{Cvg}(k)", nonnegative=True)
B_PHI = Quantity(r"\mathit{B}_\Phi", nonnegative=True)
R_LOSS = Quantity(r"\mathit{R}_n\ell_F^{\mathrm{loc}}(r)", real=True)
ER_LOSS = Quantity(r"\mathbb{E}R_n\ell_F^{\mathrm{loc}}(r)", real=True)
R_NORM = Quantity(r"\mathit{R}_n\ell_Q^{\mathrm{loc}}(r_q)", real=True)
ER_NORM = Quantity(r"\mathbb{E}R_n\ell_Q^{\mathrm{loc}}(r_q)", real=True)
LOSS_CHANGE = Quantity(r"|\ell_{\phi,\theta}(x,b)-\ell_{\phi',\theta'}(x,b)|", nonnegative=True)
D_ENERGY = Quantity(r"\|Q_\theta(x)-Q_{\theta'}(x)\|_2", nonnegative=True)
D_PHI = Quantity(r"\|\phi-\phi'\|_2", nonnegative=True)
MOVED_ENERGY = Quantity(
    r"\|\mathrm{Alg}^k_{\phi'}(Q_\theta,b)-\mathrm{Alg}^k_{\phi'}(Q_{\theta'},b)\|_2", nonnegative=True
)
MOVED_PHI = Quantity(r"\|\mathrm{Alg}^k_{\phi}(Q_\theta,b)-\mathrm{Alg}^k_{\phi'}(Q_\theta,b)\|_2", nonnegative=True)
ER_SQUARES = Quantity(r"\mathbb{E}R_n\|Q_\theta-Q^*\|_F^2", nonnegative=True)
SQUARES = Quantity(r"\sup P_n\|Q_\theta-Q^*\|_F^2", nonnegative=True)
RQ = sp.Symbol("r_q", nonnegative=True)
RQ_VALUE = L**4 / sigma_b**2 * (sp.sqrt(r) + M * CVG) ** 2

SAMPLES = Hypothesis("n >= 1", sp.Ge(n, 1))
STABLE = Hypothesis("stability", sp.Le(MOVED_ENERGY, STAB * D_ENERGY, evaluate=False), r"\text{ (R eq. 7)}")
SENSITIVE = Hypothesis("sensitivity", sp.Le(MOVED_PHI, SENS * D_PHI, evaluate=False), r"\text{ (R eq. 8)}")
LEVEL = Hypothesis("level", sp.Eq(RQ, RQ_VALUE, evaluate=False))
LOSS_RMS = Quantity(r"\sqrt{P\ell_{\phi,\theta}^2}", nonnegative=True)
ENERGY_SQUARE = Quantity(r"P\|Q_\theta-Q^*\|_F^2", nonnegative=True)
LOCAL = Hypothesis("local", sp.Le(LOSS_RMS, sp.sqrt(r)))
# R Lemma 4.2
REPRESENTATION = Hypothesis(
    "representation",
    sp.Le(ENERGY_SQUARE, RQ_VALUE.subs(sp.sqrt(r), LOSS_RMS), evaluate=False),
    r"\text{ (R Lemma 4.2)}",
)
# Bartlett, Bousquet, Mendelson (2005), Theorem 2.1 at alpha = 1/4, for the squares of the local class
TALAGRAND = Hypothesis(
    "concentration",
    sp.Le(
        SQUARES,
        RQ + sp.Rational(5, 2) * ER_SQUARES + sp.sqrt(2 * B**2 * RQ * t / n) + B**2 * sp.Rational(13, 3) * t / n,
        evaluate=False,
    ),
    r"\text{ with probability at least }1-e^{-t}\text{ (classical)}",
)

LOSS_LIPSCHITZ = Statement(
    sp.Le(LOSS_CHANGE, STAB * D_ENERGY + SENS * D_PHI, evaluate=False),
    (STABLE, SENSITIVE),
    r"For every input, with $\mathrm{Stab}(k)=\sup_\phi\mathrm{Stab}(k,\phi)$,{relation}",
)
LAMBDA_MIN, LAMBDA_MAX = sp.symbols("lambda_min lambda_max", positive=True)
IN_CLASS = (
    Hypothesis("mu <= spectrum", sp.Le(mu, LAMBDA_MIN), r"\text{ for the energies }Q_\theta(x), Q^*(x)"),
    Hypothesis("spectrum <= L", sp.Le(LAMBDA_MAX, L)),
    LOCAL,
    SAMPLES,
)
CONTRACTION = Statement(
    sp.Le(R_LOSS, sp.sqrt(2) * d * STAB * R_NORM + SENS * B_PHI, evaluate=False),
    (*IN_CLASS, LEVEL),
    r"For every class $\{Q_\theta\}$,{relation}where $\ell_Q^{\mathrm{loc}}(r_q)$ holds the norms "
    r"$\|Q_\theta-Q^*\|_F$ with $P\|Q_\theta-Q^*\|_F^2\le r_q$.",
)

E_T = sp.exp(-t)
ROOT_N, ROOT_LAM = sp.sqrt(n), sp.sqrt(Lam)
C1 = 216 / sigma_b**2 * L**4 * Lam
C2_EMPIRICAL = (768 * B**2 * t / n + 720 * B * ER_NORM) * Lam
C2 = (1 + 3 * B * E_T * ROOT_LAM + 45 / ROOT_N * B * Lam) * 2880 / ROOT_N * B * Lam + t * 768 * B**2 / n * Lam
C3 = 12 * B * E_T * ROOT_LAM + 360 / ROOT_N * B * Lam
C1_SYMBOL, C2_SYMBOL, C3_SYMBOL = sp.symbols("C_1 C_2 C_3", nonnegative=True)
# the printed bracket of Theorem 5.1, once with the names of its coefficients and once spelled out
NAMED_BRACKET = sp.sqrt((sp.sqrt(r) + M * CVG) ** 2 * C1_SYMBOL + C2_SYMBOL) + C3_SYMBOL + 4
BRACKET = NAMED_BRACKET.subs({C1_SYMBOL: C1, C2_SYMBOL: C2, C3_SYMBOL: C3})
SHORT = ((C1_SYMBOL, C1), (C2_SYMBOL, C2), (C3_SYMBOL, C3))

NEURAL_EMPIRICAL = Statement(
    sp.Le(
        R_NORM,
        (sp.sqrt((sp.sqrt(r) + M * CVG) ** 2 * C1 + C2_EMPIRICAL) + 4) / ROOT_N,
        evaluate=False,
    ),
    (LEVEL, TALAGRAND),
    r"With probability at least $1-e^{-t}$, with $\Lambda=\log\mathcal{N}(n^{-1/2},\ell_Q,L_2(P_n))$ and "
    r"$B \ge \|Q_\theta-Q^*\|_F$,{relation}",
)
NEURAL_EXPECTED = Statement(
    sp.Le(ER_NORM, BRACKET / ROOT_N, evaluate=False),
    (LEVEL, TALAGRAND),
    r"For every $t > 0$, with $\Lambda=\log\mathcal{N}(n^{-1/2},\ell_Q,L_\infty)$ and "
    r"$B \ge \|Q_\theta-Q^*\|_F$,{relation}",
    shorthand=SHORT,
)
LOCAL_RADEMACHER = Statement(
    sp.Le(ER_LOSS, sp.sqrt(2) * d / ROOT_N * STAB * BRACKET + SENS * B_PHI, evaluate=False),
    IN_CLASS,
    r"For every class $\{Q_\theta\}$ and every $t > 0$, with $\Lambda=\log\mathcal{N}(n^{-1/2},\ell_Q,L_\infty)$ and "
    r"$B = 2L\sqrt d$,{relation}",
    shorthand=SHORT,
)

N_PART = Quantity(r"\mathcal{N}(\epsilon,\ell_Q^{\mathrm{loc}}(r_q),L_\infty)", positive=True)
N_WHOLE = Quantity(r"\mathcal{N}(\epsilon,\ell_Q,L_\infty)", positive=True)
PROPER_COVERS = Statement(
    sp.Le(N_PART, N_WHOLE, evaluate=False),
    (),
    "The proofs use that a local class needs no more balls than the whole class,{relation}and that one ball is enough "
    "once its radius reaches a bound of all root mean squares. (In print the centres of the balls lie in the class "
    "that is covered.)",
)
EPS, EPS_Q, EPS_PHI = sp.symbols("epsilon epsilon_Q epsilon_Phi", positive=True)
N_LOSS = Quantity(r"\mathcal{N}(\epsilon,\ell_F,L_2(P_n))", positive=True)
N_ENERGY = Quantity(r"\mathcal{N}(\epsilon_Q,\mathcal{Q},L_2(P_n))", positive=True)
N_PHI = Quantity(r"\mathcal{N}(\epsilon_\Phi,\Phi,\|\cdot\|_2)", positive=True)
COVERING = Statement(
    sp.Le(N_LOSS, N_ENERGY * N_PHI, evaluate=False),
    (
        Hypothesis("radius of Q", sp.Le(EPS_Q, EPS / (2 * STAB), evaluate=False)),
        Hypothesis("radius of Phi", sp.Le(EPS_PHI, EPS / (2 * SENS), evaluate=False)),
        Hypothesis("0 < Stab", sp.Gt(STAB, 0)),
        Hypothesis("0 < Sens", sp.Gt(SENS, 0)),
    ),
    r"For the global class $\ell_F=\{\ell_{\phi,\theta}:\phi\in\Phi,\theta\in\Theta\}$,{relation}",
)
