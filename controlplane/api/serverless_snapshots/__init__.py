"""The operations on snapshots of serverless caches."""
