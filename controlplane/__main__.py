"""`python -m controlplane` is `cachewright`."""

from controlplane.cli import main

main()
