"""Proofs, from a statement to its steps, one module per part of the source."""
