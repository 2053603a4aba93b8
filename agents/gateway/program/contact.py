"""What whoever starts and tells the program has to know of it. Loaded without the program."""

from pathlib import Path

ROUTES = Path("/gateway/routes.json")
SOURCES = 4  # addresses that connections seem to come from: each has 64,000 ports towards a target
UNKNOWN = "it is no request"  # so the program answers to what a later release has in addition
