"""Failures on purpose. They act through the container engine alone: what follows is what would follow any failure."""
