"""What can go wrong in a folded layer."""

from __future__ import annotations


class FoldingError(RuntimeError):
    """A folded layer cannot give an answer that can be trusted."""


class NotAFixedPoint(FoldingError):
    """What the solver returned is not a fixed point of the update map, for any problem of the batch."""


class NonContractive(FoldingError):
    """The fixed-point rule does not converge, because the spectral radius of Phi is 1 or more."""


class NotConverged(FoldingError):
    """A backward rule did not reach its tolerance for any problem of the batch."""


class FoldingWarning(UserWarning):
    """Some problems of a batch have no trusted solution or gradient; they are marked and hold NaN."""
