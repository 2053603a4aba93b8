"""What the API may ask of the agent: dry runs of parameters, and usage."""
