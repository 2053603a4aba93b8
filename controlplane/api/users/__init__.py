"""The operations on users."""
