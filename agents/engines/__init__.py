"""How each engine is started, asked and told."""
