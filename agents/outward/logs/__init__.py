"""Logs of nodes on their way to where the user wants them."""
