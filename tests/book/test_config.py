from pathlib import Path

import pytest

from duality.book.chapters import read_chapters
from duality.book.config import read_config, render_config, repository
from duality.book.errors import BuildError
from duality.book.launch import launch_files
from duality.book.layout import Project, find_project
from duality.book.mathjax import MathJax
from small_book import REAL, chapter, make_project

MATHJAX = MathJax(Path("/somewhere"), "mathjax/x.js")
URL = "https://github.com/owner/name"


@pytest.fixture(autouse=True)
def no_setting_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DUALITY_REPOSITORY", raising=False)


def test_unset_repository_means_no_buttons() -> None:
    config = read_config(Project(REAL)) | {"repository": {"url": ""}}
    full = render_config(config, MATHJAX)
    assert repository(config) is None
    assert "repository" not in full and "launch_buttons" not in full
    assert full["sphinx"]["config"]["html_theme_options"]["use_download_button"] is False
    assert full["sphinx"]["config"]["mathjax_path"] == "mathjax/x.js"
    assert full["sphinx"]["config"]["html_static_path"] == ["assets", "/somewhere"]
    assert config["sphinx"]["config"]["html_static_path"] == ["assets"]


@pytest.mark.parametrize("written", [URL, URL + "/", URL + ".git"])
def test_one_setting_turns_all_buttons_on(written: str) -> None:
    config = read_config(Project(REAL)) | {"repository": {"url": written}}
    full = render_config(config, MATHJAX)
    theme = full["sphinx"]["config"]["html_theme_options"]
    assert full["repository"]["url"] == URL
    assert set(full["launch_buttons"]) == {"notebook_interface", "binderhub_url", "colab_url"}
    assert theme["use_download_button"] and theme["use_repository_button"] and theme["use_source_button"]


def test_environment_overrides_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUALITY_REPOSITORY", URL)
    assert repository({"repository": {"url": "https://github.com/other/one"}}) == URL


@pytest.mark.parametrize("wrong", ["owner/name", "http://github.com/owner/name", "https://github.com/owner"])
def test_other_addresses_are_refused(wrong: str) -> None:
    with pytest.raises(BuildError, match="is not of the form"):
        repository({"repository": {"url": wrong}})


def test_broken_configuration_is_named(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("a: [")
    with pytest.raises(BuildError, match=r"_config\.yml is not valid YAML"):
        read_config(Project(tmp_path))


def test_published_notebooks_have_no_outputs_and_install_on_colab(tmp_path: Path) -> None:
    project = make_project(tmp_path, one=chapter("# T\n\n```{code-cell} ipython3\nprint(1)\n```\n"))
    files = launch_files(project, read_chapters(project), URL)
    notebook = files["extra/notebooks/chapters/one.ipynb"].decode()
    assert f'\\"{URL}\\", \\"book\\"' in notebook and '"outputs": []' in notebook
    assert f"git+{URL}" in files["extra/requirements.txt"].decode()


def test_project_is_found_from_inside_and_by_the_package(tmp_path: Path) -> None:
    project = make_project(tmp_path / "book")
    assert find_project(project.chapters) == project
    assert find_project(tmp_path).library.is_dir()
