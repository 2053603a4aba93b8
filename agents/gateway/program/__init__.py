"""What runs in the container of the gateway that lets the kernel forward: Python's standard library alone."""
