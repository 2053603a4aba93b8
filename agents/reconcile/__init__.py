"""One cache made as its spec says: look, decide, write down, act."""
