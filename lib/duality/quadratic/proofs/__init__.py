"""Proofs, step by step: every function maps a statement to the steps that discharge it, or do not."""
