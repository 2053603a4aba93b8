"""What whoever starts and tells the program has to know of it. Loaded without the program."""

from pathlib import Path

ADMIN = 1025
NAMES = 53
STATE, KEYS = Path("/state/state.json"), Path("/keys")
IDENTITY, ADMINISTRATORS = Path("/administration/identity.pem"), Path("/administration/authority.pem")
