"""Sparse recovery: path following, unrolled and learned, with what its theory asks of it (T chapter 7)."""
