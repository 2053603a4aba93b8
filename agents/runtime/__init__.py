"""Containers and the images they are made from."""
