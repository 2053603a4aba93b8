"""Files that only their installation, or a KMS of the user's, can open."""
