"""Pretend engines, for tests and for `CACHEWRIGHT_RUNTIME=memory`: they talk to the processes of a pretend machine."""
