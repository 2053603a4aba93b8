"""The operations on cache security groups."""
