"""The operations on subnet groups."""
