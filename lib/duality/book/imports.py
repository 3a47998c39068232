"""Which library files a piece of code depends on, found by reading imports, and their joint hash."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from pathlib import Path

# A module that imports one of these may load any other module by name.
DYNAMIC = {"pkgutil", "importlib"}


def imported_names(code: str, package: str = "") -> set[str]:
    """Dotted names that `code` imports; `package` resolves relative imports.

    `from a import b` yields both `a` and `a.b`, since only the file system knows whether `b` is a module.
    Raises `SyntaxError` when `code` is not Python.
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                anchor = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*anchor, base]) if base else ".".join(anchor)
            found.add(base)
            found.update(f"{base}.{alias.name}" for alias in node.names)
    return found


def module_files(name: str, library: Path) -> list[Path]:
    """Files that importing the dotted `name` runs: the module and every package `__init__` above it."""
    parts = name.split(".")
    if parts[0] != library.name:
        return []
    files = []
    for depth in range(1, len(parts) + 1):
        place = library.joinpath(*parts[1:depth])
        files += [file for file in (place / "__init__.py", place.with_suffix(".py")) if file.is_file()]
    return files


def _package_of(file: Path, library: Path) -> str:
    """Dotted name of the package that relative imports in `file` start from."""
    return ".".join([library.name, *file.parent.relative_to(library).parts])


def _everything(library: Path) -> set[Path]:
    return {file for file in library.rglob("*") if file.is_file() and "__pycache__" not in file.parts}


def dependencies(code: str, library: Path) -> set[Path]:
    """All library files that running `code` may read, transitively.

    Data files count with the package that holds them. Code that cannot be parsed, or that imports by name at
    run time, depends on the whole library.
    """
    try:
        queue = sorted(imported_names(code))
    except SyntaxError:
        return _everything(library)
    seen: set[Path] = set()
    while queue:
        name = queue.pop()
        for file in module_files(name, library):
            if file in seen:
                continue
            seen.add(file)
            names = imported_names(file.read_text(), _package_of(file, library))
            if DYNAMIC & {imported.split(".")[0] for imported in names}:
                return _everything(library)
            queue.extend(names)
    for folder in {file.parent for file in seen}:
        seen.update(f for f in folder.iterdir() if f.is_file() and f.suffix not in {".py", ".pyc"})
    return seen


def hash_files(files: Iterable[Path], root: Path) -> str:
    """One SHA-256 over names (relative to `root`) and contents, in the order of the names."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(file.relative_to(root).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()
