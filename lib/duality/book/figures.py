"""Recorded figures: an experiment, run in one of two profiles, kept as table + record + drawing."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from duality.book.cache import write_atomically
from duality.book.errors import BuildError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

PROFILES = ("quick", "full")
TINY = 1e-12  # below this size a value is compared absolutely
CONNECTING = 10  # seconds to wait for a scheduler


@dataclass(frozen=True)
class Experiment:
    """Parameters in, tidy table out, figure from the table.

    pieces(**parameters) lists independent pieces of work; measure(**piece) returns the rows of one piece;
    plot(recorded, fresh) draws the recorded (or only) table and the fresh quick points over it.
    Rows of the quick profile must agree with recorded rows of equal `keys` in column `value`, within the
    relative `band`. `alt` describes the drawing in words, for those who cannot see it (default: the title).
    With `scratch`, measure also takes `scratch=`, a folder for unfinished work of one piece, or None.
    """

    id: str
    title: str
    claims: tuple[str, ...]
    pieces: Callable[..., list[dict[str, Any]]]
    measure: Callable[..., list[dict[str, Any]]]
    plot: Callable[[pd.DataFrame, pd.DataFrame | None], Figure]
    quick: Mapping[str, Any]
    full: Mapping[str, Any]
    keys: tuple[str, ...]
    value: str
    band: float
    alt: str = ""
    scratch: bool = False

    def parameters(self, profile: str) -> dict[str, Any]:
        """The parameters of `quick` or `full`."""
        return dict({"quick": self.quick, "full": self.full}[profile])


def short(value: Any, digits: int = 10) -> float:
    """`value` with as many significant digits as a table needs, and no more bytes than that."""
    return float(f"{float(value):.{digits}g}")


def run(
    experiment: Experiment,
    parameters: Mapping[str, Any],
    checkpoint_dir: Path | None = None,
    scheduler: str | None = None,
) -> pd.DataFrame:
    """Measure every piece and return one tidy table, rows in the order of the pieces.

    With `checkpoint_dir` each finished piece is kept there, a progress bar is shown, and a killed run
    continues where it stopped. With the address of a Dask `scheduler` the pieces are spread over its workers, and
    those of a worker that dies go to another. Raises `BuildError` when no scheduler answers there.
    """
    import pandas as pd
    from tqdm import tqdm

    pieces = experiment.pieces(**parameters)
    measured = _here(experiment, pieces, checkpoint_dir)
    if scheduler is not None:
        measured = _spread(experiment, pieces, checkpoint_dir, scheduler)
    found: dict[int, list[dict[str, Any]]] = {}
    bar = tqdm(measured, desc=experiment.id, unit="piece", total=len(pieces), disable=checkpoint_dir is None)
    for number, rows in bar:
        found[number] = rows
    return pd.DataFrame([row for number in range(len(pieces)) for row in found[number]])


Measured = Iterator[tuple[int, list[dict[str, Any]]]]


def _here(experiment: Experiment, pieces: list[dict[str, Any]], checkpoint_dir: Path | None) -> Measured:
    """Number and rows of each piece, one after another on this machine."""
    for number, piece in enumerate(pieces):
        kept = _kept(piece, checkpoint_dir)
        if kept is not None and kept.is_file():
            yield number, json.loads(kept.read_text())
            continue
        if experiment.scratch and kept is not None:
            rows = experiment.measure(**piece, scratch=kept.with_suffix(""))
            shutil.rmtree(kept.with_suffix(""), ignore_errors=True)
        else:
            rows = experiment.measure(**piece)
        if kept is not None:
            write_atomically(kept, json.dumps(rows))
        yield number, rows


def _spread(
    experiment: Experiment, pieces: list[dict[str, Any]], checkpoint_dir: Path | None, address: str
) -> Measured:
    """The same from the workers of a Dask cluster, as they finish."""
    from distributed import Client, as_completed

    try:
        client = Client(address, timeout=CONNECTING)
    except (OSError, ValueError) as error:
        raise BuildError(f"no Dask scheduler answers at {address}: {error}") from None
    with client:
        waiting = {}
        for number, piece in enumerate(pieces):
            kept = _kept(piece, checkpoint_dir)
            if kept is not None and kept.is_file():
                yield number, json.loads(kept.read_text())
            else:
                waiting[client.submit(experiment.measure, **piece, pure=False)] = number, kept
        for future in as_completed(waiting):
            number, kept = waiting[future]
            rows = future.result()
            if kept is not None:
                write_atomically(kept, json.dumps(rows))
            yield number, rows


def _kept(piece: dict[str, Any], checkpoint_dir: Path | None) -> Path | None:
    """Where the rows of a piece are kept."""
    if checkpoint_dir is None:
        return None
    return checkpoint_dir / f"{hashlib.sha256(json.dumps(piece, sort_keys=True).encode()).hexdigest()[:20]}.json"


def record(
    experiment: Experiment,
    parameters: Mapping[str, Any],
    profile: str,
    folder: Path,
    library_hash: str,
    scheduler: str | None = None,
) -> Path:
    """Run and write `full.csv`, `<id>.svg` and `record.json` into `folder`; returns the path of the drawing.

    Checkpoints are tied to the parameters and to the library: a changed library never reuses old pieces.
    """
    import matplotlib

    start = time.perf_counter()
    state = json.dumps([dict(parameters), library_hash], sort_keys=True, default=str)
    checkpoints = folder / ".checkpoints" / hashlib.sha256(state.encode()).hexdigest()[:16]
    table = run(experiment, parameters, checkpoints, scheduler)
    seconds = time.perf_counter() - start
    write_atomically(folder / "full.csv", table.to_csv(index=False))
    drawing = folder / f"{experiment.id}.svg"
    with matplotlib.rc_context({"svg.hashsalt": experiment.id}):
        experiment.plot(table, None).savefig(drawing, bbox_inches="tight", metadata={"Date": None})
    write_atomically(folder / "record.json", json.dumps({
        "id": experiment.id,
        "title": experiment.title,
        "alt": experiment.alt or experiment.title,
        "claims": list(experiment.claims),
        "profile": profile,
        "parameters": dict(parameters),
        "rows": len(table),
        "library": library_hash,
        "versions": _versions(),
        "seconds": round(seconds, 1),
        "processor": f"{platform.machine()}, Python {platform.python_version()}",
    }, indent=2) + "\n")  # fmt: skip
    shutil.rmtree(checkpoints.parent)
    return drawing


def load(figure: str, root: Path | None = None) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The recorded table and record of `figure` in the project at `root` (default: around here).

    Raises `BuildError` when nothing is recorded under that name.
    """
    import pandas as pd

    from duality.book.layout import Project, find_project

    project = Project(root) if root is not None else find_project()
    folder = project.figures / figure
    if not (folder / "record.json").is_file():
        raise BuildError(f"no recorded figure '{figure}': run `duality figure {figure}` first")
    return pd.read_csv(folder / "full.csv"), json.loads((folder / "record.json").read_text())


