import json
from pathlib import Path
from typing import Any

import pytest

from duality.book.chapters import read_chapter, read_chapters
from duality.book.errors import BuildError, InputError
from duality.book.execute import executed_chapter, execution_key
from duality.book.layout import Project
from small_book import PARAMETERS, cell, chapter, make_project, write_chapter

DRAW = "from IPython.display import SVG, display\ndisplay(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))"
VALUES = {"mu": 0.5, "k": 3, "profile": "quick"}


def outputs(text: str) -> str:
    cells = json.loads(text)["cells"]
    return "".join("".join(o.get("text", "")) for c in cells if c["cell_type"] == "code" for o in c["outputs"])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    body = "# One\n\n" + PARAMETERS + cell("print(mu * k)")
    return make_project(tmp_path_factory.mktemp("book"), one=chapter(body))


def test_chapters_are_read(project: Project) -> None:
    one = read_chapter(project, "one")
    assert [parameter.name for parameter in one.parameters] == ["mu", "k", "profile"]
    assert [c.id for c in one.notebook().cells] == [c.id for c in one.notebook().cells] == ["one-0", "one-1", "one-2"]
    assert [c.name for c in read_chapters(project)] == ["one"]
    with pytest.raises(InputError, match="unknown chapter 'on'; there is: one"):
        read_chapter(project, "on")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# No header", "names no kernel"),
        (chapter("# T").replace("settles:", "setles:"), "unknown front matter under 'duality': setles"),
        (chapter(PARAMETERS + PARAMETERS), "2 cells are tagged"),
    ],
)
def test_broken_chapters_are_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BuildError, match=rf"bad\.md: .*{message}"):
        read_chapter(make_project(tmp_path, bad=text), "bad")


def test_run_is_stored_reused_and_repaired(project: Project) -> None:
    first = executed_chapter(project, "one", VALUES)
    assert outputs(first) == "1.5\n"
    (entry,) = (project.executed / "one").iterdir()
    stamp = entry.stat().st_mtime_ns
    assert executed_chapter(project, "one", VALUES) == first
    assert entry.stat().st_mtime_ns == stamp
    entry.write_text("damaged")
    assert outputs(executed_chapter(project, "one", VALUES)) == "1.5\n"
    assert entry.stat().st_mtime_ns != stamp


def test_parameters_reach_the_cells(project: Project) -> None:
    assert outputs(executed_chapter(project, "one", VALUES | {"mu": 2.0})) == "6.0\n"


def test_key_follows_everything_that_matters(tmp_path: Path) -> None:
    body = cell("from duality.topic import x") + "See figure `trends`.\n"
    project = make_project(tmp_path, one=chapter(body))
    module = project.library / "topic.py"
    unrelated = project.library / "other.py"
    figure = project.figures / "trends" / "full.csv"
    for file in (module, unrelated, figure):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x = 1\n")

    def key(**values: Any) -> str:
        return execution_key(project, read_chapter(project, "one"), values)

    keys = [key()]
    unrelated.write_text("x = 2\n")
    assert key() == keys[0]
    keys.append(key(mu=0.1))
    module.write_text("x = 2\n")
    keys.append(key())
    figure.write_text("x = 2\n")
    keys.append(key())
    project.requirements.write_text("numpy==2\n")
    keys.append(key())
    write_chapter(project, "one", chapter(body + "More.\n"))
    keys.append(key())
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "\nx = 1 / 0",
            r"chapter one, code cell 2, 'x = 1 / 0': raised ZeroDivisionError\n[\s\S]*division by zero",
        ),
        (
            "import sys\nprint('odd', file=sys.stderr)",
            r"code cell 2, 'import sys': wrote to standard error\nodd",
        ),
        (DRAW, r"code cell 2, '.*': shows an image without alternative text"),
        ("import os\nos._exit(1)", r"chapter one: the kernel died"),
    ],
)
def test_bad_cells_are_named(tmp_path: Path, code: str, message: str) -> None:
    project = make_project(tmp_path, one=chapter("# One\n\n" + PARAMETERS + cell(code)))
    with pytest.raises(BuildError, match=message) as caught:
        executed_chapter(project, "one", VALUES | {"mu": 0.25})
    assert "\x1b" not in str(caught.value)
    assert not (project.executed / "one").exists()


def test_images_with_alternative_text_pass(tmp_path: Path) -> None:
    project = make_project(tmp_path, one=chapter("# One\n\n" + cell(DRAW, alt="An empty picture")))
    assert "An empty picture" in executed_chapter(project, "one", {})
