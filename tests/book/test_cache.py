from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duality.book import cache
from duality.book.cache import KEPT, fetch, fingerprint, store, write_atomically


def test_what_is_stored_comes_back(tmp_path: Path) -> None:
    store(tmp_path, "ab12", "line one\nline ‖x‖\n")
    assert fetch(tmp_path, "ab12") == "line one\nline ‖x‖\n"
    assert fetch(tmp_path, "ffff") is None


@pytest.mark.parametrize("damage", [b"", b"no checksum", b"0" * 64 + b"\ntext", b"\xff\xfe\x00"])
def test_a_damaged_entry_counts_as_missing(tmp_path: Path, damage: bytes) -> None:
    store(tmp_path, "ab12", "text")
    (tmp_path / "ab12").write_bytes(damage)
    assert fetch(tmp_path, "ab12") is None


def test_a_truncated_entry_counts_as_missing(tmp_path: Path) -> None:
    path = store(tmp_path, "ab12", "text" * 100)
    path.write_bytes(path.read_bytes()[:-1])
    assert fetch(tmp_path, "ab12") is None


def test_old_entries_go(tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        store(tmp_path, f"{number:x}", "text")
    assert len(list(tmp_path.iterdir())) == KEPT
    assert fetch(tmp_path, f"{KEPT + 2:x}") == "text"


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "file"
    write_atomically(target, "old")

    def interrupt(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cache.Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(target, "new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert target.read_text() == "old"


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_fingerprints_tell_lists_apart(one: list[str], other: list[str]) -> None:
    assert (fingerprint(*one) == fingerprint(*other)) == (one == other)
