"""Pure values and rules of ElastiCache; the standard library only."""
