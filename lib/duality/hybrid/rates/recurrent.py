"""The printed statements about the recurrent cell (R sec. 6, app. D, Table 2), and what replaces or sharpens them.

Symbols: c = c_phi, the constant of the stable region; c_Q = ||V|| ||W1 + W2 Q|| prod ||W^l|| for one Q (and c_p for
a second Q'); hat c = ||V|| ||W2|| prod ||W^l||. The letter L is taken by the spectrum, so n counts the layers.
"""

from __future__ import annotations

import sympy as sp

from duality.ledger.claim import Hypothesis, Statement
from duality.ledger.tex import Quantity
from duality.quadratic.rates import L, k, mu, s

kappa = sp.Symbol("kappa", real=True)
n = sp.Symbol("n", integer=True, positive=True)
c, c_Q, c_p, c_hat, c_low, c_top = sp.symbols("c c_Q c_p chat c_min c_0", nonnegative=True)
v, w = sp.symbols("v w", positive=True)  # bounds on ||V|| and on each ||W^l||
alpha, beta, B = sp.symbols("alpha beta B", nonnegative=True)  # bounds on ||W1 + W2 Q||, ||W2||, ||b||

CHANGE = Quantity(r"\|y_k-y_{k-1}\|_2")
NEXT_CHANGE = Quantity(r"\|y_{k+1}-y_k\|_2")
OUTPUT_CHANGE = Quantity(r"\|y_k-y'_k\|_2")
DQ, DB = Quantity(r"\|Q-Q'\|_2"), Quantity(r"\|b-b'\|_2")
B_OTHER = Quantity(r"\|b'\|_2")
DPHI = Quantity(r"\|\varphi-\varphi'\|_2")
CELL = Quantity(r"\mathrm{RNNcell}(Q,b,y)")
Y, GRADIENT = Quantity("y"), Quantity("(Qy+b)")
CELL_TOP = Quantity(r"y_{k+1}")
NOW, BEFORE, NOW_GRADIENT, BEFORE_GRADIENT = (
    Quantity("y_k"),
    Quantity("y_{k-1}"),
    Quantity("(Qy_k+b)"),
    Quantity("(Qy_{k-1}+b)"),
)
NEXT_GAP = Quantity(r"\|y_{k+1}-y'_{k+1}\|_2")
TARGET = Quantity(r"\|x^*\|_2")
SUP_FIRST = Quantity(r"\sup_Q\|W^1_1+W^1_2Q\|_2")
FIRST_U, SECOND_U = Quantity(r"\|(W^1_1+\tfrac{\mu+L}{2}W^1_2)^\top u\|_2"), Quantity(r"\|(W^1_2)^\top u\|_2")
C_PHI = Quantity(r"c_\varphi")
CVG = Quantity(r"\mathrm{Cvg}(k,\varphi)")
LIMIT = Quantity(r"\lim_{k\to\infty}\mathrm{Cvg}(k,\varphi)")
BEST = Quantity(r"\liminf_{k\to\infty}\,\min_{c_\varphi<1}\mathrm{Cvg}(k,\varphi)")
WORST = Quantity(r"\max_{c_\varphi\leq c}\mathrm{Cvg}(k,\varphi)")

SPECTRUM = (Hypothesis("0 < mu", sp.Gt(mu, 0)), Hypothesis("mu <= L", sp.Le(mu, L)))
WIDE = Hypothesis("mu < L", sp.Lt(mu, L))
ABOVE_ONE = Hypothesis("kappa > 1", sp.Gt(kappa, 1))
STABLE = Hypothesis("c < 1", sp.Lt(c, 1))
TWO_STABLE = (Hypothesis("c_Q < 1", sp.Lt(c_Q, 1)), Hypothesis("c_p < 1", sp.Lt(c_p, 1)))
K_POSITIVE = Hypothesis("k >= 1", sp.Ge(k, 1))


def _le(left: sp.Expr, right: sp.Expr, *hypotheses: Hypothesis, words: str) -> Statement:
    return Statement(sp.Le(left, right, evaluate=False), hypotheses, words)


def geometric(q: sp.Expr) -> sp.Expr:
    """1 + q + ... + q^(k-1)."""
    return (1 - q**k) / (1 - q)


