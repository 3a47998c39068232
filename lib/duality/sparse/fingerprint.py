"""What a result was made from, as a short name: equal in every process, different for anything that differs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import torch
from torch import Tensor, nn

PLAIN = (bool, int, float, str, tuple, list)


def fingerprint(*values: Any) -> str:
    """Twenty hexadecimal digits.

    Tensors count with shape, type and entries, dataclasses with their fields, modules with the type and the plain
    settings of every part, their parameters and buffers; all else with its `repr`, which should hold no address.
    """
    found = hashlib.sha256()
    for value in values:
        for part in described(value):
            found.update(part)
    return found.hexdigest()[:20]


def described(value: Any) -> Iterator[bytes]:
    """The bytes that tell a value from others."""
    if isinstance(value, Tensor):
        yield f"{tuple(value.shape)} {value.dtype} {value.requires_grad};".encode()
        for part in value.detach().unbind() if value.ndim > 1 else [value.detach()]:  # of a large batch no second copy
            yield part.cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes()
    elif isinstance(value, nn.Module):
        for name, part in value.named_modules():
            yield f"{name} {type(part).__qualname__};".encode()
            for key, setting in vars(part).items():
                if not key.startswith("_"):
                    yield f"{key}=".encode()
                    yield from _setting(setting)
        for name, entry in value.state_dict(keep_vars=True).items():
            yield f"{name}=".encode()
            yield from described(entry)
    elif is_dataclass(value):
        yield f"{type(value).__qualname__};".encode()
        for each in fields(value):
            yield f"{each.name}=".encode()
            yield from described(getattr(value, each.name))
    else:
        yield f"{value!r};".encode()


def _setting(value: Any) -> Iterator[bytes]:
    """An attribute of a module: what is neither plain nor a dataclass has no state and counts with its type."""
    if isinstance(value, PLAIN) or is_dataclass(value):
        yield from described(value)
    else:
        yield f"{type(value).__qualname__};".encode()
