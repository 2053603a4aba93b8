"""Nodes that are started before anybody asks for them."""
