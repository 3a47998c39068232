"""Proofs of the statements about folded optimization: each is a function from the statement to its steps."""
