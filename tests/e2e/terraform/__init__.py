"""What Terraform is asked for in tests, and what then is there; `program` runs it."""
