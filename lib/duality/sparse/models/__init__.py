"""Learned methods for sparse recovery, one per file."""
