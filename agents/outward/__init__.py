"""What services of the user's get and are asked: notifications, logs, metrics, EC2. No reconcile ever waits for it."""
