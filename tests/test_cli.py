import json
import subprocess
import sys
from pathlib import Path

import pytest

import small_book
from duality.book import build as build_module
from duality.book.layout import Project
from duality.cli import EXAMPLES, main
from small_book import PARAMETERS, cell, chapter, make_project

CHECKED = chapter("# One\n\n" + PARAMETERS + cell("print(mu * k)")).replace(
    "  settles: []", "  settles: []\n  parameters: test_support:small"
)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = make_project(tmp_path, one=CHECKED)
    (tmp_path / "test_support.py").write_text(
        "def small(mu, k, profile):\n    if k < 0:\n        raise ValueError(f'k must not be negative, got {k}')\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    sys.modules.pop("test_support", None)
    return made


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


@pytest.mark.parametrize("command", EXAMPLES)
def test_help_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    assert "examples:" in capsys.readouterr().out


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, duality.cli; duality.cli.parser(); print(sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"numpy", "sympy", "torch", "papermill", "jupytext", "matplotlib"} & set(loaded.split("'"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "on"], "unknown chapter 'on'; there is: one"),
        (["run", "one", "-p", "mus", "1"], "unknown parameter 'mus'; there is: mu, k, profile"),
        (["run", "one", "-p", "k", "1.5"], "parameter 'k' must be a whole number (default 3), not '1.5'"),
        (["run", "one", "-p", "k", "-1"], "k must not be negative, got -1"),
        (["run", "one", "-p", "k", "-1e-3"], "parameter 'k' must be a whole number (default 3), not '-1e-3'"),
        (["run", "one", "-p", "mu", "-inf"], "parameter 'mu' must be a finite number (default 0.5), not '-inf'"),
        (["run", "one", "-p", "mu"], "expected 2 arguments"),
        (["run", "one", "-p", "profile", "big"], "unknown profile 'big'; there is: quick, full"),
        (["build", "--profile", "quik"], "unknown profile 'quik'; there is: quick, full"),
        (["build", "--jobs", "-1"], "--jobs must be positive, not -1"),
        (["claim", "gd-convergense"], "unknown claim 'gd-convergense'; there is: gd-convergence, "),
        (["figure", "nothing-like-this"], "unknown figure 'nothing-like-this'"),
        (
            ["figure", "nothing-like-this", "--profile", "small"],
            "unknown profile 'small'; there is: quick, full",
        ),
        (["biuld"], "invalid choice: 'biuld'"),
        (["build", "--job", "two"], "invalid int value: 'two'"),
    ],
)
def test_bad_input_gets_one_line_and_code_two(
    project: Project, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert message in said(capsys)
    assert not project.runs.exists() and not project.executed.exists()


def test_run_prints_the_path_of_the_notebook(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "one", "-p", "mu", "0.25"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path.parent == project.runs and "mu-0.25" in path.name
    assert "0.75" in path.read_text()


def test_negative_numbers_may_have_an_exponent(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "one", "-p", "mu", "-2.5e-1"]) == 0
    assert "-0.75" in Path(capsys.readouterr().out.strip()).read_text()


def test_a_claim_says_where_its_box_stands(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    small_book.write_chapter(project, "one", chapter("# One\n", settles="gd-convergence"))
    assert main(["claim", "gd-convergence", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["verdict"] == "proved" and row["chapter"] == "chapters/one.html#claim-gd-convergence"


def test_a_topic_set_up_wrongly_is_one_line(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.library / "waves").mkdir()
    (project.library / "waves" / "claims.py").write_text("")
    monkeypatch.setattr("duality.__path__", [str(project.library)])
    assert main(["claim", "gd-convergence"]) == 1
    assert "waves has claims but no __init__.py" in said(capsys)


def test_ledger_prints_one_object_per_id(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_module.ledger_rows, "__defaults__", (small_book.settle,))
    assert main(["ledger", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == ["holds", "fails", "mended", "waits"]
    assert main(["ledger"]) == 0
    assert capsys.readouterr().out.count("\n") == len(rows)


def test_failing_cell_is_code_one(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    small_book.write_chapter(project, "one", chapter("# One\n\n" + cell("boom")))
    assert main(["run", "one"]) == 1
    assert "chapter one, code cell 1, 'boom': raised NameError" in capsys.readouterr().err


def test_serve_needs_a_built_site(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve"]) == 1
    assert "run `make book` first" in said(capsys)


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "build" in capsys.readouterr().out


def test_a_reader_may_stop_listening(tmp_path: Path) -> None:
    code = "import sys, duality.cli as c; c.run_build = lambda o: print('x' * 10**6); sys.exit(c.main(['build']))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141
