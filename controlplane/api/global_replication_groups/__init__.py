"""Global replication groups: AWS's global datastores."""
