"""A tiny project and tiny ledgers for tests of the build."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from duality.book.layout import Project

REAL = Path(__file__).resolve().parents[2]

HEADER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
duality:
  settles: [{settles}]
---

"""

PARAMETERS = """\
```{code-cell} ipython3
:tags: [parameters]
mu: float = 0.5
k: int = 3
profile: str = "quick"
```

"""


def chapter(body: str, settles: str = "") -> str:
    """The source of a chapter with the given body."""
    return HEADER.format(settles=settles) + body


def cell(code: str, alt: str = "") -> str:
    """One code cell, with alternative text for its image if `alt` is given."""
    options = f"---\nmystnb:\n  image:\n    alt: {alt}\n---\n" if alt else ""
    return f"```{{code-cell}} ipython3\n{options}{code}\n```\n\n"


def make_project(root: Path, **chapters: str) -> Project:
    """A project with its own empty library and the given chapters (underscores in names become dashes)."""
    (root / "chapters").mkdir(parents=True)
    (root / "book").mkdir()
    (root / "lib" / "duality").mkdir(parents=True)
    (root / "lib" / "duality" / "__init__.py").write_text('"""Empty."""\n')
    (root / "requirements.txt").write_text("numpy\n")
    for name in ("_config.yml", "_toc.yml"):
        shutil.copy(REAL / name, root / name)
    shutil.copytree(REAL / "book", root / "book", dirs_exist_ok=True)
    project = Project(root)
    for name, text in chapters.items():
        write_chapter(project, name, text)
    return project


def write_chapter(project: Project, name: str, text: str) -> None:
    """Write or replace one chapter."""
    (project.chapters / f"{name.replace('_', '-')}.md").write_text(text)


def row(claim: str, verdict: str = "proved", **fields: Any) -> dict[str, Any]:
    """A ledger row with everything that the build reads."""
    return {
        "id": claim,
        "section": "A",
        "section_title": "First section",
        "kind": "theorem",
        "title": f"About {claim}",
        "source": "R Thm 1",
        "statement": "Always\n\n$$\na \\le b\n$$",
        "hypotheses": ["$0 < a$"],
        "verdict": verdict,
        "evidence": [],
        "slack": None,
        "slack_at": None,
        "scope": None,
        "counterexample": None,
        "broken_step": None,
        "repaired_by": None,
        "chapter": None,
    } | fields


STEP = {"type": "step", "sentence": "Both sides agree: $a = a$.", "method": "identity", "outcome": "holds"}


def settle() -> list[dict[str, Any]]:
    """A ledger with a proved, a false and an open row."""
    false = {
        "counterexample": {"a": "3/2", "b": "1"},
        "broken_step": "The sign of $b$.",
        "repaired_by": "mended",
    }
    return [
        row("holds", evidence=[STEP | {"detail": ""}], slack=0.5, slack_at="a = 1", scope="all $k$"),
        row("fails", "false", **false),
        row("mended", "certified", kind="beyond"),
        row("waits", "open", section="B", section_title="Second section", kind="prose"),
    ]
