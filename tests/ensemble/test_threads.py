"""One thread for a while."""

from __future__ import annotations

import pytest
import torch

from duality.ensemble.threads import one_thread


def test_there_is_one_thread_inside_and_as_many_as_before_after() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(KeyError), one_thread():
            assert torch.get_num_threads() == 1
            raise KeyError
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
