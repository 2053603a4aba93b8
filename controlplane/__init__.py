"""What the API says and remembers: the control plane of Cachewright."""
