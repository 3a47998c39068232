"""From the stage to HTML: Jupyter Book with execution off and every warning an error."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version

from duality.book.cache import write_atomically
from duality.book.errors import BuildError
from duality.book.layout import Project
from duality.book.stage import synchronize

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# MyST-NB counts 10,000 lines per cell of a notebook
LINE_IN_CELL = re.compile(r"^(chapters/[^:]+)\.ipynb:(\d+)\d{4}:")


def render(project: Project, files: Mapping[str, bytes]) -> bool:
    """Bring the site up to date with `files`; returns whether anything had to be rendered.

    Rendering starts from nothing, so that a page never keeps what an earlier build said, and a warning never
    hides in a page that is not read again. Raises `BuildError` with the renderer's complaints.
    """
    stamp = project.build / "rendered"
    state = _state(files)
    if stamp.is_file() and stamp.read_bytes() == f"{state} {_pages(project)}".encode():
        return False
    stamp.unlink(missing_ok=True)
    synchronize(project.stage, files)
    for left in (project.site, project.build / ".doctrees"):
        shutil.rmtree(left, ignore_errors=True)
    command = [
        *(sys.executable, "-c", "from jupyter_book.cli.main import main; main()"),
        *("build", str(project.stage), "--path-output", str(project.root)),
        *("--config", str(project.stage / "_config.yml"), "--toc", str(project.stage / "_toc.yml")),
        *("-W", "-n", "--keep-going", "-q"),
    ]
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=project.root,
    )
    if done.returncode or not project.index.is_file():
        raise BuildError(f"the pages could not be rendered:\n{_complaints(done.stdout, str(project.stage))}")
    write_atomically(stamp, f"{state} {_pages(project)}")
    return True


def _pages(project: Project) -> str:
    """A fingerprint of the rendered files, by name and size: a page that was lost or cut is rendered again."""
    files = sorted(file for file in project.site.rglob("*") if file.is_file())
    listed = "\n".join(f"{file.relative_to(project.site)} {file.stat().st_size}" for file in files)
    return hashlib.sha256(listed.encode()).hexdigest()


def _state(files: Mapping[str, bytes]) -> str:
    total = hashlib.sha256(" ".join(version(name) for name in ("jupyter-book", "sphinx", "myst-nb")).encode())
    for name, content in sorted(files.items()):
        total.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
    return total.hexdigest()


def _complaints(output: str, stage: str) -> str:
    """The lines of the renderer's output that say what is wrong; all of it when none does."""
    lines = COLOUR.sub("", output).replace(stage + "/", "").splitlines()
    lines = [LINE_IN_CELL.sub(r"\1, cell \2:", line) for line in lines]
    named = [line for line in lines if "WARNING" in line or "ERROR" in line]
    return "\n".join(named or lines[-40:])
