"""Finished work on disk: written whole or not at all, and checked when it is read back."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

KEPT = 6  # entries of one name: a few profiles and parameter sets


def fingerprint(*parts: str) -> str:
    """A key of 24 hexadecimal digits that changes when any part does."""
    total = hashlib.sha256()
    for part in parts:
        total.update(hashlib.sha256(part.encode()).digest())
    return total.hexdigest()[:24]


def write_atomically(path: Path, text: str) -> None:
    """Write `text` so that a reader, or an interruption, never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink()
        raise


def store(folder: Path, key: str, text: str) -> Path:
    """Keep `text` under `key`, preceded by its own checksum; drop the oldest entries of the folder."""
    path = folder / key
    write_atomically(path, hashlib.sha256(text.encode()).hexdigest() + "\n" + text)
    entries = sorted(folder.glob("[0-9a-f]*"), key=lambda file: file.stat().st_mtime, reverse=True)
    for old in entries[KEPT:]:
        old.unlink(missing_ok=True)
    return path


def fetch(folder: Path, key: str) -> str | None:
    """The text kept under `key`, or None when there is none or it is damaged."""
    try:
        digest, _, text = (folder / key).read_text(encoding="utf-8").partition("\n")
    except (OSError, UnicodeDecodeError):
        return None
    return text if hashlib.sha256(text.encode()).hexdigest() == digest else None
