"""Decisions about single nodes."""
