"""Running one chapter with papermill, unless the same run is already on disk."""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from duality.book.cache import fetch, fingerprint, store
from duality.book.chapters import Chapter, read_chapter
from duality.book.errors import BuildError
from duality.book.imports import dependencies, hash_files
from duality.book.layout import Project

if TYPE_CHECKING:
    from nbformat import NotebookNode

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def execution_key(project: Project, chapter: Chapter, values: Mapping[str, Any]) -> str:
    """What a run of the chapter depends on.

    That is its source, the library modules it imports, the recorded figures it names, the requirements, the
    parameters and the Python release.
    """
    library = dependencies(chapter.code(), project.library)
    figures = [
        file
        for folder in (project.figures.iterdir() if project.figures.is_dir() else ())
        if folder.is_dir() and folder.name in chapter.text
        for file in folder.iterdir()
        if file.is_file()
    ]
    return fingerprint(
        chapter.text,
        hash_files([*library, *figures], project.root),
        project.requirements.read_text() if project.requirements.is_file() else "",
        json.dumps(dict(values), sort_keys=True),
        platform.python_version(),
    )


def executed_chapter(project: Project, name: str, values: Mapping[str, Any]) -> str:
    """The executed notebook of chapter `name` as JSON text, from disk when nothing that matters has changed.

    A finished run is stored before this returns. Raises `BuildError` when a cell fails, writes to standard
    error, or shows an image without alternative text.
    """
    chapter = read_chapter(project, name)
    key = execution_key(project, chapter, values)
    folder = project.executed / chapter.name
    text = fetch(folder, key)
    if text is None:
        import nbformat

        notebook = run_notebook(project, chapter, values)
        text = nbformat.writes(notebook)
        store(folder, key, text)
    return text


def run_notebook(project: Project, chapter: Chapter, values: Mapping[str, Any]) -> NotebookNode:
    """Execute the chapter now. Raises `BuildError` as `executed_chapter` does."""
    import papermill
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    defaults = {parameter.name: parameter.default for parameter in chapter.parameters}
    changed = {key: value for key, value in values.items() if value != defaults[key]}
    try:
        notebook = papermill.execute_notebook(
            chapter.notebook(),
            None,
            parameters=changed,
            cwd=str(project.root),
            progress_bar=False,
            extra_arguments=["--log-level=CRITICAL"],  # the kernel's own remarks are no part of a build
        )
    except PapermillExecutionError as error:
        # papermill's own parameter cell counts as executed, but the reader does not find it in the source
        number = (error.exec_count or 0) - bool(changed)
        trace = ANSI.sub("", "\n".join(error.traceback))
        raise BuildError(f"{_cell(chapter, number, error.source)} raised {error.ename}\n{trace}") from None
    except DeadKernelError as error:
        raise BuildError(f"chapter {chapter.name}: the kernel died ({error})") from None
    _check_outputs(chapter, notebook)
    duration = notebook.metadata.papermill.duration
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
    notebook.metadata.papermill = {"duration": duration}
    return notebook


def _cell(chapter: Chapter, number: int, source: str) -> str:
    first = next((line for line in source.splitlines() if line.strip()), "")
    return f"chapter {chapter.name}, code cell {number}, '{first.strip()}':"


def _check_outputs(chapter: Chapter, notebook: NotebookNode) -> None:
    """Refuse what would only show up later, on the page: text on standard error, images nobody can hear."""
    number = 0
    for cell in notebook.cells:
        if cell.cell_type != "code" or "injected-parameters" in cell.metadata.get("tags", []):
            continue
        number += 1
        where = _cell(chapter, number, cell.source)
        for output in cell.outputs:
            if output.get("name") == "stderr":
                raise BuildError(f"{where} wrote to standard error\n{output.text.rstrip()}")
            is_image = any(kind.startswith("image/") for kind in output.get("data", {}))
            if is_image and not _alternative_text(cell):
                raise BuildError(f"{where} shows an image without alternative text (mystnb: image: alt:)")


def _alternative_text(cell: NotebookNode) -> str:
    return str(cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")).strip()
