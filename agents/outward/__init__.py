"""What services of the user's get and are asked: logs, metrics, EC2. No reconcile ever waits for any of it."""
