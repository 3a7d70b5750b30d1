"""The tables of audit hang in one chain of hashes: `sealing` adds to it, `verifying` walks it.

A chain that the owner of the tables can recompute proves nothing by itself: each head is logged, away from here.
"""
