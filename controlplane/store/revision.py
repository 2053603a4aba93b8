"""Which tables this version of the program has."""

REVISION = "0010"  # the last step in `migrations/versions`
