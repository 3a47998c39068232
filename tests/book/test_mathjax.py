from pathlib import Path

import pytest

from duality.book import mathjax
from duality.book.errors import BuildError
from duality.book.mathjax import install, locate


def test_installed_release_comes_first(tmp_path: Path) -> None:
    (tmp_path / "mathjax").mkdir()
    (tmp_path / "mathjax" / "tex-svg.js").write_text("")
    assert locate(tmp_path).static == tmp_path


def test_packaged_release_is_the_fallback(tmp_path: Path) -> None:
    found = locate(tmp_path)
    assert (found.static / found.script).is_file()


def test_without_either_the_error_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mathjax, "FALLBACK", "no-such-package")
    with pytest.raises(BuildError, match=r"run `python -m duality\.book\.mathjax` once with a network"):
        locate(tmp_path)


def test_failed_download_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(BuildError, match=r"npm could not fetch mathjax"):
        install(tmp_path / "share")
    assert not (tmp_path / "share").exists()
