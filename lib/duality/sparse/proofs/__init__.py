"""Proofs of the statements about PLISA: each is a function from the statement to its steps."""
