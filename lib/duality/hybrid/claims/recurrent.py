from duality.ledger.claim import Claim

CLAIMS: tuple[Claim, ...] = ()
