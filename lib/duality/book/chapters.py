"""Chapters as they lie on disk: front matter, parameters, cells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from duality.book.errors import BuildError, choose
from duality.book.layout import Project
from duality.book.parameters import Parameter, declared

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Chapter:
    """One executable chapter.

    `settles` are the claim ids whose box stands in it, `checker` is `module:function` or None.
    """

    name: str
    path: Path
    text: str
    settles: tuple[str, ...]
    checker: str | None
    parameters: tuple[Parameter, ...]

    def notebook(self) -> NotebookNode:
        """A fresh notebook of the source, with cell ids that depend on position alone."""
        import jupytext

        notebook = jupytext.reads(self.text, fmt="md:myst")
        for index, cell in enumerate(notebook.cells):
            cell["id"] = f"{self.name[:50]}-{index}".replace(".", "-").replace("_", "-")
        notebook.metadata.pop("duality", None)
        return notebook

    def code(self) -> str:
        """All code cells, one after the other."""
        return "\n".join(cell.source for cell in self.notebook().cells if cell.cell_type == "code")


def chapter_names(project: Project) -> list[str]:
    """Names of the chapters in reading order."""
    return sorted(path.stem for path in project.chapters.glob("*.md"))


def read_chapter(project: Project, name: str) -> Chapter:
    """The chapter `name` (its file name without `.md`).

    Raises `InputError` when there is no such chapter, `BuildError` when its front matter is wrong.
    """
    import jupytext
    from jupytext.myst import MystMetadataParsingError
    from yaml import YAMLError

    name = choose("chapter", Path(name).name.removesuffix(".md"), chapter_names(project))
    path = project.chapters / f"{name}.md"
    text = path.read_text(encoding="utf-8")
    try:
        notebook = jupytext.reads(text, fmt="md:myst")
    except (MystMetadataParsingError, YAMLError) as error:
        raise BuildError(f"{path.name}: {' '.join(str(error).split())}") from None
    meta = notebook.metadata.get("duality", {})
    if "kernelspec" not in notebook.metadata:
        raise BuildError(f"{path.name}: the front matter names no kernel; begin it like the other chapters")
    unknown = set(meta) - {"settles", "parameters"}
    if unknown:
        raise BuildError(f"{path.name}: unknown front matter under 'duality': {', '.join(sorted(unknown))}")
    cells = [c.source for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    if len(cells) > 1:
        raise BuildError(f"{path.name}: {len(cells)} cells are tagged 'parameters'; one is allowed")
    return Chapter(
        name=name,
        path=path,
        text=text,
        settles=tuple(meta.get("settles", ())),
        checker=meta.get("parameters"),
        parameters=declared(cells[0], path.name) if cells else (),
    )


def read_chapters(project: Project) -> list[Chapter]:
    """All chapters in reading order."""
    return [read_chapter(project, name) for name in chapter_names(project)]
