"""The ledger: claims with computed verdicts.

`claim` holds the data types and the one rule that turns evidence into a verdict, `prove` discharges
proof steps exactly, `search` attacks bounds, `registry` gathers the claims of all topics beside the inventory of the
sources, and `report` prints them.
"""
