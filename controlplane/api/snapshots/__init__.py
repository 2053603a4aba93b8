"""The operations on snapshots."""
