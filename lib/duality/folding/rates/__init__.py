"""The statements about folded optimization, one module per question; the proofs and the ledger rows read them."""
