"""Decisions about a shard whose nodes replicate: who leads, and who follows."""
