"""The operations on service updates."""
