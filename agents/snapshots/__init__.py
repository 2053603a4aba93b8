"""Snapshots taken, copied and removed: files in the data directory, and the records that tell of them."""
