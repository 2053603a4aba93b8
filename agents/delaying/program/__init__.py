"""What runs in the container of the delaying relay. Standard library only."""
