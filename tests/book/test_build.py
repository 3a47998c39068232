import json
from pathlib import Path

import pytest

import small_book
from duality.book.build import build, ledger_rows, settling_files
from duality.book.chapters import read_chapters
from duality.book.errors import BuildError, InputError
from duality.book.imports import dependencies
from duality.book.layout import Project
from duality.book.stage import Contents, code_links, problems, staged_files, synchronize, with_chapter_links
from small_book import PARAMETERS, cell, chapter, make_project, row, write_chapter

ONE = chapter("# First\n\n:::{claim} holds\n:::\n\n" + PARAMETERS + cell("print(k)"), settles="holds")
TWO = chapter("# Second\n\n:::{claim} fails\n:::\n\n:::{claim} mended\n:::\n\nAn $x^2$.\n", settles="fails, mended")


class Said(list[str]):
    """Collects what a build says."""

    def __call__(self, line: str) -> None:
        self.append(line)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make_project(tmp_path_factory.mktemp("book"), one=ONE, two=TWO)
    build(project, "quick", 2, Said(), small_book.settle)
    return project


def test_pages_show_verdicts_and_repairs(built: Project) -> None:
    first = (built.site / "chapters" / "one.html").read_text()
    assert 'id="claim-holds"' in first and "verdict-proved" in first and "../ledger.html#row-holds" in first
    second = (built.site / "chapters" / "two.html").read_text()
    assert 'href="#claim-mended"' in second and "3/2" in second
    assert "About mended" in built.index.read_text()
    rows = json.loads(next((built.site / "_downloads").rglob("ledger.json")).read_text())
    assert [r["id"] for r in rows] == [r["id"] for r in small_book.settle()]
    assert rows[0]["chapter"] == "chapters/one.html#claim-holds"
    assert rows[3]["chapter"] is None


def test_every_box_has_its_steps_once(tmp_path: Path) -> None:
    evidence = [small_book.STEP | {"detail": ""}]
    rows = [row("a", evidence=evidence), row("b", evidence=evidence), row("c")]
    text = chapter("# One\n\n:::{claim} a\n:::\n\n:::{claim} b\n:::\n\n:::{claim} c\n:::\n\n:::{proof-steps} b\n:::\n")
    project = make_project(tmp_path, one=text)
    chapters = read_chapters(project)
    done = json.dumps(
        {"cells": [{"cell_type": "markdown", "source": text}], "metadata": {"papermill": {"duration": 1}}}
    )
    files = staged_files(Contents(project, "quick", rows, chapters, {"one": done}, {}, None))
    (cell,) = json.loads(files["chapters/one.ipynb"])["cells"]
    order = [line for line in cell["source"].splitlines() if ":label: claim-" in line or "How this was checked" in line]
    below = ":::{dropdown} How this was checked: 1 part"
    assert order == [":label: claim-a", below, ":label: claim-b", ":label: claim-c", below]


def test_no_page_asks_another_machine_for_scripts_or_styles(built: Project) -> None:
    for page in built.site.rglob("*.html"):
        text = page.read_text()
        assert 'src="http' not in text and 'rel="stylesheet" type="text/css" href="http' not in text
    assert (built.site / "_static" / "mathjax").is_dir()


def test_nothing_changed_means_nothing_done(built: Project) -> None:
    stamp = built.index.stat().st_mtime_ns
    said = Said()
    build(built, "quick", 2, said, small_book.settle)
    assert said[-1] == "pages unchanged"
    assert built.index.stat().st_mtime_ns == stamp


def test_a_failing_chapter_stops_no_other(tmp_path: Path) -> None:
    project = make_project(tmp_path, one=ONE, bad=chapter("# Bad\n\n" + cell("boom")))
    with pytest.raises(BuildError, match="chapter bad, code cell 1, 'boom': raised NameError"):
        build(project, "quick", 2, Said(), small_book.settle)
    assert list((project.executed / "one").iterdir())
    assert not project.site.exists()


def test_warnings_are_errors_and_stay_so(tmp_path: Path) -> None:
    project = make_project(tmp_path, one=ONE)
    write_chapter(project, "two", chapter("# Second\n\nSee {ref}`nowhere`.\n"))
    for _ in range(2):
        with pytest.raises(BuildError, match=r"chapters/two, cell 1: .*nowhere"):
            build(project, "quick", 2, Said(), small_book.settle)


