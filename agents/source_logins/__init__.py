"""With what sources of migrations are entered, as secrets of the user's say."""
