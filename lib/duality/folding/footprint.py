"""The memory that one method takes, measured in a process of its own: `python -m duality.folding.footprint JSON`."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from duality.folding.bench import SEED, gradient
from duality.folding.problems import PROBLEMS


def growth(problem: str, method: str, batches: Sequence[int]) -> dict[int, float]:
    """Megabytes by which the largest memory of this process so far grows over what one problem needs, per batch.

    The batches must rise: a process never forgets its largest memory.
    """
    torch.set_num_threads(1)
    learned = PROBLEMS[problem]
    layer = learned.layers[method]()
    gradient(layer, learned.parameters(1, SEED))
    start, found = _largest(), {}
    for batch in batches:
        gradient(layer, learned.parameters(batch, SEED))
        found[batch] = round(_largest() - start, 1)
    return found


def _largest() -> float:
    """The largest memory so far, in megabytes. Linux hands the one that `resource` knows on to child processes."""
    status = Path("/proc/self/status")
    if status.is_file():
        return (
            int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1]) / 2**10
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    print(json.dumps(growth(*json.loads(sys.argv[1]))))
