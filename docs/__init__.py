"""The documentation, and what renews it."""
