"""Serverless caches: the operations on them, and how AWS shows them."""
