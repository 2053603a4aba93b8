"""What leaves for services of the user's: notifications, logs, metrics. No reconcile ever waits for any of it."""
