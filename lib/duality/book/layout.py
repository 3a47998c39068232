"""Where things are: one project root, and every path derived from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from duality.book.errors import BuildError

MARKERS = ("_toc.yml", "_config.yml", "requirements.txt")


@dataclass(frozen=True)
class Project:
    """A checkout of the book. The build writes below `_build`; `duality figure` also writes `figures`."""

    root: Path

    @property
    def chapters(self) -> Path:
        """Executable chapters, `NN-topic.md`."""
        return self.root / "chapters"

    @property
    def prose(self) -> Path:
        """Pages that do not execute, with the style sheet and scripts under `assets`."""
        return self.root / "book"

    @property
    def figures(self) -> Path:
        """Recorded full-size results, one folder each."""
        return self.root / "figures"

    @property
    def library(self) -> Path:
        """The source of the package `duality` that chapters import."""
        return self.root / "lib" / "duality"

    @property
    def requirements(self) -> Path:
        return self.root / "requirements.txt"

    @property
    def build(self) -> Path:
        return self.root / "_build"

    @property
    def executed(self) -> Path:
        """Executed chapters by key; safe to delete."""
        return self.build / "executed"

    @property
    def stage(self) -> Path:
        """What the renderer reads: prose, executed chapters, generated pages."""
        return self.build / "stage"

    @property
    def runs(self) -> Path:
        """Chapters run with a reader's own parameters."""
        return self.build / "runs"

    @property
    def site(self) -> Path:
        return self.build / "html"

    @property
    def index(self) -> Path:
        return self.site / "index.html"


def find_project(start: Path | None = None) -> Project:
    """The project around `start` (default: the working directory), else the one that this package lies in.

    Raises `BuildError` when neither is a checkout of the book.
    """
    begin = (start or Path.cwd()).resolve()
    for place in (begin, *begin.parents, *Path(__file__).resolve().parents):
        if all((place / marker).exists() for marker in MARKERS):
            return Project(place)
    raise BuildError(f"no book found from {begin} upwards: run this inside a checkout (it has {MARKERS[0]})")
