"""`python -m cachewright` is `cachewright`."""

from cachewright.controlplane.cli import main

main()
