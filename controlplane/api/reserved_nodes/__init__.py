"""The operations on reserved nodes."""
