"""Decisions about a cache in cluster mode: members and slots."""
