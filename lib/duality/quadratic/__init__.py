"""Convergence, stability and sensitivity of first-order methods on strongly convex quadratics."""
