"""A convex problem as a layer of cvxpylayers, the counterpart that folded layers are measured against.

It turns the problem into a cone program, solves one after another, and differentiates the optimality conditions of
each. It gets one job per core, and one of the settings below, chosen by hand for every problem: Clarabel or SCS
forward, a dense matrix or LSQR backward. With them the median relative error of the gradient stays below 1e-4 on all
four convex problems; the largest does not, by far.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

Settings = Mapping[str, Any]
DENSE: Settings = {"solve_method": "Clarabel", "mode": "dense"}
SPARSE: Settings = {"solve_method": "Clarabel", "mode": "lsqr"}  # for matrices of some hundred rows, nearly all zeros
FIRST_ORDER: Settings = {"solve_method": "SCS", "mode": "dense", "eps": 1e-7}  # for full matrices
BACKWARD = ("mode", "n_jobs_backward")  # what only a layer with a gradient takes
JOBS = os.cpu_count() or 1


class ConicLayer(nn.Module):
    """A problem of cvxpy with its parameters, and the variable whose value is returned, (B, n).

    Raises
    ------
    ImportError
        without cvxpylayers.
    ValueError
        when cvxpy does not see that the problem is convex, with what it says.
    """

    def __init__(self, problem: Any, parameters: list[Any], variables: list[Any], **settings: Any) -> None:
        super().__init__()
        if (words := refusal(problem)) is not None:
            raise ValueError(words)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from cvxpylayers.torch import CvxpyLayer

            self.layer = CvxpyLayer(problem, parameters=parameters, variables=variables)
        self.settings = {"n_jobs_forward": JOBS, "n_jobs_backward": JOBS} | dict(DENSE) | settings

    def forward(self, *c: Tensor) -> Tensor:
        """The solutions, (B, n)."""
        settings = self.settings
        if not (torch.is_grad_enabled() and any(value.requires_grad for value in c)):
            settings = {name: value for name, value in settings.items() if name not in BACKWARD}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self.layer(*c, solver_args=settings)[0].reshape(max(len(value) for value in c), -1)


def refusal(problem: Any) -> str | None:
    """Why a problem of cvxpy cannot be a conic layer; None when it can.

    A layer needs a problem that follows the rules for convex problems (DCP), also in its parameters (DPP). What is
    judged is what cvxpy can write down: a function that it lacks, such as the sine, has to be replaced before.
    """
    if not problem.is_dcp():
        return (
            "cvxpy does not see a convex problem here: it does not follow the rules of disciplined convex programming"
        )
    if not problem.is_dcp(dpp=True):
        return "the problem is convex, but not in a form whose parameters can be differentiated (DPP)"
    return None
