"""What the operations on several nouns have in common."""
