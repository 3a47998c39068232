"""Data sets by name: a local folder first, else a public address with a checksum, else nothing, said loudly.

The folder is named by the environment variable DUALITY_DATA. Files never enter the repository; a topic that can go on
without them makes a small stand-in of its own when `find` returns None.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "DUALITY_DATA"


class StandInWarning(UserWarning):
    """A data set was not found, so that generated numbers take its place."""


@dataclass(frozen=True)
class File:
    """Where a file lies inside the local folder, its public address, and its SHA-256."""

    local: str
    address: str
    sha256: str


@dataclass(frozen=True)
class Found:
    """A file with the right content, and where it was found: "local" or "downloaded"."""

    path: Path
    origin: str


def find(name: str, file: File, *, download: bool = True) -> Found | None:
    """The file of a data set, or None with a `StandInWarning`.

    A local file counts whatever the network says; one with another checksum is refused with `ValueError`, since results
    would silently be those of other data. Downloads are kept in the cache of pooch. `download` False keeps off the
    network.
    """
    folder = os.environ.get(VARIABLE)
    if folder:
        path = Path(folder) / file.local
        if path.is_file():
            if hashlib.sha256(path.read_bytes()).hexdigest() != file.sha256:
                raise ValueError(f"{path} is not the file that {name} needs: its checksum is another")
            return Found(path, "local")
    reason = "downloads are off"
    if download:
        import pooch  # in a notebook it warns about missing widgets when it is imported

        try:
            cache = pooch.os_cache("duality")
            kept = pooch.retrieve(file.address, f"sha256:{file.sha256}", fname=Path(file.local).name, path=cache)
            return Found(Path(kept), "downloaded")
        except (OSError, ValueError) as problem:  # requests' errors are OSErrors; ValueError is a wrong checksum
            reason = f"{file.address}: {type(problem).__name__}"
    warnings.warn(
        f"{name} was not found (set {VARIABLE} to a folder with {file.local}; {reason}). "
        "A SMALL GENERATED STAND-IN takes its place: numbers from it say nothing about the real data.",
        StandInWarning,
        stacklevel=3,
    )
    return None
