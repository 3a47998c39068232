"""Hybrid architectures: a neural module that writes an energy, and an algorithm layer that minimizes it."""
