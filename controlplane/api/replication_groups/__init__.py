"""The operations on replication groups."""
