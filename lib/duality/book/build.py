"""The whole build: settle the ledger, run the chapters, write the pages, render."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from duality.book.cache import fetch, fingerprint, store
from duality.book.chapters import read_chapters
from duality.book.config import read_config, render_config, repository
from duality.book.errors import BuildError, choose
from duality.book.execute import executed_chapter
from duality.book.figures import PROFILES
from duality.book.imports import dependencies, hash_files
from duality.book.layout import Project
from duality.book.mathjax import locate
from duality.book.parameters import check, merge
from duality.book.render import render
from duality.book.stage import Contents, problems, staged_files
from duality.book.workers import Task, run_tasks

Settle = Callable[[], list[dict[str, Any]]]
LEDGER = "ledger"


def settle_now() -> list[dict[str, Any]]:
    """All rows of the ledger, evaluated now."""
    from duality.book.topics import settle

    return settle()


def ledger_rows(project: Project, settle: Settle = settle_now) -> str:
    """The rows as JSON text; evaluated again only when what verdicts may depend on has changed."""
    pins = project.requirements.read_text() if project.requirements.is_file() else ""
    key = fingerprint(hash_files(settling_files(project), project.root), pins)
    folder = project.build / LEDGER
    text = fetch(folder, key)
    if text is None:
        text = json.dumps(settle(), ensure_ascii=False)
        store(folder, key, text)
    return text


def settling_files(project: Project) -> list[Path]:
    """What a verdict may depend on: recorded tables, what the claims import, and the library but for the build,
    the experiments and the drawings.
    """
    found = set(project.figures.glob("*/full.csv"))
    for file in project.library.rglob("*"):
        parts = file.relative_to(project.library).with_suffix("").parts
        shown_only = parts[0] in {"book", "cli"} or (len(parts) > 1 and parts[1] in {"experiments", "plots"})
        if file.is_file() and "__pycache__" not in parts and not shown_only:
            found.add(file)
            if len(parts) > 1 and parts[1] == "claims":
                found |= dependencies(file.read_text(), project.library)
    return sorted(found)


def build(
    project: Project, profile: str, jobs: int, say: Callable[[str], None] = print, settle: Settle = settle_now
) -> None:
    """Build the site. Finished chapters stay finished whatever happens to the others.

    Raises `InputError` for an unknown profile and `BuildError` with everything that went wrong.
    """
    choose("profile", profile, PROFILES)
    config = read_config(project)
    mathjax = locate()
    chapters = read_chapters(project)
    tasks = [Task(LEDGER, ledger_rows, (project, settle))]
    for chapter in chapters:
        has_profile = any(parameter.name == "profile" for parameter in chapter.parameters)
        values = merge(chapter.parameters, {"profile": profile} if has_profile else {})
        check(values, chapter.checker, chapter.path.name)
        tasks.append(Task(chapter.name, executed_chapter, (project, chapter.name, values)))
    results = _run(tasks, jobs, say)
    rows = json.loads(results.pop(LEDGER))
    contents = Contents(project, profile, rows, chapters, results, render_config(config, mathjax), repository(config))
    files = staged_files(contents)
    say("pages rendered" if render(project, files) else "pages unchanged")
    broken = problems(chapters, rows)
    if broken:
        raise BuildError("\n".join(broken))


def _run(tasks: Sequence[Task], jobs: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Results by task name. Raises `BuildError` with all failures once every task has had its turn."""
    results: dict[str, Any] = {}
    failures: list[str] = []
    for outcome in run_tasks(tasks, jobs):
        if outcome.error is None:
            results[outcome.name] = outcome.value
            say(f"{outcome.name}: done")
        else:
            failures.append(outcome.error)
            say(f"{outcome.name}: failed")
    if failures:
        raise BuildError("\n\n".join(failures))
    return results