CONTRACTIVE = _le(
    NEXT_CHANGE,
    c * CHANGE,
    STABLE,
    words="With $c = c_\\varphi$, for one problem $(Q, b)$ and every $k \\ge 1$,{relation}",
)
REGION_EXACT = Statement(
    sp.Eq(SUP_FIRST, FIRST_U + (L - mu) / 2 * SECOND_U, evaluate=False),
    SPECTRUM,
    "The supremum over all symmetric $Q$ with spectrum in $[\\mu, L]$ is attained where every eigenvalue is $\\mu$ or "
    "$L$, and{relation}for the unit vector $u$ that makes the right side largest.",
)
STABILITY = _le(
    OUTPUT_CHANGE,
    c_hat**2 / (1 - c_p) * geometric(c_Q) * B_OTHER * DQ + c_hat * geometric(c_Q) * DB,
    *TWO_STABLE,
    words="For two problems $(Q, b)$, $(Q', b')$ and every $k$,{relation}where $c_Q = \\|V\\|\\,\\|W^1_1+W^1_2Q\\|"
    "\\prod\\|W^l\\|$, $c_p$ is the same for $Q'$, and $\\hat c = \\|V\\|\\,\\|W^1_2\\|\\prod\\|W^l\\|$.",
)
STABILITY_SHARP = _le(
    OUTPUT_CHANGE,
    c_hat**2 / (1 - c) * (geometric(c) - k * c ** (k - 1)) * B_OTHER * DQ + c_hat * geometric(c) * DB,
    STABLE,
    K_POSITIVE,
    words="With $c$ an upper bound of $c_Q$ and $c_{Q'}$, so with $c = c_\\varphi$ for one,{relation}",
)
# Y bounds every iterate, H the input of the first ReLU; w_power is the product of the norms of W^2, ..., W^n
Y_TOP, H_TOP, SQUARE = sp.symbols("Y H S", nonnegative=True)
W_POWER = w ** (n - 1)
CONSTANT = sp.sqrt(
    (W_POWER * H_TOP) ** 2
    + (n - 1) * (v * w ** (n - 2) * H_TOP) ** 2
    + (v * W_POWER) ** 2 * (Y_TOP**2 + (L * Y_TOP + B) ** 2)
)
SENSITIVITY = Statement(
    sp.Le(OUTPUT_CHANGE, CONSTANT * (1 - c_low**k) / (1 - c_top) * DPHI, evaluate=False),
    (
        Hypothesis("c_min <= c", sp.Le(c_low, c)),
        Hypothesis("c <= c_0", sp.Le(c, c_top)),
        Hypothesis("c_0 < 1", sp.Lt(c_top, 1)),
        Hypothesis("Y large", sp.Ge(Y_TOP, v * W_POWER * beta * B / (1 - c_top))),
        Hypothesis("H large", sp.Ge(H_TOP, alpha * Y_TOP + beta * B)),
    ),
    "Let $c_{\\min} \\le c_\\varphi \\le c_0 < 1$ on a compact $\\Phi$, with $n$ layers, $\\|V\\| \\le v$, "
    "$\\|W^l\\| \\le w$, $\\|W^1_1 + W^1_2Q\\| \\le \\alpha$, $\\|W^1_2\\| \\le \\beta$ there, and let "
    "$\\|Q\\| \\le L$, $\\|b\\| \\le B$. For two parameters $\\varphi$, $\\varphi'$ of $\\Phi$, with $c = c_\\varphi$, "
    "and every $k$,{relation}",
    ((SQUARE, CONSTANT**2),),
)
REPRESENTS_GD = Statement(
    sp.Eq(CELL, Y - s * GRADIENT, evaluate=False),
    (),
    "With $V = [I, -I]$, $W^1_1 = [I; -I]$, $W^1_2 = [-sI; sI]$, $W^l = I$ and any number of layers, for every $Q$, "
    "$b$, $y$,{relation}",
)
REPRESENTS_NAG = _le(
    NEXT_GAP,
    sp.Integer(0),
    *SPECTRUM,
    Hypothesis("s > 0", sp.Gt(s, 0)),
    Hypothesis("s <= 4/(3L+mu)", sp.Le(s, 4 / (3 * L + mu))),
    words="With suitable weights the cell is NAG: its iterates are those of NAG for every problem of the class and "
    "every $k$. The cell sees $(y_k, Qy_k+b)$ and nothing else. So where two problems agree in these, NAG has to go "
    "on alike,{relation}",
)
u = sp.sqrt(mu * s)
NO_NAG = Statement(
    sp.Eq(NEXT_GAP, (1 - u) ** 3 / (4 * (1 + u)) * TARGET, evaluate=False),
    (
        *SPECTRUM[:1],
        WIDE,
        Hypothesis("s >= 1/L", sp.Ge(s, 1 / L)),
        Hypothesis("s <= 4/(3L+mu)", sp.Le(s, 4 / (3 * L + mu))),
    ),
    "In every dimension there are two problems of the class, with one minimizer $x^*$, whose NAG iterates have the "
    "same $(y_2, Qy_2+b) = (x^*, 0)$ and{relation}for $k = 2$, which is not zero. So no map "
    "$y_{k+1} = F(y_k, Qy_k+b)$, a network or not, produces the first three iterates of NAG.",
)
PASSES = Quantity(r"\|y_{k+1}-x^*\|_2")
NO_NAG_ANY_STEP = Statement(
    sp.Gt(PASSES, 0, evaluate=False),
    (
        *SPECTRUM[:1],
        WIDE,
        Hypothesis("s > 0", sp.Gt(s, 0)),
        Hypothesis("s < 1/mu", sp.Lt(s, 1 / mu)),
    ),
    "For every such step there are a problem of the class and a $k$ at which NAG's iterate is the minimizer, $y_k = "
    "x^*$ and $Qy_k+b = 0$, and{relation}A continuous $F$ with $y_{k+1} = F(y_k, Qy_k+b)$ would have "
    "$F(x^*, 0) = x^*$, because NAG converges where $Qx^* = \\mu x^*$. So no cell follows NAG for all $k$, "
    "whatever the step.",
)
bet = sp.Symbol("beta", real=True)
EXTRAPOLATED = NOW + bet * (NOW - BEFORE)
DOUBLED_NAG = Statement(
    sp.Eq(CELL_TOP, EXTRAPOLATED - s * ((1 + bet) * NOW_GRADIENT - bet * BEFORE_GRADIENT), evaluate=False),
    (),
    "Give the cell the state $(y_k, y_{k-1})$ and two copies of the problem. With the pairs of weights "
    "$\\pm\\begin{bmatrix}(1+\\beta)I&-\\beta I\\\\I&0\\end{bmatrix}$ for $W^1_1$ and "
    "$\\mp s\\begin{bmatrix}(1+\\beta)I&-\\beta I\\\\0&0\\end{bmatrix}$ for $W^1_2$ its next state is "
    "$(y_{k+1}, y_k)$, where{relation}which is a gradient step of length $s$ from "
    "$y_k+\\beta(y_k-y_{k-1})$: NAG from a zero start, for every $k$.",
)
NAG_OUTSIDE = Statement(
    sp.Ge(C_PHI, 1, evaluate=False),
    (),
    "Every cell with the state $(y_k, y_{k-1})$ that runs NAG, whatever its weights, has{relation}",
)
MIN_C = 2 * (kappa - 1) / (kappa + 1)
BEST_C = Statement(
    sp.Ge(C_PHI, MIN_C, evaluate=False),
    (Hypothesis("kappa >= 1", sp.Ge(kappa, 1)),),
    "If the outputs of a cell converge to $\\operatorname{Opt}(Q,b)$ for every $Q$ with spectrum in $[\\mu, L]$ and "
    "every $b$, then{relation}and the weights of R eq. 80 with $s = 2/(\\mu+L)$ attain it. So $c_\\varphi < 1$ needs "
    "$\\kappa < 3$.",
)
BEST_IS_GD = Statement(
    sp.Eq(CELL, Y - 2 / (mu + L) * GRADIENT, evaluate=False),
    SPECTRUM,
    "A cell that attains the smallest $c_\\varphi$ is gradient descent: for every $Q$, $b$ and $y$,{relation}",
)
RATE = (kappa - 1) / (kappa + 1)
CONVERGENT = Statement(
    sp.Eq(CVG, RATE**k, evaluate=False),
    (Hypothesis("kappa >= 1", sp.Ge(kappa, 1)), Hypothesis("kappa < 3", sp.Lt(kappa, 3))),
    "The weights of R eq. 80 with $s = 2/(\\mu+L)$ have $c_\\varphi = 2\\tfrac{\\kappa-1}{\\kappa+1} < 1$, "
    "and{relation}",
)
LEAST = Quantity(r"\min_{c_\varphi\leq c}\,\lim_{k\to\infty}\mathrm{Cvg}(k,\varphi)")
FLOOR = Statement(
    sp.Eq(LEAST, (2 * (kappa - 1) - c * (kappa + 1)) / ((kappa - 1) * (2 - c)), evaluate=False),
    (ABOVE_ONE, STABLE, Hypothesis("c below the threshold", sp.Le(c * (kappa + 1), 2 * (kappa - 1)))),
    "In every dimension, over all cells of every depth and width,{relation}The minimum is attained by the pairs of "
    "ReLUs that compute $y \\mapsto \\alpha y - sg$ with $s = c/(L-\\mu)$ and $\\alpha = c/2 + s\\mu$.",
)
IMPOSSIBLE = Statement(
    sp.Gt(LIMIT, 0, evaluate=False),
    (Hypothesis("kappa >= 3", sp.Ge(kappa, 3)), STABLE),
    "Every cell with $c_\\varphi = c$, whatever its depth, width and weights, has{relation}",
)
SHRINK = sp.sqrt(1 - ((kappa - 1) / (6 * (kappa + 1))) ** 2)
FLOOR_AT_K = Statement(
    sp.Ge(
        CVG,
        sp.Min(sp.Rational(1, 8), (kappa - 3) / (4 * (kappa - 1)) - (kappa + 1) / (2 * (kappa - 1)) * SHRINK**k),
        evaluate=False,
    ),
    (ABOVE_ONE, Hypothesis("c <= 1", sp.Le(c, 1))),
    "For every $k$ and every cell with $c_\\varphi \\le 1$, also one that was chosen for this $k$,{relation}",
)
BEST_CONVERGENCE = _le(
    BEST,
    sp.Integer(0),
    ABOVE_ONE,
    words="Inside the stable region $\\min_\\varphi \\mathrm{Cvg}(k,\\varphi) = O(\\rho^k)$ with some $\\rho < 1$, so "
    "in particular{relation}",
)
WORST_CONVERGENCE = Statement(
    sp.Eq(WORST, 1 + 2 * c * kappa / (kappa - 1) * geometric(c), evaluate=False),
    (ABOVE_ONE, STABLE),
    "The least that membership in the stable region promises, at every $k$: over all cells and all problems{relation}",
)
