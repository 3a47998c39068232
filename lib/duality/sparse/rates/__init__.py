"""The statements about sparse recovery by PLISA, one module per question; the proofs and the ledger rows read them."""
