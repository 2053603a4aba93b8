"""What is due, and who works on it: the queue, and the sources that make keys due."""
