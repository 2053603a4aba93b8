"""What runs in the container of the metering relay. Standard library only."""
