"""Caches for tests: a control plane that comes with the first of them and goes with the last, whatever ends them.

    from cachewright.testing.control_plane import Cachewright

    with Cachewright() as cachewright:
        cache = cachewright.create("redis")
        cache.client.set("key", "value")

With pytest the same is there as fixtures, see `cachewright.pytest_plugin`.
"""
