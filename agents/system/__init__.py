"""What belongs to the whole installation: the gateway, the directory, certificates and secrets."""