def disagreements(experiment: Experiment, recorded: pd.DataFrame, fresh: pd.DataFrame) -> list[str]:
    """Fresh rows that lie outside the band around the recorded row of equal keys, one sentence each.

    An empty list means agreement. Raises `BuildError` when no key occurs in both tables, which would make
    agreement empty talk.
    """
    keys = list(experiment.keys)
    both = recorded.merge(fresh, on=keys, suffixes=("_recorded", "_fresh"))
    if both.empty:
        raise BuildError(f"figure '{experiment.id}': the quick and the recorded table share no row of {keys}")
    problems = []
    for row in both.to_dict("records"):
        old, new = row[f"{experiment.value}_recorded"], row[f"{experiment.value}_fresh"]
        allowed = experiment.band * abs(old) if abs(old) > TINY else TINY
        if not abs(new - old) <= allowed:
            at = ", ".join(f"{key}={row[key]}" for key in keys)
            found = f"{experiment.value} is {new:g}, recorded {old:g} ± {allowed:g}"
            problems.append(f"{experiment.id} at {at}: {found}")
    return problems


def over_recorded(experiment: Experiment, profile: str) -> tuple[pd.DataFrame, Figure]:
    """The recorded table, and its figure with a fresh run of `profile` drawn over it.

    Raises `BuildError` when the fresh run leaves the band around the recorded one.
    """
    recorded, _ = load(experiment.id)
    fresh = run(experiment, experiment.parameters(profile))
    if found := disagreements(experiment, recorded, fresh):
        raise BuildError("\n".join(found))
    return recorded, experiment.plot(recorded, fresh)


def _versions() -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in ("numpy", "scipy", "pandas", "matplotlib", "sympy", "torch")}
