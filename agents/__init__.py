"""What sees the world and acts on it; it meets the control plane in the store only."""
