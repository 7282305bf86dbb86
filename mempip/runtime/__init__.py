"""The light half: an image made importable in this interpreter. The standard library only."""
