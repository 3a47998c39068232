from pathlib import Path

import pytest

from duality.book.imports import dependencies, hash_files, imported_names

FILES = {
    "__init__.py": "",
    "alone.py": "x = 1",
    "topic/__init__.py": "",
    "topic/rates.py": "from .problem import f\nfrom duality.kernel import base",
    "topic/problem.py": "def f():\n    from ..alone import x\n    return x",
    "topic/table.toml": "a = 1",
    "kernel/__init__.py": "from .base import b",
    "kernel/base.py": "b = 1",
    "finder.py": "import pkgutil",
}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    root = tmp_path / "duality"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def names(files: set[Path], library: Path) -> set[str]:
    return {file.relative_to(library).as_posix() for file in files}


def test_dependencies_are_transitive_and_take_relative_and_inner_imports(library: Path) -> None:
    found = names(dependencies("from duality.topic import rates", library), library)
    assert found == set(FILES) - {"finder.py"}


def test_code_without_the_library_depends_on_nothing(library: Path) -> None:
    assert dependencies("import numpy as np\nx = np.ones(3)", library) == set()


def test_a_module_beside_is_not_a_dependency(library: Path) -> None:
    assert names(dependencies("import duality.kernel", library), library) == {
        "__init__.py", "kernel/__init__.py", "kernel/base.py",
    }  # fmt: skip


@pytest.mark.parametrize("code", ["import duality.finder", "%matplotlib inline\nimport duality", "def ("])
def test_what_cannot_be_read_depends_on_everything(library: Path, code: str) -> None:
    assert names(dependencies(code, library), library) == set(FILES)


def test_imported_names_resolve_levels() -> None:
    assert imported_names("from ..a import b", "duality.x.y") == {"duality.x.a", "duality.x.a.b"}
    assert imported_names("from . import b", "duality.x") == {"duality.x", "duality.x.b"}


def test_hash_follows_content_and_name(library: Path) -> None:
    files = sorted(library.rglob("*.py"))
    before = hash_files(files, library)
    assert before == hash_files(reversed(files), library)
    (library / "alone.py").write_text("x = 2")
    changed = hash_files(files, library)
    (library / "alone.py").write_text("x = 1")
    (library / "alone.py").rename(library / "other.py")
    renamed = hash_files(sorted(library.rglob("*.py")), library)
    assert len({before, changed, renamed}) == 3
