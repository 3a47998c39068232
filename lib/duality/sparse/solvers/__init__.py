"""Classic solvers for sparse recovery, one per file, on batches without a loop over problems."""
