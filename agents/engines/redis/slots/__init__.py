"""Slots of a Redis or Valkey cluster: who serves them, and how they move with their keys."""
