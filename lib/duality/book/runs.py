"""A reader's own runs: one chapter with other parameters, one figure again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from duality.book.cache import fingerprint, write_atomically
from duality.book.chapters import read_chapter
from duality.book.errors import choose
from duality.book.execute import executed_chapter
from duality.book.figures import PROFILES, record
from duality.book.imports import dependencies, hash_files
from duality.book.layout import Project
from duality.book.parameters import check, merge
from duality.book.workers import ENVIRONMENT


def run_chapter(project: Project, name: str, given: Mapping[str, str]) -> Path:
    """Run chapter `name` with `given` parameters (name to text) and return the path of the executed notebook.

    Raises `InputError` before anything runs when a name, a type or a range is wrong.
    """
    chapter = read_chapter(project, name)
    values = merge(chapter.parameters, given)
    check(values, chapter.checker, chapter.path.name)
    os.environ.update(ENVIRONMENT)
    text = executed_chapter(project, chapter.name, values)
    suffix = "".join(f"--{key}-{value}" for key, value in given.items())
    if len(suffix) > 80:
        suffix = f"--{fingerprint(suffix)}"
    target = project.runs / f"{chapter.name}{suffix.replace('/', '-')}.ipynb"
    write_atomically(target, text)
    return target


def run_figure(project: Project, figure: str, profile: str, scheduler: str | None = None) -> Path:
    """Run an experiment in one profile: `full` is recorded under `figures/`, `quick` goes below `_build`.

    With the address of a Dask `scheduler` its workers do the measuring. Returns the path of the drawing. Raises
    `InputError` for an unknown figure or profile, `BuildError` when no scheduler answers.
    """
    choose("profile", profile, PROFILES)
    from duality.book.topics import experiment

    found = experiment(figure)
    module = found.measure.__module__
    library = hash_files(dependencies(f"import {module}", project.library), project.root)
    folder = {"full": project.figures, "quick": project.build / "figures"}[profile] / found.id
    return record(found, found.parameters(profile), profile, folder, library, scheduler)
