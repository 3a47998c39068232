"""What the renderer reads, put together in memory: prose, executed chapters, generated pages."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from duality.book.boxes import Row, claim_box, proof_steps
from duality.book.chapters import Chapter
from duality.book.config import SOURCE_BRANCH
from duality.book.errors import BuildError, InputError, choose
from duality.book.launch import launch_files
from duality.book.layout import Project
from duality.book.ledger_page import counts_line, false_claims, ledger_page
from duality.book.markup import expand_blocks, named_blocks
from duality.book.pages import gallery_page, records, times_page

# Recorded figures: the drawing is shown, the table and the record can be downloaded from the repository.
SHOWN = {".svg", ".png"}


@dataclass(frozen=True)
class Contents:
    """Everything that one build puts on pages."""

    project: Project
    profile: str
    rows: Sequence[Row]
    chapters: Sequence[Chapter]
    executed: Mapping[str, str]  # chapter name to executed notebook, JSON
    config: Mapping[str, Any]  # the renderer's
    repository: str | None


def staged_files(contents: Contents) -> dict[str, bytes]:
    """All files of the stage by path. Raises `BuildError` when a page asks for what is not there."""
    project, boxed = contents.project, boxes_of(contents.chapters)
    placed = steps_placed(contents.chapters)
    files: dict[str, bytes] = {}
    for path in sorted(project.prose.rglob("*")):
        name = path.relative_to(project.prose).as_posix()
        if path.is_file():
            files[name] = path.read_bytes()
            if path.suffix == ".md":
                files[name] = _expanded(path.read_text(encoding="utf-8"), name[:-3], contents, boxed, placed).encode()
    seconds: dict[str, float] = {}
    for chapter in contents.chapters:
        notebook = json.loads(contents.executed[chapter.name])
        page = f"chapters/{chapter.name}"
        seconds[chapter.name] = notebook["metadata"].pop("papermill")["duration"]
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = _expanded("".join(cell["source"]), page, contents, boxed, placed)
        files[f"{page}.ipynb"] = json.dumps(notebook, indent=1, ensure_ascii=False).encode()
    found = records(project)
    for record in found:
        for path in (project.figures / record["id"]).iterdir():
            if path.suffix in SHOWN:
                files[f"figures/{record['id']}/{path.name}"] = path.read_bytes()
    code = code_links(project, contents.repository)
    linked = with_chapter_links(contents.rows, boxed)
    files["ledger.json"] = json.dumps(linked, indent=1, ensure_ascii=False).encode()
    files["ledger.md"] = ledger_page(linked, boxed, code).encode()
    files["gallery.md"] = gallery_page(found, boxed).encode()
    files["times.md"] = times_page(seconds, found, contents.profile).encode()
    files["_config.yml"] = yaml.safe_dump(dict(contents.config), sort_keys=False, allow_unicode=True).encode()
    files["_toc.yml"] = (project.root / "_toc.yml").read_bytes()
    if contents.repository:
        files |= launch_files(project, contents.chapters, contents.repository)
    return files


def boxes_of(chapters: Sequence[Chapter]) -> dict[str, str]:
    """Page on which each claim's box stands."""
    return {claim: f"chapters/{chapter.name}" for chapter in chapters for claim in chapter.settles}


def steps_placed(chapters: Sequence[Chapter]) -> frozenset[str]:
    """Claims whose list of steps a chapter puts where it wants it; all others have it below their box."""
    return frozenset(block.argument for c in chapters for block in named_blocks(c.text, ["proof-steps"]))


def with_chapter_links(rows: Sequence[Row], boxed: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows with `chapter` leading to the box: chapters move without the ledger being settled again."""
    links = {claim: f"{page}.html#claim-{claim}" for claim, page in boxed.items()}
    return [{**row, "chapter": links.get(row["id"])} for row in rows]


def _expanded(text: str, page: str, contents: Contents, boxed: Mapping[str, str], placed: frozenset[str]) -> str:
    """`text` with claim boxes, lists of proof steps, counts and the list of false claims written out."""
    by_id = {row["id"]: row for row in contents.rows}

    def row(claim: str) -> Row:
        try:
            return by_id[choose("claim", claim, by_id)]
        except InputError as error:
            raise BuildError(f"page {page}: {error}") from None

    def box(claim: str, extra: str) -> str:
        shown = claim_box(row(claim), extra, page, boxed)
        steps = claim not in placed and row(claim)["evidence"]
        return f"{shown}\n\n{proof_steps(row(claim))}" if steps else shown

    return expand_blocks(
        text,
        {
            "claim": box,
            "proof-steps": lambda claim, _: proof_steps(row(claim)),
            "ledger-counts": lambda _, __: counts_line(contents.rows, "../" * page.count("/")),
            "false-claims": lambda _, __: false_claims(contents.rows, page, boxed),
        },
    )


def code_links(project: Project, repository: str | None) -> dict[str, str]:
    """Where the check of each claim is set up, as HTML: the line of the library that calls `Claim` with its id."""
    found: dict[str, str] = {}
    for path in sorted([*project.library.glob("*/claims.py"), *project.library.glob("*/claims/*.py")]):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (claim := _claim_made(node)):
                place = f"{path.relative_to(project.root).as_posix()}:{node.lineno}"
                address = f"{repository}/blob/{SOURCE_BRANCH}/{place.replace(':', '#L')}"
                found[claim] = f'<a href="{address}">{place}</a>' if repository else f"<code>{place}</code>"
    return found


def _claim_made(node: ast.Call) -> str | None:
    """The id in `Claim("id", …)` or `Claim(…, id="id")`, else None."""
    match node:
        case ast.Call(func=ast.Name("Claim") | ast.Attribute(attr="Claim"), args=[ast.Constant(str(claim)), *_]):
            return claim
        case ast.Call(func=ast.Name("Claim") | ast.Attribute(attr="Claim"), keywords=named):
            for keyword in named:
                match keyword:
                    case ast.keyword(arg="id", value=ast.Constant(str(claim))):
                        return claim
    return None


def problems(chapters: Sequence[Chapter], rows: Sequence[Row]) -> list[str]:
    """What chapters promise and do not keep, one sentence each."""
    by_id = {row["id"]: row for row in rows}
    found: list[str] = []
    seen: dict[str, str] = {}
    for chapter in chapters:
        boxes = [block.argument for block in named_blocks(chapter.text, ["claim"])]
        for claim in chapter.settles:
            if claim in seen:
                found.append(f"claim '{claim}' has a box in {seen[claim]} and in {chapter.name}; keep one")
            seen[claim] = chapter.name
            if claim not in boxes:
                found.append(f"chapter {chapter.name} says it settles '{claim}' but has no box for it")
            if claim in by_id and by_id[claim]["verdict"] == "open":
                found.append(f"chapter {chapter.name} says it settles '{claim}', whose verdict is open")
            if claim not in by_id:
                found.append(f"chapter {chapter.name} says it settles '{claim}', which the ledger does not know")
        for claim in boxes:
            if claim not in chapter.settles:
                found.append(f"chapter {chapter.name} has a box for '{claim}' but does not list it under 'settles'")
    return found


def synchronize(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` hold exactly `files`; what is already right is not touched."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(folder).as_posix() not in files:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    for name, content in files.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
