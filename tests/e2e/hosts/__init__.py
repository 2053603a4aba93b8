"""Three machines as one installation."""
