"""Notebooks for Binder and Colab: the chapters without outputs, published beside the site."""

from __future__ import annotations

from collections.abc import Sequence

from duality.book.chapters import Chapter
from duality.book.config import PUBLISHED_NOTEBOOKS
from duality.book.layout import MARKERS, Project

INSTALL = """\
# On Colab only: fetch the book, for its library and its recorded figures.
import os
import sys

if "google.colab" in sys.modules:
    import subprocess

    subprocess.run(["git", "clone", "--depth", "1", "{repository}", "book"], check=True)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "./book"], check=True)
    os.chdir("book")"""


def launch_files(project: Project, chapters: Sequence[Chapter], repository: str) -> dict[str, bytes]:
    """Files below `extra/`, which the renderer copies to the top of the site.

    The recorded figures go with the notebooks, and the files by which `find_project` knows a book.
    """
    import nbformat

    files = {
        "extra/requirements.txt": _binder_requirements(project, repository).encode(),
        "extra/.nojekyll": b"",
    }
    recorded = [file for pattern in ("full.csv", "record.json") for file in project.figures.glob(f"*/{pattern}")]
    markers = [project.root / name for name in MARKERS[:2]]  # the third is written above
    for file in [*markers, *recorded]:
        files[f"extra/{file.relative_to(project.root).as_posix()}"] = file.read_bytes()
    for chapter in chapters:
        notebook = chapter.notebook()
        install = nbformat.v4.new_code_cell(INSTALL.format(repository=repository), id="install-on-colab")
        notebook.cells.insert(0, install)
        files[f"extra/{PUBLISHED_NOTEBOOKS}/chapters/{chapter.name}.ipynb"] = nbformat.writes(notebook).encode()
    return files


def _binder_requirements(project: Project, repository: str) -> str:
    """Binder installs the same pins, then the library itself."""
    pins = project.requirements.read_text(encoding="utf-8") if project.requirements.is_file() else ""
    return f"{pins.rstrip()}\njupyterlab\ntheorems-that-run @ git+{repository}\n"