def test_unknown_profile_and_claim(tmp_path: Path) -> None:
    project = make_project(tmp_path, one=chapter("# T\n\n:::{claim} hold\n:::\n"))
    with pytest.raises(InputError, match="unknown profile 'fast'; there is: quick, full"):
        build(project, "fast", 1, Said(), small_book.settle)
    with pytest.raises(BuildError, match="page chapters/one: unknown claim 'hold'; there is: holds, "):
        build(project, "quick", 1, Said(), small_book.settle)


@pytest.mark.parametrize(
    "broken",
    [
        chapter('```{code-cell} ipython3\n---\nmystnb:\n  image:\n    alt: "\\kappa"\n---\n1\n```\n'),
        "---\nduality: {settles: [\n---\n\n# One\n",
    ],
    ids=["cell", "front matter"],
)
def test_broken_metadata_is_one_line(tmp_path: Path, broken: str) -> None:
    with pytest.raises(BuildError, match=r"^one\.md: ") as caught:
        read_chapters(make_project(tmp_path, one=broken))
    assert "\n" not in str(caught.value)


def test_broken_promises_are_found(tmp_path: Path) -> None:
    project = make_project(
        tmp_path,
        one=chapter("# One\n\n:::{claim} holds\n:::\n\n:::{claim} fails\n:::\n", settles="holds, waits, other"),
        two=chapter("# Two\n\n:::{claim} holds\n:::\n", settles="holds"),
    )
    assert problems(read_chapters(project), small_book.settle()) == [
        "chapter one says it settles 'waits' but has no box for it",
        "chapter one says it settles 'waits', whose verdict is open",
        "chapter one says it settles 'other' but has no box for it",
        "chapter one says it settles 'other', which the ledger does not know",
        "chapter one has a box for 'fails' but does not list it under 'settles'",
        "claim 'holds' has a box in one and in two; keep one",
    ]


def test_ledger_is_settled_again_when_the_library_changes(tmp_path: Path) -> None:
    project = make_project(tmp_path)
    calls = []

    def settle() -> list[dict[str, object]]:
        calls.append(1)
        return [row("holds")]

    assert ledger_rows(project, settle) == ledger_rows(project, settle)
    (project.library / "book").mkdir()
    (project.library / "book" / "render.py").write_text("")
    ledger_rows(project, settle)
    assert len(calls) == 1
    for shown_only in ("waves/experiments/quick.py", "waves/plots.py", "cli.py"):
        (project.library / shown_only).parent.mkdir(parents=True, exist_ok=True)
        (project.library / shown_only).write_text("")
    ledger_rows(project, settle)
    assert len(calls) == 1
    (project.figures / "x").mkdir(parents=True)
    (project.figures / "x" / "full.csv").write_text("")  # what an experiment is held against
    ledger_rows(project, settle)
    assert len(calls) == 2
    (project.library / "waves" / "rates.py").write_text("")
    ledger_rows(project, settle)
    assert len(calls) == 3


def test_no_claim_reads_what_the_ledger_is_not_settled_again_for() -> None:
    project = Project(small_book.REAL)
    settling = set(settling_files(project))
    library = [path for path in settling if path.is_relative_to(project.library)]
    topics = [path for path in library if path.relative_to(project.library).parts[1:2] in [("claims",), ("claims.py",)]]
    assert topics
    for path in topics:
        code = path.read_text()
        assert dependencies(code, project.library) <= settling, path


def test_rows_link_to_their_boxes_and_their_code(tmp_path: Path) -> None:
    (linked,) = with_chapter_links([row("holds", chapter="old.html")], {})
    assert linked["chapter"] is None
    project = make_project(tmp_path)
    (project.library / "topic").mkdir()
    (project.library / "topic" / "claims.py").write_text(
        'x = "holds"\nClaim(\n    "holds",\n    "A")\nClaim(section="A", id="named")\nClaim(name="not this")\n'
    )
    place = "lib/duality/topic/claims.py"
    assert code_links(project, None) == {"holds": f"<code>{place}:2</code>", "named": f"<code>{place}:5</code>"}
    assert f"https://h/o/n/blob/main/{place}#L2" in code_links(project, "https://h/o/n")["holds"]


def test_synchronize_touches_only_what_differs(tmp_path: Path) -> None:
    synchronize(tmp_path, {"a/x": b"1", "b": b"2"})
    before = (tmp_path / "b").stat().st_mtime_ns
    synchronize(tmp_path, {"b": b"2", "c/d": b"3"})
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")) == ["b", "c", "c/d"]
    assert (tmp_path / "b").stat().st_mtime_ns == before
