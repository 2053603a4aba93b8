"""The operations on user groups."""
