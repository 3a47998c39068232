"""Theorems That Run: statements about algorithms as layers, beside the code that tries to break them."""

__version__ = "0.1.0"
