"""The operations on parameter groups and their parameters."""
